;; The order of a call: arguments are lowered, the callee runs, its result is lifted and lowered, then post-return runs.
;; Each step writes one digit down in a shared counter of its own instance, which the other digits are read from.
;;! host log
;;! assert_return run() -> 5
;;!   log(1)
;;!   log(2)
;;!   log(3)
;;! assert_return trace() -> 1234
(component
  (import "log" (func $log (param "x" u32)))
  (component $B
    (import "log" (func $log (param "x" u32)))
    (core func $log' (canon lower (func $log)))
    (core module $M
      (import "" "log" (func $log (param i32)))
      (memory (export "m") 1)
      (global $trace (mut i32) (i32.const 0))
      (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
      (func $step (param i32) (global.set $trace (i32.add (i32.mul (global.get $trace) (i32.const 10)) (local.get 0))))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $step (i32.const 1)) (i32.const 64))
      (func (export "f") (param i32 i32) (result i32)
        (call $step (i32.const 2)) (call $log (i32.const 1)) (call $log (i32.const 2)) (i32.const 8))
      (func (export "post") (param i32) (call $step (i32.const 3)))
      (func (export "trace") (result i32) (call $step (i32.const 4)) (call $log (i32.const 3)) (global.get $trace)))
    (core instance $m (instantiate $M (with "" (instance (export "log" (func $log'))))))
    (func (export "f") (param "s" string) (result string)
      (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc")) (post-return (func $m "post"))))
    (func (export "trace") (result u32) (canon lift (core func $m "trace"))))
  (component $A
    (import "f" (func $f (param "s" string) (result string)))
    (import "trace" (func $trace (result u32)))
    (core module $Mem (memory (export "m") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 128)))
    (core instance $mem (instantiate $Mem))
    (core func $f' (canon lower (func $f) (memory $mem "m") (realloc (func $mem "realloc"))))
    (core func $trace' (canon lower (func $trace)))
    (core module $M
      (import "" "f" (func $f (param i32 i32 i32)))
      (import "" "trace" (func $trace (result i32)))
      (import "mem" "m" (memory 1))
      (global $t (mut i32) (i32.const 0))
      (func (export "run") (result i32)
        (call $f (i32.const 0) (i32.const 1) (i32.const 16))
        (global.set $t (call $trace))
        (i32.load (i32.const 20)))
      (func (export "trace") (result i32) (global.get $t)))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "f" (func $f')) (export "trace" (func $trace'))))))
    (func (export "run") (result u32) (canon lift (core func $m "run")))
    (func (export "trace") (result u32) (canon lift (core func $m "trace"))))
  (instance $b (instantiate $B (with "log" (func $log))))
  (instance $a (instantiate $A (with "f" (func $b "f")) (with "trace" (func $b "trace"))))
  (export "run" (func $a "run"))
  (export "trace" (func $a "trace")))
