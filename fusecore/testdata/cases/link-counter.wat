;; A counter.
;;! part
(component
  (core module $m (global $c (mut i32) (i32.const 0)) (func (export "f") (result i32) (global.set $c (i32.add (global.get $c) (i32.const 1))) (global.get $c)))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "f"))) (func $g (result u32) (canon lift (core func $i "f")))
  (instance $x (export "f" (func $f)) (export "g" (func $g))) (export "x:y/c@1.0.0" (instance $x)))
