;;! assert_trap instantiate
(component
  (core module $M (table 1 funcref) (func $f) (elem (i32.const 1) $f))
  (core instance $m (instantiate $M)))
