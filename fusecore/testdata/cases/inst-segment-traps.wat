;; An active segment that does not fit traps, though nothing uses the instance.
;;! assert_trap instantiate
(component
  (core module $M (memory 1) (data (i32.const 65534) "abc"))
  (core instance $m (instantiate $M)))
