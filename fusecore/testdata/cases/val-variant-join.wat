;; Payloads share a joined i64: f32 and integers are widened with zeros and read by their low bits; what a case does not
;; use is zero.
;;! assert_return run(0, 18446744073709551615) -> 0
;;! assert_return run(1, 18446744073709551361) -> 1152921504606846977
;;! assert_return run(2, 18446744069448138752) -> 2305843009247248384
;;! assert_return run(3, 18446744069414584320) -> 3458764513820540928
;;! assert_return run(4, 4614256656552045848) -> 2570638124657944
;;! assert_return run(5, 2) -> 5764607523034234881
;;! assert_return run(5, 0) -> 5764607523034234880
;;! assert_trap run(6, 1) "invalid discriminant"
(component
  (component $B
    (type $v0 (variant (case "none") (case "u" u8) (case "f" f32) (case "s" s16) (case "d" f64) (case "b" bool))) (export $v "v" (type $v0))
    (core module $M (func (export "f") (param i32 i64) (result i64) (i64.xor (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 60)) (local.get 1))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" $v) (result u64) (canon lift (core func $m "f"))))
  (component $A
    (type $v0 (variant (case "none") (case "u" u8) (case "f" f32) (case "s" s16) (case "d" f64) (case "b" bool))) (import "v" (type $v (eq $v0)))
    (import "f" (func $f (param "x" $v) (result u64)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "f" (func $f (param i32 i64) (result i64)))
      (func (export "run") (param i64 i64) (result i64) (call $f (i32.wrap_i64 (local.get 0)) (local.get 1))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "p0" u64) (param "p1" u64) (result u64) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "v" (type $b "v")) (with "f" (func $b "f"))))
  (export "run" (func $a "run")))
