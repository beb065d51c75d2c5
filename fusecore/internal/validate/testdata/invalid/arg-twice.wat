;; instantiation argument `x` conflicts with previous argument `x`
(component
  (import "f" (func $f))
  (component $c (import "x" (func)))
  (instance (instantiate $c (with "x" (func $f)) (with "x" (func $f))))
)
