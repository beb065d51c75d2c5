;; The shim that component tools make with references: functions in mutable globals, which a later start function sets.
;;! host log
;;! assert_return run() -> 7
;;!   log("hello")
;;!   log("hello")
;;! fused counts return_call_ref 0
;;! fused counts call_ref 0
;;! fused lacks (mut (ref
;;! fused lacks (start
(component
  (import "log" (func $log (param "s" string)))
  (core module $Shim
    (type $t (func (param i32 i32)))
    (type $u (func (param i32 i32)))
    (global $g (export "g0") (mut (ref $t)) (ref.func $stub))
    (global $h (export "g1") (mut (ref null $u)) (ref.null $u))
    (func $stub (type $t) unreachable)
    (func (export "0") (type $t) local.get 0 local.get 1 global.get $g return_call_ref $t)
    (func (export "1") (type $t) local.get 0 local.get 1 global.get $h ref.as_non_null call_ref $u))
  (core instance $shim (instantiate $Shim))
  (core module $Main
    (import "log" "0" (func $log (param i32 i32)))
    (import "log" "1" (func $log1 (param i32 i32)))
    (memory (export "m") 1)
    (data (i32.const 8) "hello")
    (func (export "run") (result i32) (call $log (i32.const 8) (i32.const 5)) (call $log1 (i32.const 8) (i32.const 5)) (i32.const 7)))
  (core instance $main (instantiate $Main (with "log" (instance $shim))))
  (core func $log' (canon lower (func $log) (memory $main "m")))
  (core module $Fix
    (type $t (func (param i32 i32)))
    (import "actual" "0" (func $f (type $t)))
    (import "shim" "g0" (global $g (mut (ref $t))))
    (import "shim" "g1" (global $h (mut (ref null $t))))
    (elem declare func $f)
    (func $s ref.func $f global.set $g ref.func $f global.set $h)
    (start $s))
  (core instance (instantiate $Fix (with "shim" (instance $shim)) (with "actual" (instance (export "0" (func $log'))))))
  (func (export "run") (result u32) (canon lift (core func $main "run"))))
