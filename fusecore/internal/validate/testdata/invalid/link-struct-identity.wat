;; expected global type (ref null (struct i64)), found (ref null (struct i32))
(component
  (core module $a (type $s (struct (field i32))) (global (export "x") (ref null $s) (ref.null $s)))
  (core module $b (type $s (struct (field i64))) (import "m" "x" (global (ref null $s))))
  (core instance $a (instantiate $a))
  (core instance (instantiate $b (with "m" (instance $a))))
)
