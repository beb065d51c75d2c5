;; Options and results nest; payloads that are not there are zero.
;;! assert_return run(0, 7, 7, 7) -> 700000000
;;! assert_return run(1, 0, 9, 7) -> 709000001
;;! assert_return run(1, 1, 65, 7) -> 765001001
;;! assert_trap run(1, 1, 55296, 7) "invalid char"
;;! assert_trap run(1, 2, 0, 0) "invalid discriminant"
;;! assert_trap run(2, 0, 0, 0) "invalid discriminant"
(component
  (component $B
    
    (core module $M (func (export "f") (param i32 i32 i32 i32) (result i64) (i64.extend_i32_u (i32.add (i32.add (local.get 0) (i32.mul (i32.const 1000) (local.get 1))) (i32.add (i32.mul (i32.const 1000000) (local.get 2)) (i32.mul (i32.const 100000000) (local.get 3)))))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" (tuple (option (result u8 (error char))) u8)) (result u64) (canon lift (core func $m "f"))))
  (component $A
    
    (import "f" (func $f (param "x" (tuple (option (result u8 (error char))) u8)) (result u64)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "f" (func $f (param i32 i32 i32 i32) (result i64)))
      (func (export "run") (param i64 i64 i64 i64) (result i64) (call $f (i32.wrap_i64 (local.get 0)) (i32.wrap_i64 (local.get 1)) (i32.wrap_i64 (local.get 2)) (i32.wrap_i64 (local.get 3)))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "p0" u64) (param "p1" u64) (param "p2" u64) (param "p3" u64) (result u64) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A  (with "f" (func $b "f"))))
  (export "run" (func $a "run")))
