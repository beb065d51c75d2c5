;; Start functions of children call their parent, which calls a child that is complete, which calls the parent. A start
;; function has entered nothing but the instance that it belongs to, whose flags are as before when it is over.
;;! assert_return started() -> 12
;;! assert_return nested() -> 12
;;! assert_return p(1) -> 12
;;! assert_return first(0) -> 11
;;! assert_trap p(11) "cannot enter component instance"
;;! assert_return started() -> 12
(component
  (core module $P
    (type $f (func (param i32) (result i32)))
    (table (export "t") 2 funcref)
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
  (core func $first' (canon lower (func $first "f")))
  (core module $F
    (import "" "t" (table 2 funcref))
    (import "" "first" (func $first (param i32) (result i32)))
    (elem (i32.const 1) func $first))
  (core instance (instantiate $F (with "" (instance (export "t" (table $m "t")) (export "first" (func $first'))))))
  (component $Starts
    (import "p" (func $p (param "x" u32) (result u32)))
    (core func $p' (canon lower (func $p)))
    (core module $M
      (import "" "p" (func $p (param i32) (result i32)))
      (global $got (mut i32) (i32.const 0))
      (func $start (global.set $got (call $p (i32.const 1))))
      (start $start)
      (func (export "got") (result i32) (global.get $got)))
    (core instance $m (instantiate $M (with "" (instance (export "p" (func $p'))))))
    (func (export "got") (result u32) (canon lift (core func $m "got"))))
  (instance $starts (instantiate $Starts (with "p" (func $p))))
  ;; the same one level further down
  (component $Nest
    (import "p" (func $p (param "x" u32) (result u32)))
    (component $Starts
      (import "p" (func $p (param "x" u32) (result u32)))
      (core func $p' (canon lower (func $p)))
      (core module $M
        (import "" "p" (func $p (param i32) (result i32)))
        (global $got (mut i32) (i32.const 0))
        (func $start (global.set $got (call $p (i32.const 1))))
        (start $start)
        (func (export "got") (result i32) (global.get $got)))
      (core instance $m (instantiate $M (with "" (instance (export "p" (func $p'))))))
      (func (export "got") (result u32) (canon lift (core func $m "got"))))
    (instance $starts (instantiate $Starts (with "p" (func $p))))
    (export "got" (func $starts "got")))
  (instance $nest (instantiate $Nest (with "p" (func $p))))
  (export "first" (func $first "f"))
  (export "started" (func $starts "got"))
  (export "nested" (func $nest "got")))
