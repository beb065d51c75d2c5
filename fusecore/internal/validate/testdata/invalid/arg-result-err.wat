;; type mismatch in err variant
(component
  (import "f" (func $f (param "a" (result u8 (error u16)))))
  (component $c (import "x" (func (param "a" (result u8 (error u8))))))
  (instance (instantiate $c (with "x" (func $f))))
)
