;; expected 2 types, found 3
(component
  (import "f" (func $f (param "a" (tuple u8 u8 u8))))
  (component $c (import "x" (func (param "a" (tuple u8 u8)))))
  (instance (instantiate $c (with "x" (func $f))))
)
