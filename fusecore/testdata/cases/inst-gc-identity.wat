;; A global that holds a new struct has an identity: another global, a table and a segment read from it see the same one,
;; also where the table's initialiser makes a new value from it, and where a segment is put over it.
;;! assert_return same() -> 1
;;! assert_return nullable() -> 1
;;! assert_return made() -> 1
;;! assert_return made-call() -> 8
;;! assert_return over() -> 0
;;! assert_return in-table() -> 1
;;! assert_return in-segment() -> 1
;;! assert_return other() -> 0
(component
  (core module $A
    (type $s (struct (field (mut i32))))
    (global (export "s") (ref $s) (struct.new $s (i32.const 1)))
    (global (export "s2") (ref $s) (struct.new $s (i32.const 1))))
  (core instance $a (instantiate $A))
  (core module $B
    (type $s (struct (field (mut i32))))
    (import "" "s" (global $s (ref $s)))
    (import "" "s2" (global $s2 (ref $s)))
    (global $k (ref $s) (global.get $s))
    (table $t 1 1 (ref null $s))
    (table $t2 2 2 (ref $s) (global.get $s))
    (table $t3 2 2 (ref null $s) (global.get $s))
    (elem (table $t3) (i32.const 1) (ref $s) (struct.new $s (i32.const 1)))
    (type $fn (func (result i32)))
    (type $pair (struct (field (ref $s)) (field (ref $fn))))
    (table $t4 i64 3 (ref $pair) (struct.new $pair (global.get $s) (ref.func $eight)))
    (func $eight (result i32) (i32.const 8))
    (func (export "nullable") (result i32) (ref.eq (global.get $s) (table.get $t3 (i32.const 0))))
    (func (export "over") (result i32) (ref.eq (global.get $s) (table.get $t3 (i32.const 1))))
    (func (export "made") (result i32) (i32.and
      (ref.eq (global.get $s) (struct.get $pair 0 (table.get $t4 (i64.const 2))))
      (ref.eq (table.get $t4 (i64.const 0)) (table.get $t4 (i64.const 2)))))
    (func (export "made-call") (result i32) (call_ref $fn (struct.get $pair 1 (table.get $t4 (i64.const 2)))))
    (elem (table $t) (i32.const 0) (ref $s) (global.get $s))
    (func (export "same") (result i32) (ref.eq (global.get $s) (global.get $k)))
    (func (export "other") (result i32) (ref.eq (global.get $s) (global.get $s2)))
    (func (export "in-table") (result i32) (ref.eq (global.get $s) (table.get $t2 (i32.const 1))))
    (func (export "in-segment") (result i32) (ref.eq (global.get $s) (table.get $t (i32.const 0)))))
  (core instance $b (instantiate $B (with "" (instance $a))))
  (func (export "same") (result u32) (canon lift (core func $b "same")))
  (func (export "nullable") (result u32) (canon lift (core func $b "nullable")))
  (func (export "over") (result u32) (canon lift (core func $b "over")))
  (func (export "made") (result u32) (canon lift (core func $b "made")))
  (func (export "made-call") (result u32) (canon lift (core func $b "made-call")))
  (func (export "other") (result u32) (canon lift (core func $b "other")))
  (func (export "in-table") (result u32) (canon lift (core func $b "in-table")))
  (func (export "in-segment") (result u32) (canon lift (core func $b "in-segment"))))
