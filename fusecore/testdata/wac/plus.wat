;; Imports a function f. g is one more.
(component
  (import "f" (func $f (result u32)))
  (core func $f (canon lower (func $f)))
  (core module $M
    (import "in" "f" (func $f (result i32)))
    (func (export "g") (result i32) (i32.add (call $f) (i32.const 1))))
  (core instance $m (instantiate $M (with "in" (instance (export "f" (func $f))))))
  (func $g (result u32) (canon lift (core func $m "g")))
  (export "g" (func $g)))
