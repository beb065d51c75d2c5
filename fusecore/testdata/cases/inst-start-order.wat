;; Segments of a later instance are not seen by an earlier one's start function, in memory or table, and every start
;; sees what came before it.
;;! host log
;;!   log(0)
;;!   log(0)
;;!   log(1)
;;!   log(1)
;;!   log(2)
;;! assert_return bytes() -> 67305985
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $A
    (import "" "log" (func $log (param i32)))
    (memory (export "m") 1)
    (table (export "t") 4 funcref)
    (func (export "bytes") (result i32) (i32.load (i32.const 0)))
    (func $s (call $log (i32.load (i32.const 0))) (call $log (i32.eqz (ref.is_null (table.get 0 (i32.const 1))))))
    (start $s))
  (core instance $a (instantiate $A (with "" (instance (export "log" (func $log'))))))
  (core module $B
    (import "" "log" (func $log (param i32)))
    (import "a" "m" (memory 1))
    (import "a" "t" (table 4 funcref))
    (data (i32.const 0) "\01")
    (elem (i32.const 1) $one)
    (func $one)
    (func $s (call $log (i32.load (i32.const 0))) (call $log (i32.eqz (ref.is_null (table.get 0 (i32.const 1))))))
    (start $s))
  (core instance $b (instantiate $B (with "a" (instance $a)) (with "" (instance (export "log" (func $log'))))))
  (core module $C
    (import "a" "m" (memory 1))
    (data (i32.const 0) "\02"))
  (core instance $c (instantiate $C (with "a" (instance $a))))
  (core module $D
    (import "" "log" (func $log (param i32)))
    (import "a" "m" (memory 1))
    (func $s (call $log (i32.load (i32.const 0))) (i32.store (i32.const 0) (i32.const 0x04030201)))
    (start $s))
  (core instance $d (instantiate $D (with "a" (instance $a)) (with "" (instance (export "log" (func $log'))))))
  (func (export "bytes") (result u32) (canon lift (core func $a "bytes"))))
