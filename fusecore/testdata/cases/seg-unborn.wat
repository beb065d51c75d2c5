;; The memory of a later instance does not exist while an earlier start function runs: its segments stay active, and so
;; do those whose offsets come from an imported global. Nothing is applied by the start function.
;;! host log
;;!   log(7)
;;! assert_return get(0) -> 97
;;! assert_return get(8) -> 122
;;! assert_return get(100) -> 98
;;! assert_return get(65535) -> 99
;;! fused counts memory.init 0
;;! fused counts table.init 0
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $A
    (import "" "log" (func $log (param i32)))
    (memory (export "m") 1)
    (global (export "base") i32 (i32.const 96))
    (data (i32.const 0) "\07")
    (func $s (call $log (i32.load8_u (i32.const 0)))) (start $s))
  (core instance $a (instantiate $A (with "" (instance (export "log" (func $log'))))))
  (core module $B
    (import "a" "base" (global $base i32))
    (memory (export "m") 1)
    (table (export "t") 4 funcref)
    (type $get (func (param i32) (result i32)))
    (func $get (type $get) (i32.load8_u (local.get 0)))
    (elem (i32.const 2) $get)
    (data (i32.const 0) "xyz")
    (data (i32.const 0) "a")
    (data (i32.const 8) "z")
    (data (i32.add (global.get $base) (i32.const 4)) "b")
    (data (i32.const 65535) "c")
    (func (export "get") (type $get) (call_indirect (type $get) (local.get 0) (i32.const 2))))
  (core instance $b (instantiate $B (with "a" (instance $a))))
  (core module $C (import "b" "m" (memory 1)) (data (i32.const 1) "bc"))
  (core instance (instantiate $C (with "b" (instance $b))))
  (func (export "get") (param "x" u32) (result u32) (canon lift (core func $b "get"))))
