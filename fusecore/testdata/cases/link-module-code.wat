;; Exports a core module and a component.
;;! part
(component
  (core module $m (func (export "f") (result i32) (i32.const 42)))
  (component $maker (import "f" (func $f (result u32))) (export "f" (func $f)))
  (instance $make (export "maker" (component $maker)))
  (export "code" (core module $m))
  (export "t:l/make" (instance $make)))
