;; Extended constant expressions over imported globals, in globals, segments and tables; chains through three instances.
;;! assert_return sum() -> 4611686018427387960
;;! assert_return at() -> 98
;;! assert_return ind() -> 77
(component
  (core module $A
    (global (export "a") i32 (i32.const 7))
    (global (export "l") i64 (i64.const 0x4000000000000000)))
  (core instance $a (instantiate $A))
  (core module $B
    (import "" "a" (global $a i32))
    (import "" "l" (global $l i64))
    (global $own i32 (i32.mul (global.get $a) (i32.add (global.get $a) (i32.const 1))))
    (global (export "b") i32 (i32.sub (i32.mul (global.get $a) (i32.add (global.get $a) (i32.const 1))) (global.get $a)))
    (global (export "l2") i64 (i64.add (global.get $l) (i64.const 56)))
    (export "own" (global $own))
    (export "a again" (global $a)))
  (core instance $b (instantiate $B (with "" (instance $a))))
  (core module $C
    (import "" "b" (global $b i32))
    (import "" "own" (global $own i32))
    (import "" "a again" (global $a i32))
    (import "" "l2" (global $l i64))
    (memory 1)
    (table 100 funcref)
    (global $x i32 (i32.add (global.get $b) (i32.mul (global.get $own) (global.get $a))))
    (data (i32.add (global.get $x) (global.get $b)) "abc")
    (elem (i32.add (global.get $b) (i32.const 1)) $f)
    (func $f (result i32) (i32.const 77))
    (func (export "sum") (result i64) (global.get $l))
    (func (export "at") (result i32) (i32.load8_u (i32.add (i32.const 1) (i32.add (global.get $x) (global.get $b)))))
    (func (export "ind") (result i32) (call_indirect (result i32) (i32.const 50))))
  (core instance $c (instantiate $C (with "" (instance $b))))
  (func (export "sum") (result u64) (canon lift (core func $c "sum")))
  (func (export "at") (result u32) (canon lift (core func $c "at")))
  (func (export "ind") (result u32) (canon lift (core func $c "ind"))))
