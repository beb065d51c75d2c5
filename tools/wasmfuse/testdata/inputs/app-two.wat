;; Imports two versions of an interface, of which a dependency supplies one.
(component
  (import "demo:calc/api@1.2.0" (instance $a (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (import "demo:calc/api@2.1.0" (instance $b (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (core func $a (canon lower (func $a "add")))
  (core func $b (canon lower (func $b "add")))
  (core module $m
    (import "api" "a" (func $a (param i32 i32) (result i32)))
    (import "api" "b" (func $b (param i32 i32) (result i32)))
    (func (export "run") (result i32) (call $a (call $b (i32.const 1) (i32.const 2)) (i32.const 2))))
  (core instance $i (instantiate $m (with "api" (instance (export "a" (func $a)) (export "b" (func $b))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
