;; Start functions that see the memory, one between two instances with segments. What touches or overlaps becomes one piece,
;; later bytes win, and the bytes between pieces stay what the start functions wrote.
;;! host log
;;!   log(117901063)
;;!   log(1684234849)
;;! assert_return get(0) -> 1684234849
;;! assert_return get(4) -> 117901157
;;! assert_return get(8) -> 117901063
;;! assert_return get(12) -> 2021160967
;;! assert_return get(16) -> 121
;;! fused counts memory.init 2
;;! fused counts data.drop 2
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $A
    (import "" "log" (func $log (param i32)))
    (memory (export "m") 1)
    (func (export "get") (param i32) (result i32) (i32.load (local.get 0)))
    (func $s (memory.fill (i32.const 0) (i32.const 7) (i32.const 16)) (call $log (i32.load (i32.const 0)))) (start $s))
  (core instance $a (instantiate $A (with "" (instance (export "log" (func $log'))))))
  (core module $B
    (import "" "log" (func $log (param i32)))
    (import "a" "m" (memory 1))
    (data (i32.const 2) "xyz")
    (data (i32.const 0) "abc")
    (data (i32.const 3) "d")
    (data (i32.const 4) "")
    (data (i32.const 13) "xxxy")
    (func $s (call $log (i32.load (i32.const 0)))) (start $s))
  (core instance (instantiate $B (with "a" (instance $a)) (with "" (instance (export "log" (func $log'))))))
  (core module $C
    (import "a" "m" (memory 1))
    (data (i32.const 4) "ef") (data (i32.const 5) "\07"))
  (core instance (instantiate $C (with "a" (instance $a))))
  (func (export "get") (param "x" u32) (result u32) (canon lift (core func $a "get"))))
