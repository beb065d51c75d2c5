;; A start function that traps between two instances with segments, after a call of the host.
;;! host log
;;! assert_trap instantiate
;;!   log(97)
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $A (import "" "log" (func $log (param i32))) (memory (export "m") 1) (data (i32.const 0) "a")
    (func $s (call $log (i32.load8_u (i32.const 0))) unreachable) (start $s))
  (core instance $a (instantiate $A (with "" (instance (export "log" (func $log'))))))
  (core module $B (import "" "log" (func $log (param i32))) (import "a" "m" (memory 1)) (data (i32.const 0) "b")
    (func $s (call $log (i32.load8_u (i32.const 0)))) (start $s))
  (core instance (instantiate $B (with "" (instance (export "log" (func $log')))) (with "a" (instance $a)))))
