;; Instances that nothing needs are left out, but for what they do to others: a segment into a memory that is used.
;;! assert_return get() -> 98
;;! fused lacks unused-function
(component
  (core module $Used (memory (export "m") 1) (func (export "get") (result i32) (i32.load8_u (i32.const 1))))
  (core instance $used (instantiate $Used))
  (core module $Writer (import "" "m" (memory 1)) (data (i32.const 0) "abc") (func $kept))
  (core instance (instantiate $Writer (with "" (instance $used))))
  (core module $Unused (memory 1) (data (i32.const 0) "abc") (func $unused-function (export "f")))
  (core instance $unused (instantiate $Unused))
  (func $f (canon lift (core func $unused "f")))
  (func (export "get") (result u32) (canon lift (core func $used "get"))))
