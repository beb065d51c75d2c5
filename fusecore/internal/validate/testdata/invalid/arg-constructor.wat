;; expected option, found list
(component
  (import "f" (func $f (param "a" (list u8))))
  (component $c (import "x" (func (param "a" (option u8)))))
  (instance (instantiate $c (with "x" (func $f))))
)
