;; A task goes on after it has returned, and calls an async function that returns at once. The call does not let the host
;; continue.
;;! async
;;! fused reports into 1 module
;;! host log($x) -> none
;;! instance
;;! assert_return run() -> 1
;;!   log(5) -> none
(component
  (import "log" (func $log (param "x" u32)))
  (component $L
    (import "log" (func $log (param "x" u32)))
    (core func $log' (canon lower (func $log)))
    (core module $M
      (import "" "log" (func $log (param i32)))
      (func (export "f") (call $log (i32.const 5))))
    (core instance $m (instantiate $M (with "" (instance (export "log" (func $log'))))))
    (func (export "f") async (canon lift (core func $m "f"))))
  (component $A
    (import "f" (func $f async))
    (core func $f' (canon lower (func $f)))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "f" (func $f))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (result i32) (call $return (i32.const 1)) (call $f) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f')) (export "return" (func $return))))))
    (func (export "run") async (result u32) (canon lift (core func $m "run") async (callback (core func $m "callback")))))
  (instance $l (instantiate $L (with "log" (func $log))))
  (instance $a (instantiate $A (with "f" (func $l "f"))))
  (export "run" (func $a "run")))
