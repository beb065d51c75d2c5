;; Exported mutable globals are shared; globals of references made by ref.func, also of an imported function and of one
;; that is declared by an export alone.
;;! assert_return set(5)
;;! assert_return get() -> 5
;;! assert_return ref() -> 41
;;! assert_return imported-ref() -> 42
;;! assert_return exported-only() -> 43
(component
  (core module $A
    (global (export "g") (mut i32) (i32.const 1))
    (global (export "f") funcref (ref.func $f))
    (func $f (export "f42") (result i32) (i32.const 42))
    (func (export "get") (result i32) (global.get 0)))
  (core instance $a (instantiate $A))
  (core module $B
    (type $t (func (result i32)))
    (import "" "g" (global $g (mut i32)))
    (import "" "f" (global $f funcref))
    (import "" "f42" (func $f42 (result i32)))
    (global $own (ref $t) (ref.func $f41))
    (global $imp (ref $t) (ref.func $f42))
    (table $t 3 3 funcref)
    (elem (table $t) (i32.const 1) funcref (global.get $f) (ref.func $f43))
    (func $f41 (result i32) (i32.const 41))
    (func $f43 (export "f43") (result i32) (i32.const 43))
    (func (export "set") (param i32) (global.set $g (local.get 0)))
    (func (export "ref") (result i32) (call_ref $t (global.get $own)))
    (func (export "imported-ref") (result i32)
      (if (i32.ne (call_ref $t (global.get $imp)) (i32.const 42)) (then unreachable))
      (call_indirect (type $t) (i32.const 1)))
    (func (export "exported-only") (result i32) (call_ref $t (ref.func $f43))))
  (core instance $b (instantiate $B (with "" (instance $a))))
  (func (export "set") (param "x" u32) (canon lift (core func $b "set")))
  (func (export "get") (result u32) (canon lift (core func $a "get")))
  (func (export "ref") (result u32) (canon lift (core func $b "ref")))
  (func (export "imported-ref") (result u32) (canon lift (core func $b "imported-ref")))
  (func (export "exported-only") (result u32) (canon lift (core func $b "exported-only"))))
