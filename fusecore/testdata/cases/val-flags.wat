;; Bits without a label are dropped.
;;! assert_return run(0) -> 0
;;! assert_return run(7) -> 7
;;! assert_return run(8) -> 0
;;! assert_return run(4294967295) -> 7
;;! assert_return run(9) -> 1
(component
  (component $B
    (type $fl0 (flags "a" "b" "c")) (export $fl "fl" (type $fl0))
    (core module $M (func (export "f") (param i32) (result i64) (i64.extend_i32_u (local.get 0))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" $fl) (result u64) (canon lift (core func $m "f"))))
  (component $A
    (type $fl0 (flags "a" "b" "c")) (import "fl" (type $fl (eq $fl0)))
    (import "f" (func $f (param "x" $fl) (result u64)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "f" (func $f (param i32) (result i64)))
      (func (export "run") (param i64) (result i64) (call $f (i32.wrap_i64 (local.get 0)))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "p0" u64) (result u64) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "fl" (type $b "fl")) (with "f" (func $b "f"))))
  (export "run" (func $a "run")))
