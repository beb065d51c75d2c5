;; One module instantiated three times: memories, globals, tables and segments are each instance's own.
;;! assert_return bump1() -> 11
;;! assert_return bump1() -> 12
;;! assert_return bump2() -> 21
;;! assert_return bump3() -> 31
;;! assert_return bump1() -> 13
;;! assert_return drop1() -> 1
;;! assert_return drop2() -> 1
;;! assert_trap drop1()
(component
  (core module $M
    (import "" "start" (global $start i32))
    (memory 1)
    (global $n (mut i32) (global.get $start))
    (table 1 funcref)
    (elem (i32.const 0) $bump)
    (elem $p func $bump)
    (data $d "\01")
    (func $bump (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
    (func (export "bump") (result i32) (call_indirect (result i32) (i32.const 0)))
    (func (export "drop") (result i32)
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
      (table.init $p (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $p)
      (i32.load8_u (i32.const 0))))
  (core module $G (global (export "a") i32 (i32.const 10)) (global (export "b") i32 (i32.const 20)) (global (export "c") i32 (i32.const 30)))
  (core instance $g (instantiate $G))
  (core instance $m1 (instantiate $M (with "" (instance (export "start" (global $g "a"))))))
  (core instance $m2 (instantiate $M (with "" (instance (export "start" (global $g "b"))))))
  (core instance $m3 (instantiate $M (with "" (instance (export "start" (global $g "c"))))))
  (func (export "bump1") (result u32) (canon lift (core func $m1 "bump")))
  (func (export "bump2") (result u32) (canon lift (core func $m2 "bump")))
  (func (export "bump3") (result u32) (canon lift (core func $m3 "bump")))
  (func (export "drop1") (result u32) (canon lift (core func $m1 "drop")))
  (func (export "drop2") (result u32) (canon lift (core func $m2 "drop"))))
