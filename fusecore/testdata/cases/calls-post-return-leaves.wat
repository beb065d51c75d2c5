;; Post-return of a callee must not leave its instance (CanonicalABI.md, canon_lift): neither to the host nor to another
;; instance, nor when the host is the caller. Afterwards, and before, the callee may.
;;! host log
;;! assert_return run(0) -> 7
;;!   log(0)
;;! assert_return run(0) -> 7
;;!   log(0)
;;! assert_trap run(1) "cannot leave component instance"
;;!   log(1)
;;! assert_trap run(2) "cannot leave component instance"
;;!   log(2)
;;! assert_return f(0) -> 7
;;!   log(0)
;;! assert_trap f(2) "cannot leave component instance"
;;!   log(2)
(component
  (import "log" (func $log (param "x" u32)))
  (component $C
    (core module $M (func (export "id") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $M))
    (func (export "id") (param "x" u32) (result u32) (canon lift (core func $m "id"))))
  (component $B
    (import "log" (func $log (param "x" u32)))
    (import "id" (func $id (param "x" u32) (result u32)))
    (core func $log' (canon lower (func $log)))
    (core func $id' (canon lower (func $id)))
    (core module $M
      (import "" "log" (func $log (param i32)))
      (import "" "id" (func $id (param i32) (result i32)))
      (global $mode (mut i32) (i32.const 0))
      (func (export "f") (param i32) (result i32)
        (global.set $mode (local.get 0)) (call $log (local.get 0)) (call $id (i32.const 7)))
      (func (export "post") (param i32)
        (if (i32.ne (local.get 0) (i32.const 7)) (then unreachable))
        (if (i32.eq (global.get $mode) (i32.const 1)) (then (call $log (i32.const 99))))
        (if (i32.eq (global.get $mode) (i32.const 2)) (then (drop (call $id (i32.const 99)))))))
    (core instance $m (instantiate $M (with "" (instance (export "log" (func $log')) (export "id" (func $id'))))))
    (func (export "f") (param "mode" u32) (result u32) (canon lift (core func $m "f") (post-return (func $m "post")))))
  (component $A
    (import "f" (func $f (param "mode" u32) (result u32)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "f" (func $f (param i32) (result i32)))
      (func (export "run") (param i32) (result i32) (call $f (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "mode" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $c (instantiate $C))
  (instance $b (instantiate $B (with "log" (func $log)) (with "id" (func $c "id"))))
  (instance $a (instantiate $A (with "f" (func $b "f"))))
  (export "run" (func $a "run"))
  (export "f" (func $b "f")))
