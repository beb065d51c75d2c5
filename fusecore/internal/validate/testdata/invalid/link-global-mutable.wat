;; expected a global with mutable true, found false
(component
  (core module $a (global (export "x") i32 (i32.const 1)))
  (core module $b (import "m" "x" (global (mut i32))))
  (core instance $a (instantiate $a))
  (core instance (instantiate $b (with "m" (instance $a))))
)
