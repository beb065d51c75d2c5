;; A start function that calls another component instance, whose function calls the host.
;;! host log
;;!   log(5)
;;! assert_return get() -> 6
(component
  (import "log" (func $log (param "x" u32)))
  (component $A
    (import "log" (func $log (param "x" u32)))
    (core func $log' (canon lower (func $log)))
    (core module $M
      (import "" "log" (func $log (param i32)))
      (global $g (mut i32) (i32.const 0))
      (func (export "set") (param i32) (call $log (local.get 0)) (global.set $g (local.get 0)))
      (func (export "get") (result i32) (global.get $g))
      (func $s (global.set $g (i32.const 1))) (start $s))
    (core instance $m (instantiate $M (with "" (instance (export "log" (func $log'))))))
    (func (export "set") (param "x" u32) (canon lift (core func $m "set")))
    (func (export "get") (result u32) (canon lift (core func $m "get"))))
  (component $B
    (import "set" (func $set (param "x" u32)))
    (import "get" (func $get (result u32)))
    (core func $set' (canon lower (func $set)))
    (core func $get' (canon lower (func $get)))
    (core module $M
      (import "" "set" (func $set (param i32)))
      (import "" "get" (func $get (result i32)))
      (func $s (if (i32.ne (call $get) (i32.const 1)) (then unreachable)) (call $set (i32.const 5))) (start $s)
      (func (export "get") (result i32) (i32.add (call $get) (i32.const 1))))
    (core instance $m (instantiate $M (with "" (instance (export "set" (func $set')) (export "get" (func $get'))))))
    (func (export "get") (result u32) (canon lift (core func $m "get"))))
  (instance $a (instantiate $A (with "log" (func $log))))
  (instance $b (instantiate $B (with "set" (func $a "set")) (with "get" (func $a "get"))))
  (export "get" (func $b "get")))
