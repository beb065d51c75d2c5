;; Exceptions end at the boundary: an uncaught one traps though the caller would catch all, one caught inside does not.
;; The callee throws when 1, catches its own when 2, and throws from realloc, post-return and the caller's realloc.
;;! assert_return run(0) -> 5
;;! assert_trap run(1) "uncaught exception"
;;! assert_return run(2) -> 5
;;! assert_trap run(3) "uncaught exception"
;;! assert_trap run(4) "uncaught exception"
;;! assert_trap run(5) "uncaught exception"
;;! assert_trap run(6) "uncaught exception"
;;! assert_return run(0) -> 5
;;! assert_return flat(0) -> 0
;;! assert_trap flat(1) "uncaught exception"
;;! assert_return flat(2) -> 2
;;! assert_trap host-calls(1)
;;! assert_return host-calls(2) -> 2
(component
  (component $B
    (core module $T (tag (export "e") (param i32)))
    (core instance $t (instantiate $T))
    (core module $Inner
      (import "" "e" (tag $e (param i32)))
      (func (export "throw") (param i32) (throw $e (local.get 0))))
    (core instance $inner (instantiate $Inner (with "" (instance $t))))
    (core module $M
      (import "" "e" (tag $e (param i32)))
      (import "i" "throw" (func $throw (param i32)))
      (memory (export "m") 1)
      (global $mode (mut i32) (i32.const 0))
      (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (i32.eq (global.get $mode) (i32.const 3)) (then (call $throw (i32.const 1))))
        (i32.const 64))
      (func (export "mode") (param i32) (global.set $mode (local.get 0)))
      (func (export "f") (param i32 i32) (result i32)
        (call $maybe) (i32.const 8))
      (func $maybe
        (block $caught (result i32)
          (try_table (catch $e $caught)
            (if (i32.eq (global.get $mode) (i32.const 2)) (then (call $throw (i32.const 1)))))
          (i32.const 0))
        (drop)
        (if (i32.eq (global.get $mode) (i32.const 1)) (then (call $throw (i32.const 1)))))
      (func (export "flat") (param i32) (result i32) (global.set $mode (local.get 0)) (call $maybe) (local.get 0))
      (func (export "post") (param i32)
        (if (i32.eq (global.get $mode) (i32.const 4)) (then (throw $e (i32.const 1))))))
    (core instance $m (instantiate $M (with "" (instance $t)) (with "i" (instance $inner))))
    (func (export "mode") (param "m" u32) (canon lift (core func $m "mode")))
    (func (export "flat") (param "m" u32) (result u32) (canon lift (core func $m "flat")))
    (func (export "f") (param "s" string) (result string)
      (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc")) (post-return (func $m "post")))))
  (component $A
    (import "f" (func $f (param "s" string) (result string)))
    (import "flat" (func $flat (param "m" u32) (result u32)))
    (import "mode" (func $mode (param "m" u32)))
    (core module $Mem (memory (export "m") 1) (global $mode (export "mode") (mut i32) (i32.const 0))
      (tag $e)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (i32.ge_u (global.get $mode) (i32.const 5)) (then (throw $e)))
        (i32.const 128)))
    (core instance $mem (instantiate $Mem))
    (core func $f' (canon lower (func $f) (memory $mem "m") (realloc (func $mem "realloc"))))
    (core func $flat' (canon lower (func $flat)))
    (core func $mode' (canon lower (func $mode)))
    (core module $M
      (import "" "f" (func $f (param i32 i32 i32)))
      (import "" "flat" (func $flat (param i32) (result i32)))
      (import "" "mode" (func $mode (param i32)))
      (import "mem" "m" (memory 1))
      (import "mem" "mode" (global $g (mut i32)))
      (func (export "run") (param i32) (result i32)
        (call $mode (local.get 0))
        (global.set $g (local.get 0))
        (block $c
          (try_table (catch_all $c)
            (call $f (i32.const 0) (i32.const 1) (i32.const 16))
            (return (i32.load (i32.const 20)))))
        (i32.const 999))
      (func (export "flat") (param i32) (result i32)
        (block $c
          (try_table (catch_all $c) (return (call $flat (local.get 0)))))
        (i32.const 999)))
    (core instance $m (instantiate $M (with "mem" (instance $mem))
      (with "" (instance (export "f" (func $f')) (export "flat" (func $flat')) (export "mode" (func $mode'))))))
    (func (export "run") (param "m" u32) (result u32) (canon lift (core func $m "run")))
    (func (export "flat") (param "m" u32) (result u32) (canon lift (core func $m "flat"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "f" (func $b "f")) (with "flat" (func $b "flat")) (with "mode" (func $b "mode"))))
  (export "run" (func $a "run"))
  (export "flat" (func $a "flat"))
  (export "host-calls" (func $b "flat")))
