;; Makes streams, which cannot be fused.
(component
  (type $s (stream u8))
  (core func $new (canon stream.new $s))
  (core module $m (import "m" "new" (func $new (result i64))) (func (export "f") (param i32 i32) (result i32) (drop (call $new)) (local.get 0)))
  (core instance $i (instantiate $m (with "m" (instance (export "new" (func $new))))))
  (func $f (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "f")))
  (instance $x (export "add" (func $f)))
  (export "demo:calc/api@1.2.0" (instance $x)))
