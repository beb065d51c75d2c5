;; Start functions call the host in the order of the composition: the library does not join the async instance that uses
;; it, because another one is instantiated between them.
;;! async
;;! fused reports A uses L (X is instantiated between them)
;;! host log($x) -> none
;;! instance
;;!   log(1) -> none
;;!   log(2) -> none
;;!   log(3) -> none
;;! assert_return run() -> 7
(component
  (import "log" (func $log (param "x" u32)))
  (component $L
    (import "log" (func $log (param "x" u32)))
    (core func $log' (canon lower (func $log)))
    (core module $M
      (import "" "log" (func $log (param i32)))
      (func (export "f") (result i32) (i32.const 7))
      (func $start (call $log (i32.const 1)))
      (start $start))
    (core instance $m (instantiate $M (with "" (instance (export "log" (func $log'))))))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $X
    (import "log" (func $log (param "x" u32)))
    (core func $log' (canon lower (func $log)))
    (core module $M
      (import "" "log" (func $log (param i32)))
      (func $start (call $log (i32.const 2)))
      (start $start))
    (core instance $m (instantiate $M (with "" (instance (export "log" (func $log')))))))
  (component $A
    (import "log" (func $log (param "x" u32)))
    (import "f" (func $f (result u32)))
    (core func $log' (canon lower (func $log)))
    (core func $f' (canon lower (func $f)))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "log" (func $log (param i32)))
      (import "" "f" (func $f (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (result i32) (call $return (call $f)) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable)
      (func $start (call $log (i32.const 3)))
      (start $start))
    (core instance $m (instantiate $M (with "" (instance
      (export "log" (func $log')) (export "f" (func $f')) (export "return" (func $return))))))
    (func (export "run") async (result u32) (canon lift (core func $m "run") async (callback (core func $m "callback")))))
  (instance $l (instantiate $L (with "log" (func $log))))
  (instance $x (instantiate $X (with "log" (func $log))))
  (instance $a (instantiate $A (with "log" (func $log)) (with "f" (func $l "f"))))
  (export "run" (func $a "run")))
