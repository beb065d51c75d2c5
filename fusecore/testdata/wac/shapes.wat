;; Exports test:wac/shapes.
(component
  (core module $M
    (memory (export "memory") 1)
    (func (export "origin") (result i32)
      (i32.store (i32.const 8) (i32.const 30)) (i32.store (i32.const 12) (i32.const 12)) (i32.const 8)))
  (core instance $m (instantiate $M))
  (type $p (record (field "x" u32) (field "y" u32)))
  (func $origin (result $p) (canon lift (core func $m "origin") (memory $m "memory")))
  (component $C
    (type $q (record (field "x" u32) (field "y" u32)))
    (import "point" (type $point (eq $q)))
    (import "origin" (func $origin (result $point)))
    (export $out "point" (type $point))
    (export "origin" (func $origin) (func (result $out))))
  (instance $shapes (instantiate $C (with "point" (type $p)) (with "origin" (func $origin))))
  (export "test:wac/shapes@1.0.0" (instance $shapes)))
