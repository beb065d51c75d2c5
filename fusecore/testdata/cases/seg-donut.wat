;; A child's start function sees its parent's memory through a call of the parent, before the parent's later segment is there.
;;! host log
;;!   log(0)
;;! assert_return get(0) -> 97
;;! assert_return get(1) -> 33
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $A
    (import "" "log" (func $log (param i32)))
    (memory (export "m") 1)
    (func (export "f") (call $log (i32.load8_u (i32.const 0))) (i32.store16 (i32.const 0) (i32.const 0x2121)))
    (func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0))))
  (core instance $a (instantiate $A (with "" (instance (export "log" (func $log'))))))
  (func $f (canon lift (core func $a "f")))
  (component $C
    (import "f" (func $f))
    (core func $f' (canon lower (func $f)))
    (core module $S (import "" "f" (func $f)) (func $s (call $f)) (start $s))
    (core instance (instantiate $S (with "" (instance (export "f" (func $f')))))))
  (instance (instantiate $C (with "f" (func $f))))
  (core module $D (import "" "m" (memory 1)) (data (i32.const 0) "a"))
  (core instance (instantiate $D (with "" (instance $a))))
  (func (export "get") (param "x" u32) (result u32) (canon lift (core func $a "get"))))
