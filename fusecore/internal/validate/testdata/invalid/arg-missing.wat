;; missing import named `x`
(component
  (component $c (import "x" (func)))
  (instance (instantiate $c))
)
