;; One component twice, and a part of it: a resource type, a record that holds it and a nested instance that uses both.
;;! assert_return whole#f() -> 3
;;! assert_return more#f() -> 3
(component
  (component $A
    (core module $m (func (export "f") (result i32) i32.const 3) (func (export "g") (result i32) i32.const 1))
    (core instance $i (instantiate $m))
    (type $r0 (resource (rep i32)))
    (export $r "r" (type $r0))
    (type $rec0 (record (field "r" (own $r))))
    (export $rec "rec" (type $rec0))
    (type $e0 (enum "a" "b"))
    (export $e "e" (type $e0))
    (func $f (result u32) (canon lift (core func $i "f")))
    (func $g (result $rec) (canon lift (core func $i "g")))
    (func $h (result $e) (canon lift (core func $i "g")))
    (export "f" (func $f))
    (instance $deep (export "g" (func $g)) (export "r" (type $r)))
    (instance $bag (export "g" (func $g)) (export "h" (func $h)) (export "deep" (instance $deep)))
    (export "i" (instance $bag)))
  (instance $a (instantiate $A))
  (instance $b (instantiate $A))
  (export "whole" (instance $a))
  (export "more" (instance $b)))
