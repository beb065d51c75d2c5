;; Any nonzero core value is true, and arrives as 1.
;;! assert_return run(0) -> 0
;;! assert_return run(1) -> 1
;;! assert_return run(2) -> 1
;;! assert_return run(256) -> 1
;;! assert_return run(4294967295) -> 1
;;! assert_return run(2147483648) -> 1
(component
  (component $B
    
    (core module $M (func (export "f") (param i32) (result i64) (i64.extend_i32_u (local.get 0))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" bool) (result u64) (canon lift (core func $m "f"))))
  (component $A
    
    (import "f" (func $f (param "x" bool) (result u64)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "f" (func $f (param i32) (result i64)))
      (func (export "run") (param i64) (result i64) (call $f (i32.wrap_i64 (local.get 0)))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "p0" u64) (result u64) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A  (with "f" (func $b "f"))))
  (export "run" (func $a "run")))
