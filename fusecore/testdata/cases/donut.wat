;; A parent calls children that call the parent, which calls on as it is told: 0 returns, 1 calls the first child, 2 the
;; second; each further decimal digit is for the next stage. The first child is given nothing but the parent's function, the
;; second the first child's as well.
;;! assert_return p(0) -> 1
;;! assert_return p(1) -> 12
;;! assert_return p(2) -> 13
;;! assert_trap p(11) "cannot enter component instance"
;;! assert_return p(1) -> 12
;;! assert_return p(12) -> 24
;;! assert_return p(21) -> 24
;;! assert_trap p(22) "cannot enter component instance"
;;! assert_trap p(121) "cannot enter component instance"
;;! assert_return first(0) -> 11
;;! assert_trap first(1) "cannot enter component instance"
;;! assert_return first(2) -> 23
;;! assert_return second(1) -> 23
;;! assert_return sibling(0) -> 21
;;! assert_trap sibling(2) "cannot enter component instance"
;;! assert_return p(2) -> 13
(component
  (core module $P
    (type $f (func (param i32) (result i32)))
    (table (export "t") 3 funcref)
    (func (export "p") (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
      (i32.add (i32.const 1) (call_indirect (type $f) (i32.div_u (local.get 0) (i32.const 10)) (i32.rem_u (local.get 0) (i32.const 10))))))
  (core instance $m (instantiate $P))
  (func $p (export "p") (param "x" u32) (result u32) (canon lift (core func $m "p")))
  (component $First
    (import "p" (func $p (param "x" u32) (result u32)))
    (core func $p' (canon lower (func $p)))
    (core module $M
      (import "" "p" (func $p (param i32) (result i32)))
      (func (export "f") (param i32) (result i32) (i32.add (i32.const 10) (call $p (local.get 0)))))
    (core instance $m (instantiate $M (with "" (instance (export "p" (func $p'))))))
    (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f"))))
  (instance $first (instantiate $First (with "p" (func $p))))
  (component $Second
    (import "p" (func $p (param "x" u32) (result u32)))
    (import "f" (func $f (param "x" u32) (result u32)))
    (core func $p' (canon lower (func $p)))
    (core func $f' (canon lower (func $f)))
    (core module $M
      (import "" "p" (func $p (param i32) (result i32)))
      (import "" "f" (func $f (param i32) (result i32)))
      (func (export "f") (param i32) (result i32) (i32.add (i32.const 11) (call $p (local.get 0))))
      (func (export "g") (param i32) (result i32) (i32.add (i32.const 10) (call $f (local.get 0)))))
    (core instance $m (instantiate $M (with "" (instance (export "p" (func $p')) (export "f" (func $f'))))))
    (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f")))
    (func (export "g") (param "x" u32) (result u32) (canon lift (core func $m "g"))))
  (instance $second (instantiate $Second (with "p" (func $p)) (with "f" (func $first "f"))))
  (core func $first' (canon lower (func $first "f")))
  (core func $second' (canon lower (func $second "f")))
  (core module $F
    (import "" "t" (table 3 funcref))
    (import "" "first" (func $first (param i32) (result i32)))
    (import "" "second" (func $second (param i32) (result i32)))
    (elem (i32.const 1) func $first $second))
  (core instance (instantiate $F (with "" (instance (export "t" (table $m "t")) (export "first" (func $first')) (export "second" (func $second'))))))
  (export "first" (func $first "f"))
  (export "second" (func $second "f"))
  (export "sibling" (func $second "g")))
