;; Two imports that one file supplies twice, by two instances or by one: see link-two-names and link-one-name.
;;! part
(component
  (import "first" (instance $a (export "f" (func (result u32))) (export "g" (func (result u32)))))
  (import "second" (instance $b (export "f" (func (result u32)))))
  (core func $a (canon lower (func $a "f"))) (core func $b (canon lower (func $b "f")))
  (core module $m (import "" "a" (func $a (result i32))) (import "" "b" (func $b (result i32))) (func (export "run") (result i32) (i32.add (i32.mul (call $a) (i32.const 100)) (call $b))))
  (core instance $i (instantiate $m (with "" (instance (export "a" (func $a)) (export "b" (func $b))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
