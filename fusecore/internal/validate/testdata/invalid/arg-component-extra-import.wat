;; missing expected import `need`
(component
  (component $p (import "need" (func)))
  (component $c (import "p" (component)))
  (instance (instantiate $c (with "p" (component $p))))
)
