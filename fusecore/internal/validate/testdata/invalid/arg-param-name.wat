;; expected parameter named `b`, found `a`
(component
  (import "f" (func $f (param "a" u8)))
  (component $c (import "x" (func (param "b" u8))))
  (instance (instantiate $c (with "x" (func $f))))
)
