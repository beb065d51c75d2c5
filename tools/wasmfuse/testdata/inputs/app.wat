;; Imports an interface and calls it.
(component
  (import "demo:calc/api@1.2.0" (instance $api (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (core func $add (canon lower (func $api "add")))
  (core module $m
    (import "api" "add" (func $add (param i32 i32) (result i32)))
    (func (export "run") (result i32) (call $add (i32.const 40) (i32.const 2))))
  (core instance $i (instantiate $m (with "api" (instance (export "add" (func $add))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
