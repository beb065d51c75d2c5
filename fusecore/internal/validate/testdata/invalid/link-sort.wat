;; expected table, found memory
(component
  (core module $a (memory (export "x") 1))
  (core module $b (import "m" "x" (table 1 funcref)))
  (core instance $a (instantiate $a))
  (core instance (instantiate $b (with "m" (instance $a))))
)
