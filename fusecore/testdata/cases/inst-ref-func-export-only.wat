;; ref.func of a function that nothing but an export declares, and of an imported one that an export passes on.
;;! assert_return own() -> 43
;;! assert_return passed() -> 42
(component
  (core module $A (func (export "f") (result i32) (i32.const 42)))
  (core instance $a (instantiate $A))
  (core module $B
    (type $t (func (result i32)))
    (import "" "f" (func $f (type $t)))
    (export "f" (func $f))
    (func $g (export "g") (result i32) (i32.const 43))
    (func (export "own") (result i32) (call_ref $t (ref.func $g)))
    (func (export "passed") (result i32) (call_ref $t (ref.func $f))))
  (core instance $b (instantiate $B (with "" (instance $a))))
  (func (export "own") (result u32) (canon lift (core func $b "own")))
  (func (export "passed") (result u32) (canon lift (core func $b "passed"))))
