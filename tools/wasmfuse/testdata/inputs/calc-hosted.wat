;; calc.wasm with a core module that the host supplies.
(component
  (import "code" (core module $code (export "add" (func (param i32 i32) (result i32)))))
  (core instance $i (instantiate $code))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (instance $api (export "add" (func $add)))
  (export "demo:calc/api@1.2.0" (instance $api)))
