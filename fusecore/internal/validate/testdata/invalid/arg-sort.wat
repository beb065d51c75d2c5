;; expected component, found func
(component
  (import "f" (func $f))
  (component $c (import "x" (component)))
  (instance (instantiate $c (with "x" (func $f))))
)
