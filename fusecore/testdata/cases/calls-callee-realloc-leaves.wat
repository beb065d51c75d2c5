;; The callee's realloc, called to lower an argument, must not leave; the callee itself may.
;;! host log
;;! assert_return run(0) -> 3
;;!   log(1)
;;! assert_trap run(1) "cannot leave component instance"
(component
  (import "log" (func $log (param "x" u32)))
  (component $B
    (import "log" (func $log (param "x" u32)))
    (core func $log' (canon lower (func $log)))
    (core module $M
      (import "" "log" (func $log (param i32)))
      (memory (export "m") 1)
      (global $mode (mut i32) (i32.const 0))
      (func (export "mode") (param i32) (global.set $mode (local.get 0)))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (global.get $mode) (then (call $log (i32.const 9))))
        (i32.const 64))
      (func (export "len") (param i32 i32) (result i32) (call $log (i32.const 1)) (local.get 1)))
    (core instance $m (instantiate $M (with "" (instance (export "log" (func $log'))))))
    (func (export "mode") (param "m" u32) (canon lift (core func $m "mode")))
    (func (export "len") (param "s" string) (result u32)
      (canon lift (core func $m "len") (memory $m "m") (realloc (func $m "realloc")))))
  (component $A
    (import "mode" (func $mode (param "m" u32)))
    (import "len" (func $len (param "s" string) (result u32)))
    (core module $Mem (memory (export "m") 1) (data (i32.const 0) "abc"))
    (core instance $mem (instantiate $Mem))
    (core func $len' (canon lower (func $len) (memory $mem "m")))
    (core func $mode' (canon lower (func $mode)))
    (core module $M
      (import "" "len" (func $len (param i32 i32) (result i32)))
      (import "" "mode" (func $mode (param i32)))
      (func (export "run") (param i32) (result i32)
        (call $mode (local.get 0))
        (call $len (i32.const 0) (i32.const 3))))
    (core instance $m (instantiate $M (with "" (instance (export "len" (func $len')) (export "mode" (func $mode'))))))
    (func (export "run") (param "mode" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B (with "log" (func $log))))
  (instance $a (instantiate $A (with "mode" (func $b "mode")) (with "len" (func $b "len"))))
  (export "run" (func $a "run")))
