;; total gives what doubled.get gives.
(module
  (func $get (import "demo:graph/doubled@1.0.0" "get") (result i32))
  (func (export "total") (result i32) call $get))
