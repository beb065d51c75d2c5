;; type mismatch in list element
(component
  (import "f" (func $f (param "a" (list u16))))
  (component $c (import "x" (func (param "a" (list u8)))))
  (instance (instantiate $c (with "x" (func $f))))
)
