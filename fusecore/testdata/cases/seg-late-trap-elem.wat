;; A segment that does not fit traps at its place: after the start function of an earlier instance and before that of its
;; own.
;;! host log
;;! assert_trap instantiate
;;!   log(1)
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $A (import "" "log" (func $log (param i32))) (func $s (call $log (i32.const 1))) (start $s))
  (core instance (instantiate $A (with "" (instance (export "log" (func $log'))))))
  (core module $B (import "" "log" (func $log (param i32))) (memory 1)
    (table 1 funcref) (func $f) (elem (i32.const 1) $f)
    (func $s (call $log (i32.const 2))) (start $s))
  (core instance (instantiate $B (with "" (instance (export "log" (func $log')))))))
