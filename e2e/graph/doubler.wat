;; doubled.get gives twice what number.get gives.
(module
  (func $get (import "demo:graph/number@1.0.0" "get") (result i32))
  (func (export "demo:graph/doubled@1.0.0#get") (result i32) (i32.mul (call $get) (i32.const 2))))
