;; One instance with two memories, two reallocs and two encodings, used by different definitions of the same function.
;;! assert_return run() -> "héllo|héllo"
;;! assert_return counts() -> 2003
(component
  (component $B
    (core module $M
      (memory (export "m1") 1) (memory (export "m2") 1)
      (global $n (mut i32) (i32.const 0))
      (func (export "r1") (param i32 i32 i32 i32) (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.const 256))
      (func (export "r2") (param i32 i32 i32 i32) (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1000))) (i32.const 512))
      (func (export "id1") (param i32 i32) (result i32)
        (i32.store 0 (i32.const 0) (local.get 0)) (i32.store 0 (i32.const 4) (local.get 1)) (i32.const 0))
      (func (export "id2") (param i32 i32) (result i32)
        (i32.store 1 (i32.const 8) (local.get 0)) (i32.store 1 (i32.const 12) (local.get 1)) (i32.const 8))
      (func (export "n") (result i32) (global.get $n)))
    (core instance $m (instantiate $M))
    (func (export "id1") (param "s" string) (result string) (canon lift (core func $m "id1") (memory $m "m1") (realloc (func $m "r1"))))
    (func (export "id2") (param "s" string) (result string)
      (canon lift (core func $m "id2") string-encoding=utf16 (memory $m "m2") (realloc (func $m "r2"))))
    (func (export "n") (result u32) (canon lift (core func $m "n"))))
  (component $A
    (import "id1" (func $id1 (param "s" string) (result string)))
    (import "id2" (func $id2 (param "s" string) (result string)))
    (core module $Mem
      (memory (export "m1") 1) (memory (export "m2") 1)
      (data (memory 0) (i32.const 100) "h\c3\a9llo|")
      (data (memory 1) (i32.const 100) "h\00\e9\00l\00l\00o\00")
      (func (export "r1") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
      (func (export "r2") (param i32 i32 i32 i32) (result i32) (i32.const 1031)))
    (core instance $mem (instantiate $Mem))
    ;; id1 is lowered with UTF-16 from memory 2 into memory 1's realloc; id2 with UTF-8 in memory 1
    (core func $id1' (canon lower (func $id1) string-encoding=utf16 (memory $mem "m2") (realloc (func $mem "r1"))))
    (core func $id2' (canon lower (func $id2) (memory $mem "m1") (realloc (func $mem "r2"))))
    (core module $M
      (import "" "id1" (func $id1 (param i32 i32 i32)))
      (import "" "id2" (func $id2 (param i32 i32 i32)))
      (import "mem" "m1" (memory $m1 1))
      (import "mem" "m2" (memory $m2 1))
      (func (export "run") (result i32) (local $p i32)
        (call $id1 (i32.const 100) (i32.const 5) (i32.const 0))
        ;; narrow the UTF-16 result to latin1 bytes and build UTF-8 by hand, in memory 1 at 2048
        (if (i32.ne (i32.load $m2 (i32.const 4)) (i32.const 5)) (then unreachable))
        (if (i32.ne (i32.load $m2 (i32.const 0)) (i32.const 1024)) (then unreachable))
        (if (i32.ne (i32.load16_u $m2 (i32.const 1026)) (i32.const 0xe9)) (then unreachable))
        (memory.copy $m1 $m1 (i32.const 2048) (i32.const 100) (i32.const 7))
        (call $id2 (i32.const 100) (i32.const 6) (i32.const 0))
        (if (i32.ne (i32.load $m1 (i32.const 0)) (i32.const 1031)) (then unreachable))
        (memory.copy $m1 $m1 (i32.const 2055) (i32.load $m1 (i32.const 0)) (i32.load $m1 (i32.const 4)))
        (i32.store $m1 (i32.const 16) (i32.const 2048))
        (i32.store $m1 (i32.const 20) (i32.add (i32.const 7) (i32.load $m1 (i32.const 4))))
        (i32.const 16)))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "id1" (func $id1')) (export "id2" (func $id2'))))))
    (func (export "run") (result string) (canon lift (core func $m "run") (memory $mem "m1"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "id1" (func $b "id1")) (with "id2" (func $b "id2"))))
  (export "run" (func $a "run"))
  (export "counts" (func $b "n")))
