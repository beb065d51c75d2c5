;; type mismatch in function parameter `a`: expected primitive `u8` found primitive `s8`
(component
  (import "f" (func $f (param "a" s8)))
  (component $c (import "x" (func (param "a" u8))))
  (instance (instantiate $c (with "x" (func $f))))
)
