;; mismatch in memory index type: expected i32, found i64
(component
  (core module $a (memory (export "x") i64 1))
  (core module $b (import "m" "x" (memory 1)))
  (core instance $a (instantiate $a))
  (core instance (instantiate $b (with "m" (instance $a))))
)
