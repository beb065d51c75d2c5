;; A library that contains another one and is called by it joins the domain of an async instance. Entering the inner one a
;; second time traps, whatever the tasks of the async instance do.
;;! async
;;! fused reports into 1 module
;;! assert_return run(0) -> 111
;;! assert_trap run(1) "cannot enter component instance"
(component
  (component $P
    (core module $Inner
      (type $f (func (param i32) (result i32)))
      (table (export "t") 1 funcref)
      (func (export "h") (param i32) (result i32)
        (if (local.get 0) (then (return (call_indirect (type $f) (i32.const 0) (i32.const 0)))))
        (i32.const 1)))
    (core instance $inner (instantiate $Inner))
    (func $h (param "again" u32) (result u32) (canon lift (core func $inner "h")))
    (component $C
      (import "h" (func $h (param "again" u32) (result u32)))
      (core func $h' (canon lower (func $h)))
      (core module $M
        (import "" "h" (func $h (param i32) (result i32)))
        (func (export "g") (param i32) (result i32) (i32.add (i32.const 10) (call $h (local.get 0)))))
      (core instance $m (instantiate $M (with "" (instance (export "h" (func $h'))))))
      (func (export "g") (param "again" u32) (result u32) (canon lift (core func $m "g"))))
    (instance $c (instantiate $C (with "h" (func $h))))
    (core func $g (canon lower (func $c "g")))
    (core module $Outer
      (import "" "t" (table 1 funcref))
      (import "" "g" (func $g (param i32) (result i32)))
      (elem (i32.const 0) func $g)
      (func (export "f") (param i32) (result i32) (i32.add (i32.const 100) (call $g (local.get 0)))))
    (core instance $outer (instantiate $Outer (with "" (instance (export "t" (table $inner "t")) (export "g" (func $g))))))
    (func (export "f") (param "again" u32) (result u32) (canon lift (core func $outer "f"))))
  (component $A
    (import "f" (func $f (param "again" u32) (result u32)))
    (core func $f' (canon lower (func $f)))
    (core func $yield (canon thread.yield))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "f" (func $f (param i32) (result i32)))
      (import "" "yield" (func $yield (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (param i32) (result i32)
        (drop (call $f (i32.const 0)))
        (drop (call $yield))
        (call $return (call $f (local.get 0)))
        (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $M (with "" (instance
      (export "f" (func $f')) (export "yield" (func $yield)) (export "return" (func $return))))))
    (func (export "run") async (param "again" u32) (result u32) (canon lift (core func $m "run") async (callback (core func $m "callback")))))
  (instance $p (instantiate $P))
  (instance $a (instantiate $A (with "f" (func $p "f"))))
  (export "run" (func $a "run")))
