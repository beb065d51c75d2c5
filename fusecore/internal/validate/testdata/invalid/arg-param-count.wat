;; expected 2 parameters, found 1
(component
  (import "f" (func $f (param "a" u8)))
  (component $c (import "x" (func (param "a" u8) (param "b" u8))))
  (instance (instantiate $c (with "x" (func $f))))
)
