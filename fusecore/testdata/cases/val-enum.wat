;; A discriminant out of range traps; no other bit of it is looked away.
;;! assert_return run(0) -> 0
;;! assert_return run(2) -> 2
;;! assert_trap run(3) "invalid discriminant"
;;! assert_trap run(256) "invalid discriminant"
;;! assert_trap run(4294967295) "invalid discriminant"
(component
  (component $B
    (type $e0 (enum "a" "b" "c")) (export $e "e" (type $e0))
    (core module $M (func (export "f") (param i32) (result i64) (i64.extend_i32_u (local.get 0))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" $e) (result u64) (canon lift (core func $m "f"))))
  (component $A
    (type $e0 (enum "a" "b" "c")) (import "e" (type $e (eq $e0)))
    (import "f" (func $f (param "x" $e) (result u64)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "f" (func $f (param i32) (result i64)))
      (func (export "run") (param i64) (result i64) (call $f (i32.wrap_i64 (local.get 0)))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "p0" u64) (result u64) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "e" (type $b "e")) (with "f" (func $b "f"))))
  (export "run" (func $a "run")))
