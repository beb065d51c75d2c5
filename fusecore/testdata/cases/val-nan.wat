;; NaN payloads and signs may pass as they are; other bits do.
;;! assert_return run(2147483648, 9223372036854775808) -> 2147483648
;;! assert_return run(1065353216, 4607182418800017408) -> 1065353216
(component
  (component $B
    
    (core module $M (func (export "f") (param f32 f64) (result i64) (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0)))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" (tuple f32 f64)) (result u64) (canon lift (core func $m "f"))))
  (component $A
    
    (import "f" (func $f (param "x" (tuple f32 f64)) (result u64)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "f" (func $f (param f32 f64) (result i64)))
      (func (export "run") (param i64 i64) (result i64) (call $f (f32.reinterpret_i32 (i32.wrap_i64 (local.get 0))) (f64.reinterpret_i64 (local.get 1)))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "p0" u64) (param "p1" u64) (result u64) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A  (with "f" (func $b "f"))))
  (export "run" (func $a "run")))
