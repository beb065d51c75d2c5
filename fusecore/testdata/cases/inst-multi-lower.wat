;; One function lowered three times with different options, lifted by two instances of one component: each lowering goes
;; to its own instance's memory.
;;! assert_return run() -> 3120
(component
  (component $B
    (core module $M (memory (export "m") 1)
      (func (export "f") (param i32 i32) (result i32) (i32.add (i32.load8_u (local.get 0)) (i32.mul (local.get 1) (i32.const 1000))))
      (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 16)))
    (core instance $m (instantiate $M))
    (func (export "f") (param "s" string) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "r")))))
  (component $A
    (import "f" (func $f (param "s" string) (result u32)))
    (import "g" (func $g (param "s" string) (result u32)))
    (core module $Mem (memory (export "a") 1) (memory (export "b") 1)
      (data (memory 0) (i32.const 0) "x") (data (memory 1) (i32.const 0) "\00\00y\00z\00"))
    (core instance $mem (instantiate $Mem))
    (core func $f1 (canon lower (func $f) (memory $mem "a")))
    (core func $f2 (canon lower (func $f) string-encoding=utf16 (memory $mem "b")))
    (core func $g1 (canon lower (func $g) string-encoding=latin1+utf16 (memory $mem "a")))
    (core module $M
      (import "" "f1" (func $f1 (param i32 i32) (result i32)))
      (import "" "f2" (func $f2 (param i32 i32) (result i32)))
      (import "" "g1" (func $g1 (param i32 i32) (result i32)))
      (func (export "run") (result i32)
        (if (i32.ne (call $f1 (i32.const 0) (i32.const 1)) (i32.const 1120)) (then unreachable))
        (if (i32.ne (call $f2 (i32.const 2) (i32.const 2)) (i32.const 2121)) (then unreachable))
        (call $g1 (i32.const 0) (i32.const 3))))
    (core instance $m (instantiate $M (with "" (instance (export "f1" (func $f1)) (export "f2" (func $f2)) (export "g1" (func $g1))))))
    (func (export "run") (result u32) (canon lift (core func $m "run"))))
  (instance $b1 (instantiate $B))
  (instance $b2 (instantiate $B))
  (instance $a (instantiate $A (with "f" (func $b1 "f")) (with "g" (func $b2 "f"))))
  (export "run" (func $a "run")))
