;; A component without tags between two that have them: its caller is not caught by the thrower's exception either.
;;! assert_trap run() "uncaught exception"
;;! assert_return fine() -> 3
(component
  (component $C
    (core module $M (tag $e) (func (export "f") (param i32) (result i32) (if (local.get 0) (then (throw $e))) (i32.const 3)))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f"))))
  (component $B
    (import "f" (func $f (param "x" u32) (result u32)))
    (core func $f' (canon lower (func $f)))
    (core module $M (import "" "f" (func $f (param i32) (result i32))) (func (export "f") (param i32) (result i32) (call $f (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f"))))
  (component $A
    (import "f" (func $f (param "x" u32) (result u32)))
    (core func $f' (canon lower (func $f)))
    (core module $M (import "" "f" (func $f (param i32) (result i32)))
      (func $try (param i32) (result i32)
        (block $c (try_table (catch_all $c) (return (call $f (local.get 0))))) (i32.const 999))
      (func (export "run") (result i32) (call $try (i32.const 1)))
      (func (export "fine") (result i32) (call $try (i32.const 0))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (result u32) (canon lift (core func $m "run")))
    (func (export "fine") (result u32) (canon lift (core func $m "fine"))))
  (instance $c (instantiate $C))
  (instance $b (instantiate $B (with "f" (func $c "f"))))
  (instance $a (instantiate $A (with "f" (func $b "f"))))
  (export "run" (func $a "run"))
  (export "fine" (func $a "fine")))
