;; does not export an item named `x`
(component
  (core module $a (func (export "y")))
  (core module $b (import "m" "x" (func)))
  (core instance $a (instantiate $a))
  (core instance (instantiate $b (with "m" (instance $a))))
)
