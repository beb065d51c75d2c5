;; A library that an async instance uses itself and through another one stays outside its domain: the second call would
;; enter the domain while it runs.
;;! async
;;! fused reports A uses L (it is fused with B)
;;! assert_return run() -> 12
(component
  (component $L
    (core module $M
      (global $n (mut i32) (i32.const 0))
      (func (export "g") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
    (core instance $m (instantiate $M))
    (func (export "g") (result u32) (canon lift (core func $m "g"))))
  (component $B
    (import "g" (func $g (result u32)))
    (core func $g' (canon lower (func $g)))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "g" (func $g (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "h") (result i32) (call $return (call $g)) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance (export "g" (func $g')) (export "return" (func $return))))))
    (func (export "h") async (result u32) (canon lift (core func $m "h") async (callback (core func $m "callback")))))
  (component $A
    (import "g" (func $g (result u32)))
    (import "h" (func $h async (result u32)))
    (core func $g' (canon lower (func $g)))
    (core func $h' (canon lower (func $h)))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "g" (func $g (result i32)))
      (import "" "h" (func $h (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (result i32)
        (call $return (i32.add (i32.mul (i32.const 10) (call $g)) (call $h)))
        (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance
      (export "g" (func $g')) (export "h" (func $h')) (export "return" (func $return))))))
    (func (export "run") async (result u32) (canon lift (core func $m "run") async (callback (core func $m "callback")))))
  (instance $l (instantiate $L))
  (instance $b (instantiate $B (with "g" (func $l "g"))))
  (instance $a (instantiate $A (with "g" (func $l "g")) (with "h" (func $b "h"))))
  (export "run" (func $a "run")))
