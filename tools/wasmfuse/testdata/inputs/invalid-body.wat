;; The body of a function leaves a value too many.
(component
  (core module (func (export "f") (result i32) (i32.const 1) (i32.const 2))))
