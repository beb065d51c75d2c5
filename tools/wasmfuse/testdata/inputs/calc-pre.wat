;; Exports demo:calc/api@1.2.0-rc.1.
(component
  (core module $m (func (export "f") (param i32 i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (func $f (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "f")))
  (instance $x (export "add" (func $f)))
  (export "demo:calc/api@1.2.0-rc.1" (instance $x)))
