;; type mismatch in import `need`: expected func, found instance
(component
  (component $p (import "need" (func)))
  (component $c (import "p" (component (import "need" (instance)))))
  (instance (instantiate $c (with "p" (component $p))))
)
