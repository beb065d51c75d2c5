;; The alignments that realloc is called with for a string in latin1+utf16, as decimal digits: 2 for latin1, 2 and then 1 for
;; utf16 that turns out to be latin1, 2 for utf16 that does not.
;;! assert_return run(0, 4) -> 2
;;! assert_return run(0, 0) -> 2
;;! assert_return run(16, 2147483652) -> 21
;;! assert_return run(0, 2147483648) -> 21
;;! assert_return run(32, 2147483650) -> 2
(component
  (component $B
    (core module $M
      (memory (export "memory") 1)
      (global $seen (mut i32) (i32.const 0))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.set $seen (i32.add (i32.mul (global.get $seen) (i32.const 10)) (local.get 2)))
        (select (local.get 0) (i32.const 1024) (local.get 0)))
      (func (export "f") (param i32 i32) (result i32)
        (global.get $seen)
        (global.set $seen (i32.const 0))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" string) (result u32)
      (canon lift (core func $m "f") (memory $m "memory") (realloc (func $m "realloc")) string-encoding=latin1+utf16)))
  (component $A
    (import "f" (func $f (param "x" string) (result u32)))
    (core module $Mem
      (memory (export "memory") 1)
      (data (i32.const 0) "\e9\e8ab")
      (data (i32.const 16) "\e9\00\e8\00a\00b\00")
      (data (i32.const 32) "\ac\20a\00"))
    (core instance $mem (instantiate $Mem))
    (core func $f' (canon lower (func $f) (memory $mem "memory") string-encoding=latin1+utf16))
    (core module $M
      (import "" "f" (func $f (param i32 i32) (result i32)))
      (func (export "run") (param i32 i32) (result i32) (call $f (local.get 0) (local.get 1))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "f" (func $b "f"))))
  (export "run" (func $a "run")))
