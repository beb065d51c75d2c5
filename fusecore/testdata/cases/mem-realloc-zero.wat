;; Lowering a list or string always calls realloc, also for length 0, and its result is checked for alignment and bounds;
;; 0 bytes at the very end of the memory are inside it.
;;! assert_return run(0, 1, 64) -> 1
;;! assert_return run(0, 1, 65536) -> 1
;;! assert_trap run(0, 1, 65537) "realloc returned an out-of-bounds pointer"
;;! assert_return run(0, 4, 64) -> 1
;;! assert_trap run(0, 4, 66) "realloc returned a misaligned pointer"
;;! assert_return run(0, 4, 65536) -> 1
;;! assert_trap run(0, 4, 65540) "realloc returned an out-of-bounds pointer"
;;! assert_return run(1, 1, 65535) -> 1
;;! assert_trap run(1, 1, 65536) "realloc returned an out-of-bounds pointer"
;;! assert_return run(1, 4, 65532) -> 1
;;! assert_trap run(1, 4, 65536) "realloc returned an out-of-bounds pointer"
;;! assert_trap run(1, 4, 4294967292) "realloc returned an out-of-bounds pointer"
(component
  (component $B
    (core module $M
      (memory (export "m") 1)
      (global $at (mut i32) (i32.const 0))
      (global $n (mut i32) (i32.const 0))
      (func (export "set") (param i32) (global.set $at (local.get 0)) (global.set $n (i32.const 0)))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $at))
      (func (export "f") (param i32 i32) (result i32) (global.get $n)))
    (core instance $m (instantiate $M))
    (func (export "set") (param "x" u32) (canon lift (core func $m "set")))
    (func (export "s") (param "s" string) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc"))))
    (func (export "l") (param "s" (list u32)) (result u32) (canon lift (core func $m "f") (memory $m "m") (realloc (func $m "realloc")))))
  (component $A
    (import "set" (func $set (param "x" u32)))
    (import "s" (func $s (param "s" string) (result u32)))
    (import "l" (func $l (param "s" (list u32)) (result u32)))
    (core module $Mem (memory (export "m") 1))
    (core instance $mem (instantiate $Mem))
    (core func $set' (canon lower (func $set)))
    (core func $s' (canon lower (func $s) (memory $mem "m")))
    (core func $l' (canon lower (func $l) (memory $mem "m")))
    (core module $M
      (import "" "set" (func $set (param i32)))
      (import "" "s" (func $s (param i32 i32) (result i32)))
      (import "" "l" (func $l (param i32 i32) (result i32)))
      (func (export "run") (param $len i32) (param $size i32) (param $at i32) (result i32)
        (call $set (local.get $at))
        (if (result i32) (i32.eq (local.get $size) (i32.const 1))
          (then (call $s (i32.const 0) (local.get $len)))
          (else (call $l (i32.const 0) (local.get $len))))))
    (core instance $m (instantiate $M (with "" (instance (export "set" (func $set')) (export "s" (func $s')) (export "l" (func $l'))))))
    (func (export "run") (param "len" u32) (param "size" u32) (param "at" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "set" (func $b "set")) (with "s" (func $b "s")) (with "l" (func $b "l"))))
  (export "run" (func $a "run")))
