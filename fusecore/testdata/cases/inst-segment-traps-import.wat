;; A segment that lies outside what the importing module asks for, but inside the memory as it is, is fine.
;;! assert_return get() -> 97
(component
  (core module $A (memory (export "m") 2) (func (export "get") (result i32) (i32.load8_u (i32.const 65536))))
  (core instance $a (instantiate $A))
  (core module $B (import "" "m" (memory 1)) (data (i32.const 65536) "abc"))
  (core instance $b (instantiate $B (with "" (instance $a))))
  (func (export "get") (result u32) (canon lift (core func $a "get"))))
