;; A start function that sees a memory through the destructor of a resource that it drops.
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
    (func (export "dtor") (param i32) (call $log (i32.load8_u (i32.const 0))) (i32.store16 (i32.const 0) (i32.const 0x2121)))
    (func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0))))
  (core instance $a (instantiate $A (with "" (instance (export "log" (func $log'))))))
  (type $r (resource (rep i32) (dtor (func $a "dtor"))))
  (core func $new (canon resource.new $r))
  (core func $drop (canon resource.drop $r))
  (core module $S (import "" "new" (func $new (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
    (func $s (call $drop (call $new (i32.const 3)))) (start $s))
  (core instance (instantiate $S (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
  (core module $D (import "" "m" (memory 1)) (data (i32.const 0) "a"))
  (core instance (instantiate $D (with "" (instance $a))))
  (func (export "get") (param "x" u32) (result u32) (canon lift (core func $a "get"))))
