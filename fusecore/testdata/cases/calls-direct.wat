;; Flat 32- and 64-bit values with nothing to guard: the caller's module calls the callee's function itself.
;;! assert_return add(40, 2) -> 42
;;! assert_return f64(1.5) -> 2.5
;;! assert_return s64(-9223372036854775808) -> -9223372036854775808
;;! fused lacks call_indirect
;;! fused lacks A>B
(component
  (component $B
    (core module $M
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "f64") (param f64) (result f64) (f64.add (local.get 0) (f64.const 1)))
      (func (export "s64") (param i64) (result i64) (local.get 0)))
    (core instance $m (instantiate $M))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add")))
    (func (export "f64") (param "a" f64) (result f64) (canon lift (core func $m "f64")))
    (func (export "s64") (param "a" s64) (result s64) (canon lift (core func $m "s64"))))
  (component $A
    (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
    (import "f64" (func $f64 (param "a" f64) (result f64)))
    (import "s64" (func $s64 (param "a" s64) (result s64)))
    (core func $add' (canon lower (func $add)))
    (core func $f64' (canon lower (func $f64)))
    (core func $s64' (canon lower (func $s64)))
    (core module $M
      (import "" "add" (func $add (param i32 i32) (result i32)))
      (import "" "f64" (func $f64 (param f64) (result f64)))
      (import "" "s64" (func $s64 (param i64) (result i64)))
      (func (export "add") (param i32 i32) (result i32) (call $add (local.get 0) (local.get 1)))
      (func (export "f64") (param f64) (result f64) (call $f64 (local.get 0)))
      (func (export "s64") (param i64) (result i64) (call $s64 (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance
      (export "add" (func $add')) (export "f64" (func $f64')) (export "s64" (func $s64'))))))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add")))
    (func (export "f64") (param "a" f64) (result f64) (canon lift (core func $m "f64")))
    (func (export "s64") (param "a" s64) (result s64) (canon lift (core func $m "s64"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "add" (func $b "add")) (with "f64" (func $b "f64")) (with "s64" (func $b "s64"))))
  (export "add" (func $a "add")) (export "f64" (func $a "f64")) (export "s64" (func $a "s64")))
