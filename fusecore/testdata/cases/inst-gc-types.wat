;; Structs, arrays and recursion groups: equal groups of two modules are one type, others are not. A value made by one
;; module is read by the other; call_indirect finds equal types and refuses unequal ones.
;;! assert_return field() -> 7
;;! assert_return elem() -> 3
;;! assert_return list() -> 6
;;! assert_return equal-call() -> 9
;;! assert_trap unequal-call()
;;! assert_return unequal-cast() -> 0
;;! assert_return equal-cast() -> 1
(component
  (core module $A
    (rec (type $node (struct (field $v i32) (field $next (ref null $list)))) (type $list (sub (struct (field (ref null $node))))))
    (type $arr (array (mut i16)))
    (type $s (struct (field i32) (field (mut i64))))
    (type $fn (func (param (ref null $s)) (result i32)))
    (global (export "s") (ref $s) (struct.new $s (i32.const 7) (i64.const 8)))
    (global (export "any") anyref (struct.new $s (i32.const 7) (i64.const 8)))
    (table (export "t") 2 2 funcref)
    (elem (i32.const 0) $nine)
    (func $nine (type $fn) (i32.const 9))
    (func (export "arr") (result (ref $arr)) (array.new_fixed $arr 3 (i32.const 1) (i32.const 2) (i32.const 3)))
    (func (export "node") (result (ref $node))
      (struct.new $node (i32.const 2) (struct.new $list (struct.new $node (i32.const 4) (ref.null $list))))))
  (core instance $a (instantiate $A))
  (core module $B
    ;; the same types at other indices, after unrelated ones
    (type $pad (struct (field f64)))
    (type $s (struct (field i32) (field (mut i64))))
    (type $other (struct (field i32) (field (mut i32))))
    (rec (type $node (struct (field $v i32) (field $next (ref null $list)))) (type $list (sub (struct (field (ref null $node))))))
    (type $arr (array (mut i16)))
    (type $fn (func (param (ref null $s)) (result i32)))
    (type $fn2 (func (param (ref null $other)) (result i32)))
    (import "" "s" (global $s (ref $s)))
    (import "" "any" (global $any anyref))
    (import "" "t" (table 2 2 funcref))
    (import "" "arr" (func $arr (result (ref $arr))))
    (import "" "node" (func $node (result (ref $node))))
    (global $kept (ref $s) (global.get $s))
    (func (export "field") (result i32) (struct.get $s 0 (global.get $kept)))
    (func (export "elem") (result i32) (array.get_u $arr (call $arr) (i32.const 2)))
    (func (export "list") (result i32) (local $n (ref $node))
      (local.set $n (call $node))
      (i32.add (struct.get $node $v (local.get $n))
        (struct.get $node $v (struct.get $list 0 (struct.get $node $next (local.get $n))))))
    (func (export "equal-call") (result i32) (call_indirect (type $fn) (global.get $s) (i32.const 0)))
    (func (export "unequal-call") (result i32) (call_indirect (type $fn2) (ref.null $other) (i32.const 0)))
    (func (export "equal-cast") (result i32) (ref.test (ref $s) (global.get $any)))
    (func (export "unequal-cast") (result i32) (ref.test (ref $other) (global.get $any))))
  (core instance $b (instantiate $B (with "" (instance $a))))
  (func (export "field") (result u32) (canon lift (core func $b "field")))
  (func (export "elem") (result u32) (canon lift (core func $b "elem")))
  (func (export "list") (result u32) (canon lift (core func $b "list")))
  (func (export "equal-call") (result u32) (canon lift (core func $b "equal-call")))
  (func (export "unequal-call") (result u32) (canon lift (core func $b "unequal-call")))
  (func (export "equal-cast") (result u32) (canon lift (core func $b "equal-cast")))
  (func (export "unequal-cast") (result u32) (canon lift (core func $b "unequal-cast"))))
