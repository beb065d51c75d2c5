;; A start function that cannot see a memory, although the memory is there: a later instance's segments stay active.
;;! host log
;;!   log(1)
;;! assert_return get(0) -> 97
;;! assert_return get(5) -> 98
;;! fused counts memory.init 0
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $Mem (memory (export "m") 1) (func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0))))
  (core instance $mem (instantiate $Mem))
  (core module $S
    (import "" "log" (func $log (param i32)))
    (memory 1)
    (func $s (i32.store8 (i32.const 0) (i32.const 1)) (call $log (i32.load8_u (i32.const 0)))) (start $s))
  (core instance (instantiate $S (with "" (instance (export "log" (func $log'))))))
  (core module $D (import "" "m" (memory 1)) (data (i32.const 0) "a") (data (i32.const 5) "b"))
  (core instance (instantiate $D (with "" (instance $mem))))
  (func (export "get") (param "x" u32) (result u32) (canon lift (core func $mem "get"))))
