;; expected: (func (param i32)), found: (func (param i64))
(component
  (core module $a (func (export "x") (param i64)))
  (core module $b (import "m" "x" (func (param i32))))
  (core instance $a (instantiate $a))
  (core instance (instantiate $b (with "m" (instance $a))))
)
