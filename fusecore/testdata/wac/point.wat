;; A function with a record: len is the sum of the parts of a point that it asks origin for.
(component
  (import "test:wac/shapes@1.0.0" (instance $shapes
    (type $p (record (field "x" u32) (field "y" u32)))
    (export "point" (type $point (eq $p)))
    (export "origin" (func (result $point)))))
  (alias export $shapes "point" (type $point))
  (core module $L
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
  (core instance $l (instantiate $L))
  (core func $origin (canon lower (func $shapes "origin") (memory $l "memory") (realloc (func $l "realloc"))))
  (core module $M
    (import "in" "origin" (func $origin (param i32)))
    (import "in" "memory" (memory 1))
    (func (export "len") (result i32)
      (call $origin (i32.const 16))
      (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 20)))))
  (core instance $m (instantiate $M (with "in" (instance (export "origin" (func $origin)) (export "memory" (memory $l "memory"))))))
  (func $len (result u32) (canon lift (core func $m "len")))
  (export "len" (func $len)))
