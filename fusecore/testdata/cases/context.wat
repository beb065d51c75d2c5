;; Context slots: zero at every entry, kept over calls that the function makes, seen by post-return, not by realloc, and
;; each instance's own.
;;! assert_return a-entry() -> 0
;;! assert_return a-entry() -> 0
;;! assert_return run() -> 1234
;;! assert_return run() -> 1234
;;! assert_return last() -> 57
(component
  (component $B
    (core func $get (canon context.get i32 0))
    (core func $set (canon context.set i32 0))
    (core module $M
      (import "" "get" (func $get (result i32)))
      (import "" "set" (func $set (param i32)))
      (memory (export "m") 1)
      (global $seen (mut i32) (i32.const 0))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (call $get) (then unreachable)) (call $set (i32.const 99)) (i32.const 64))
      (func (export "f") (param i32 i32) (result i32)
        (if (call $get) (then unreachable)) (call $set (i32.const 57)) (local.get 1))
      (func (export "post") (param i32) (global.set $seen (call $get)))
      (func (export "last") (result i32) (if (call $get) (then unreachable)) (global.get $seen)))
    (core instance $m (instantiate $M (with "" (instance (export "get" (func $get)) (export "set" (func $set))))))
    (func (export "f") (param "s" string) (result u32)
      (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc")) (post-return (func $m "post"))))
    (func (export "last") (result u32) (canon lift (core func $m "last"))))
  (component $A
    (import "f" (func $f (param "s" string) (result u32)))
    (core func $get (canon context.get i32 0))
    (core func $set (canon context.set i32 0))
    (core module $Mem (memory (export "m") 1))
    (core instance $mem (instantiate $Mem))
    (core func $f' (canon lower (func $f) (memory $mem "m")))
    (core module $M
      (import "" "get" (func $get (result i32)))
      (import "" "set" (func $set (param i32)))
      (import "" "f" (func $f (param i32 i32) (result i32)))
      (func (export "entry") (result i32) (call $get) (call $set (i32.const 5)))
      (func (export "run") (result i32)
        (call $set (i32.const 1230))
        (drop (call $f (i32.const 0) (i32.const 4)))
        (i32.add (call $get) (call $f (i32.const 0) (i32.const 4)))))
    (core instance $m (instantiate $M (with "" (instance (export "get" (func $get)) (export "set" (func $set)) (export "f" (func $f'))))))
    (func (export "entry") (result u32) (canon lift (core func $m "entry")))
    (func (export "run") (result u32) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "f" (func $b "f"))))
  (export "a-entry" (func $a "entry"))
  (export "run" (func $a "run"))
  (export "last" (func $b "last")))
