;; mismatch in memory limits: expected (2 3), found (2 4)
(component
  (core module $a (memory (export "x") 2 4))
  (core module $b (import "m" "x" (memory 2 3)))
  (core instance $a (instantiate $a))
  (core instance (instantiate $b (with "m" (instance $a))))
)
