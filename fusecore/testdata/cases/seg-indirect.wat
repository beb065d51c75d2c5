;; A start function that sees a memory through a function that only a table names, of another instance.
;;! host log
;;!   log(0)
;;! assert_return get(0) -> 97
;;! assert_return get(1) -> 33
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $A
    (import "" "log" (func $log (param i32)))
    (memory (export "m") 1) (table (export "t") 1 funcref) (elem (i32.const 0) $f)
    (func $f (call $log (i32.load8_u (i32.const 0))) (i32.store16 (i32.const 0) (i32.const 0x2121)))
    (func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0))))
  (core instance $a (instantiate $A (with "" (instance (export "log" (func $log'))))))
  (core module $S (import "" "t" (table 1 funcref)) (func $s (call_indirect (i32.const 0))) (start $s))
  (core instance (instantiate $S (with "" (instance $a))))
  (core module $D (import "" "m" (memory 1)) (data (i32.const 0) "a"))
  (core instance (instantiate $D (with "" (instance $a))))
  (func (export "get") (param "x" u32) (result u32) (canon lift (core func $a "get"))))
