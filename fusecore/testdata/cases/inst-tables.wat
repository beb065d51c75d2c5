;; A table with an initialiser, a 64-bit table whose segments wait for a start function, a table shared and grown.
;;! assert_return init() -> 5
;;! assert_return wide() -> 6
;;! assert_return size() -> 13
(component
  (core module $A
    (type $t (func (result i32)))
    (table (export "init") 10 20 (ref $t) (ref.func $five))
    (table (export "wide") i64 5 funcref)
    (func $five (result i32) (i32.const 5))
    (func $s) (start $s))
  (core instance $a (instantiate $A))
  (core module $B
    (type $t (func (result i32)))
    (import "" "init" (table $init 10 20 (ref $t)))
    (import "" "wide" (table $wide i64 5 funcref))
    (global $at i64 (i64.const 3))
    (elem (table $wide) (i64.const 3) func $six)
    (func $six (result i32) (i32.const 6))
    (func (export "init") (result i32) (call_indirect $init (type $t) (i32.const 9)))
    (func (export "wide") (result i32) (call_indirect $wide (type $t) (i64.const 3)))
    (func (export "size") (result i32) (drop (table.grow $init (ref.func $six) (i32.const 3))) (table.size $init)))
  (core instance $b (instantiate $B (with "" (instance $a))))
  (func (export "init") (result u32) (canon lift (core func $b "init")))
  (func (export "wide") (result u32) (canon lift (core func $b "wide")))
  (func (export "size") (result u32) (canon lift (core func $b "size"))))
