;; The caller's realloc, called to lower a result, must not leave the instance: not to the host, not to another instance,
;; not through a table. What it may do is anything else.
;;! host log
;;! assert_return run(0) -> 5
;;! assert_trap run(1) "cannot leave component instance"
;;! assert_trap run(2) "cannot leave component instance"
;;! assert_trap run(3) "cannot leave component instance"
;;! assert_trap run(4) "cannot leave component instance"
;;! assert_return run(5) -> 5
;;!   log(5)
(component
  (import "log" (func $log (param "x" u32)))
  (component $B
    (core module $M
      (memory (export "m") 1)
      (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
      (func (export "str") (result i32) (i32.const 8))
      (func (export "plain") (param i32)))
    (core instance $m (instantiate $M))
    (func (export "str") (result string) (canon lift (core func $m "str") (memory $m "m")))
    (func (export "plain") (param "x" u32) (canon lift (core func $m "plain"))))
  (component $A
    (import "str" (func $str (result string)))
    (import "plain" (func $plain (param "x" u32)))
    (import "log" (func $log (param "x" u32)))
    (core module $Mem
      (memory (export "m") 1)
      (table (export "t") 4 funcref)
      (global $mode (export "mode") (mut i32) (i32.const 0))
      (type $v (func (param i32)))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (i32.eq (global.get $mode) (i32.const 0)) (then (return (i32.const 64))))
        (if (i32.eq (global.get $mode) (i32.const 5)) (then (return (i32.const 64))))
        (call_indirect (type $v) (global.get $mode) (i32.sub (global.get $mode) (i32.const 1)))
        (i32.const 64)))
    (core instance $mem (instantiate $Mem))
    (core func $str' (canon lower (func $str) (memory $mem "m") (realloc (func $mem "realloc"))))
    (core func $plain' (canon lower (func $plain)))
    (core func $log' (canon lower (func $log)))
    (core module $M
      (import "" "str" (func $str (param i32)))
      (import "" "plain" (func $plain (param i32)))
      (import "" "log" (func $log (param i32)))
      (import "mem" "m" (memory 1))
      (import "mem" "t" (table 4 funcref))
      (import "mem" "mode" (global $mode (mut i32)))
      (func $both (param i32) (call $plain (local.get 0)) (call $log (local.get 0)))
      (func $tail (param i32) (return_call $log (local.get 0)))
      (elem (i32.const 0) $log $plain $both $tail)
      (func (export "run") (param i32) (result i32)
        (global.set $mode (local.get 0))
        (call $str (i32.const 16))
        (if (i32.eq (local.get 0) (i32.const 5)) (then (call $log (local.get 0)) (call $plain (i32.const 0))))
        (i32.load (i32.const 20))))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance
      (export "str" (func $str')) (export "plain" (func $plain')) (export "log" (func $log'))))))
    (func (export "run") (param "mode" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "str" (func $b "str")) (with "plain" (func $b "plain")) (with "log" (func $log))))
  (export "run" (func $a "run")))
