;; A variant inside a variant: slots are joined twice.
;;! assert_return run(0, 0, 1) -> 1048576
;;! assert_return run(0, 1, 18446744069448138752) -> 35184372088833
;;! assert_return run(1, 18446744073709551615, 5) -> 17293822569102704639
;;! assert_trap run(0, 2, 0) "invalid discriminant"
;;! assert_trap run(2, 0, 0) "invalid discriminant"
(component
  (component $B
    (type $i0 (variant (case "a" u32) (case "b" f32))) (export $i "i" (type $i0))
    (type $v0 (variant (case "in" $i) (case "wide" u64))) (export $v "v" (type $v0))
    (core module $M (func (export "f") (param i32 i64 i32) (result i64) (i64.xor (i64.xor (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 60)) (local.get 1)) (i64.shl (i64.extend_i32_u (local.get 2)) (i64.const 20)))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" $v) (result u64) (canon lift (core func $m "f"))))
  (component $A
    (type $i0 (variant (case "a" u32) (case "b" f32))) (import "i" (type $i (eq $i0)))
    (type $v0 (variant (case "in" $i) (case "wide" u64))) (import "v" (type $v (eq $v0)))
    (import "f" (func $f (param "x" $v) (result u64)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "f" (func $f (param i32 i64 i32) (result i64)))
      (func (export "run") (param i64 i64 i64) (result i64) (call $f (i32.wrap_i64 (local.get 0)) (local.get 1) (i32.wrap_i64 (local.get 2)))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "p0" u64) (param "p1" u64) (param "p2" u64) (result u64) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "i" (type $b "i")) (with "v" (type $b "v")) (with "f" (func $b "f"))))
  (export "run" (func $a "run")))
