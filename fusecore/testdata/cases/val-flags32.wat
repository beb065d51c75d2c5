;; 32 labels use all bits.
;;! assert_return run(4294967295) -> 4294967295
;;! assert_return run(2147483648) -> 2147483648
(component
  (component $B
    (type $fl0 (flags "f0" "f1" "f2" "f3" "f4" "f5" "f6" "f7" "f8" "f9" "f10" "f11" "f12" "f13" "f14" "f15" "f16" "f17" "f18" "f19" "f20" "f21" "f22" "f23" "f24" "f25" "f26" "f27" "f28" "f29" "f30" "f31")) (export $fl "fl" (type $fl0))
    (core module $M (func (export "f") (param i32) (result i64) (i64.extend_i32_u (local.get 0))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" $fl) (result u64) (canon lift (core func $m "f"))))
  (component $A
    (type $fl0 (flags "f0" "f1" "f2" "f3" "f4" "f5" "f6" "f7" "f8" "f9" "f10" "f11" "f12" "f13" "f14" "f15" "f16" "f17" "f18" "f19" "f20" "f21" "f22" "f23" "f24" "f25" "f26" "f27" "f28" "f29" "f30" "f31")) (import "fl" (type $fl (eq $fl0)))
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
