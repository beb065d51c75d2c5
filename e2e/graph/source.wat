;; number.get gives 21. The number is the last byte but one of the binary.
(module
  (func (export "demo:graph/number@1.0.0#get") (result i32) i32.const 21))
