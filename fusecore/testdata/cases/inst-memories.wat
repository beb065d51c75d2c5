;; Modules with several memories, own and shared, of both address widths; copies between them; segments behind a start.
;;! assert_return run() -> 97
;;! assert_return wide() -> 120
;;! assert_return third() -> 122
(component
  (core module $A
    (memory (export "m0") 1) (memory (export "m1") 1) (memory (export "m2") i64 1)
    (data (memory 1) (i32.const 4) "abc")
    (func $s) (start $s))
  (core instance $a (instantiate $A))
  (core module $B
    (import "" "m2" (memory $m2 i64 1))
    (import "" "m1" (memory $m1 1))
    (memory $own 1)
    (data (memory $m2) (i64.const 16) "xyz")
    (data (memory $own) (i32.const 1) "q")
    (data $p "z")
    (func (export "run") (result i32)
      (memory.copy $own $m1 (i32.const 0) (i32.const 4) (i32.const 3)) (i32.load8_u $own (i32.const 0)))
    (func (export "wide") (result i32) (i32.load8_u $m2 (i64.const 16)))
    (func (export "third") (result i32)
      (memory.init $m2 $p (i64.const 0) (i32.const 0) (i32.const 1))
      (memory.copy $own $m2 (i32.const 9) (i64.const 0) (i32.const 1))
      (i32.load8_u $own offset=1 (i32.const 8))))
  (core instance $b (instantiate $B (with "" (instance $a))))
  (func (export "run") (result u32) (canon lift (core func $b "run")))
  (func (export "wide") (result u32) (canon lift (core func $b "wide")))
  (func (export "third") (result u32) (canon lift (core func $b "third"))))
