;; Narrow integers arrive reduced to their width, signed ones extended.
;;! assert_return run(511, 65535, 255, 32768) -> 9223653511831421183
;;! assert_return run(256, 65536, 256, 65536) -> 0
;;! assert_return run(4294967295, 4294967295, 4294967295, 4294967295) -> 18446744073709486335
(component
  (component $B
    
    (core module $M (func (export "f") (param i32 i32 i32 i32) (result i64) (i64.or (i64.or (i64.shl (i64.extend_i32_u (i32.and (local.get 3) (i32.const 0xffff))) (i64.const 48)) (i64.shl (i64.extend_i32_u (i32.and (local.get 2) (i32.const 0xffff))) (i64.const 32))) (i64.or (i64.shl (i64.extend_i32_u (local.get 1)) (i64.const 16)) (i64.extend_i32_u (i32.and (local.get 0) (i32.const 0xffff)))))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" (tuple u8 u16 s8 s16)) (result u64) (canon lift (core func $m "f"))))
  (component $A
    
    (import "f" (func $f (param "x" (tuple u8 u16 s8 s16)) (result u64)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "f" (func $f (param i32 i32 i32 i32) (result i64)))
      (func (export "run") (param i64 i64 i64 i64) (result i64) (call $f (i32.wrap_i64 (local.get 0)) (i32.wrap_i64 (local.get 1)) (i32.wrap_i64 (local.get 2)) (i32.wrap_i64 (local.get 3)))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "p0" u64) (param "p1" u64) (param "p2" u64) (param "p3" u64) (result u64) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A  (with "f" (func $b "f"))))
  (export "run" (func $a "run")))
