;;! assert_trap instantiate
(component
  (core module $M (func $s unreachable) (start $s))
  (core instance $m (instantiate $M)))
