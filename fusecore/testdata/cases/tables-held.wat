;; Of several tables one stays in the fused module, and modules of their own define the others: also one of typed references,
;; one with an initialiser, which segments overwrite, and one that a start function sees. Nothing uses the last.
;;! fused has (import "holder0" "table" (table (;0;) 1 (ref null 5)))
;;! fused has (import "holder1" "table" (table (;1;) 3 funcref))
;;! fused has (import "holder2" "table" (table (;2;) 2 funcref))
;;! fused has (import "holder3" "table" (table (;3;) 1 4 externref))
;;! fused has (table (;4;) 3 3 funcref)
;;! fused lacks (table (;5;)
;;! assert_return many() -> 321
;;! assert_return typed() -> 7
;;! assert_return filled() -> 445
;;! assert_return started() -> 60
;;! assert_return grown() -> 5
(component
  (component $Many
    (core module $M (table funcref (elem $a $b $c)) (type $f (func (result i32)))
      (func $a (result i32) (i32.const 1)) (func $b (result i32) (i32.const 20)) (func $c (result i32) (i32.const 300))
      (func (export "f") (result i32)
        (i32.add (call_indirect (type $f) (i32.const 0)) (i32.add (call_indirect (type $f) (i32.const 1)) (call_indirect (type $f) (i32.const 2))))))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $Typed
    (core module $M
      (rec (type $f (func (result i32))) (type $pair (struct (field (ref null $f)) (field (ref null $outer)))) (type $outer (struct (field (ref null $pair)))))
      (type $before (array (ref $outer)))
      (type $boxes (struct (field (ref $before)) (field (ref $f))))
      (table $t 1 (ref null $boxes))
      (elem (table $t) (i32.const 0) (ref null $boxes) (struct.new $boxes (array.new_fixed $before 0) (ref.func $seven)))
      (func $seven (type $f) (i32.const 7))
      (func (export "f") (result i32) (call_ref $f (struct.get $boxes 1 (table.get $t (i32.const 0))))))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $Filled
    (core module $M (type $f (func (result i32))) (table $t 3 funcref (ref.func $four)) (elem (table $t) (i32.const 2) func $five)
      (func $four (result i32) (i32.const 4)) (func $five (result i32) (i32.const 5))
      (func (export "f") (result i32)
        (i32.add (i32.add (i32.mul (call_indirect (type $f) (i32.const 0)) (i32.const 100)) (i32.mul (call_indirect (type $f) (i32.const 1)) (i32.const 10)))
          (call_indirect (type $f) (i32.const 2)))))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $Started
    (core module $Table (table (export "t") 2 funcref) (type $f (func (result i32))) (global $seen (mut i32) (i32.const 0)) (elem (i32.const 0) func $ten)
      (func $ten (result i32) (i32.const 10))
      (func $start (global.set $seen (call_indirect (type $f) (i32.const 0))))
      (start $start)
      (func (export "seen") (result i32) (global.get $seen)))
    (core instance $table (instantiate $Table))
    (core module $M (import "" "t" (table $t 2 funcref)) (import "" "seen" (func $seen (result i32))) (type $f (func (result i32)))
      (elem (table $t) (i32.const 0) func $fifty) (func $fifty (result i32) (i32.const 50))
      (func (export "f") (result i32) (i32.add (call $seen) (call_indirect (type $f) (i32.const 0)))))
    (core instance $m (instantiate $M (with "" (instance $table))))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $Grown
    (core module $M (table $t 1 4 externref)
      (func (export "f") (result i32) (drop (table.grow $t (ref.null extern) (i32.const 3))) (i32.add (i32.const 1) (table.size $t))))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (component $Unused
    (core module $M (table 1 1 funcref) (func (export "f") (result i32) (i32.const 0)))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (instance $many (instantiate $Many))
  (instance $typed (instantiate $Typed))
  (instance $filled (instantiate $Filled))
  (instance $started (instantiate $Started))
  (instance $grown (instantiate $Grown))
  (instance $unused (instantiate $Unused))
  (export "many" (func $many "f"))
  (export "typed" (func $typed "f"))
  (export "filled" (func $filled "f"))
  (export "started" (func $started "f"))
  (export "grown" (func $grown "f"))
  (export "unused" (func $unused "f")))
