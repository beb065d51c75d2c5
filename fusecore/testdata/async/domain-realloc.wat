;; Lowering a library's result runs the caller's realloc function while its may_leave flag is false. It must not call a
;; built-in that tests the flag, nor the library.
;;! async
;;! fused reports into 1 module
;;! assert_return run(0) -> 105
;;! assert_return run(3) -> 105
;;! assert_trap run(1) "cannot leave component instance"
;;! assert_trap run(2) "cannot leave component instance"
(component
  (component $L
    (core module $M
      (memory (export "memory") 1)
      (data (i32.const 0) "\10\00\00\00\05\00\00\00")
      (data (i32.const 16) "hello")
      (func (export "text") (result i32) i32.const 0)
      (func (export "f")))
    (core instance $m (instantiate $M))
    (func (export "text") (result string) (canon lift (core func $m "text") (memory (core memory $m "memory"))))
    (func (export "f") (canon lift (core func $m "f"))))
  (component $A
    (import "text" (func $text (result string)))
    (import "f" (func $f))
    (core func $new (canon waitable-set.new))
    (core func $inc (canon backpressure.inc))
    (core func $dec (canon backpressure.dec))
    (core func $f' (canon lower (func $f)))
    (core module $Memory
      (import "" "new" (func $new (result i32)))
      (import "" "inc" (func $inc))
      (import "" "dec" (func $dec))
      (import "" "f" (func $f))
      (memory (export "memory") 1)
      (global (export "mode") (mut i32) (i32.const 0))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (i32.eq (global.get 0) (i32.const 1)) (then (drop (call $new))))
        (if (i32.eq (global.get 0) (i32.const 2)) (then (call $f)))
        (if (i32.eq (global.get 0) (i32.const 3)) (then (call $inc) (call $dec)))
        (i32.const 100)))
    (core instance $memory (instantiate $Memory (with "" (instance
      (export "new" (func $new)) (export "inc" (func $inc)) (export "dec" (func $dec)) (export "f" (func $f'))))))
    (core func $text' (canon lower (func $text) (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "memory" (memory 1))
      (import "" "mode" (global $mode (mut i32)))
      (import "" "text" (func $text (param i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (param i32) (result i32)
        (global.set $mode (local.get 0))
        (call $text (i32.const 8))
        (call $return (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 12))))
        (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance
      (export "memory" (memory $memory "memory")) (export "mode" (global $memory "mode"))
      (export "text" (func $text')) (export "return" (func $return))))))
    (func (export "run") async (param "mode" u32) (result u32)
      (canon lift (core func $m "run") async (callback (core func $m "callback")))))
  (instance $l (instantiate $L))
  (instance $a (instantiate $A (with "text" (func $l "text")) (with "f" (func $l "f"))))
  (export "run" (func $a "run")))
