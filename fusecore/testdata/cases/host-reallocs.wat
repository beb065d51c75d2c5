;; Two instances use one function of the host, each with a memory and realloc of its own, also in start functions; and the
;; host's function that takes a list of strings.
;;! host greet -> "hello"
;;! host join
;;!   greet() -> "hello"
;;!   greet() -> "hello"
;;! assert_return a() -> "hello"
;;!   greet() -> "hello"
;;! assert_return b() -> 5
;;!   greet() -> "hello"
;;! assert_return starts() -> 505
;;! assert_return send()
;;!   join(["ab", "", "c"])
(component
  (import "greet" (func $greet (result string)))
  (import "join" (func $join (param "l" (list string))))
  (component $A
    (import "greet" (func $greet (result string)))
    (import "join" (func $join (param "l" (list string))))
    (core module $Mem (memory (export "m") 1)
      (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
    (core instance $mem (instantiate $Mem))
    (core func $greet' (canon lower (func $greet) (memory $mem "m") (realloc (func $mem "r"))))
    (core func $join' (canon lower (func $join) (memory $mem "m")))
    (core module $M
      (import "" "greet" (func $greet (param i32)))
      (import "" "join" (func $join (param i32 i32)))
      (import "mem" "m" (memory 1))
      (global $started (mut i32) (i32.const 0))
      (data (i32.const 200) "\2c\01\00\00\02\00\00\00\00\00\00\00\00\00\00\00\2e\01\00\00\01\00\00\00")
      (data (i32.const 300) "abc")
      (func (export "a") (result i32) (call $greet (i32.const 16)) (i32.const 16))
      (func (export "send") (call $join (i32.const 200) (i32.const 3)))
      (func (export "started") (result i32) (global.get $started))
      (func $s (call $greet (i32.const 8)) (global.set $started (i32.load (i32.const 12))))
      (start $s))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "greet" (func $greet')) (export "join" (func $join'))))))
    (func (export "a") (result string) (canon lift (core func $m "a") (memory $mem "m")))
    (func (export "send") (canon lift (core func $m "send")))
    (func (export "started") (result u32) (canon lift (core func $m "started"))))
  (component $B
    (import "greet" (func $greet (result string)))
    (import "started" (func $astarted (result u32)))
    (core func $started' (canon lower (func $astarted)))
    (core module $Mem (memory (export "m") 1) (global $top (mut i32) (i32.const 1024))
      (func (export "r") (param i32 i32 i32 i32) (result i32) (global.set $top (i32.add (global.get $top) (i32.const 16))) (global.get $top)))
    (core instance $mem (instantiate $Mem))
    (core func $greet' (canon lower (func $greet) string-encoding=utf16 (memory $mem "m") (realloc (func $mem "r"))))
    (core module $M
      (import "" "greet" (func $greet (param i32)))
      (import "" "started" (func $started (result i32)))
      (import "mem" "m" (memory 1))
      (global $n (mut i32) (i32.const 0))
      (func (export "b") (result i32) (call $greet (i32.const 16))
        (if (i32.ne (i32.load16_u offset=2 (i32.load (i32.const 16))) (i32.const 101)) (then unreachable))
        (i32.load (i32.const 20)))
      (func (export "starts") (result i32) (i32.add (i32.mul (i32.const 100) (global.get $n)) (call $started)))
      (func $s (call $greet (i32.const 8)) (global.set $n (i32.load (i32.const 12))))
      (start $s))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "greet" (func $greet')) (export "started" (func $started'))))))
    (func (export "b") (result u32) (canon lift (core func $m "b")))
    (func (export "starts") (result u32) (canon lift (core func $m "starts"))))
  (instance $a (instantiate $A (with "greet" (func $greet)) (with "join" (func $join))))
  (instance $b (instantiate $B (with "greet" (func $greet)) (with "started" (func $a "started"))))
  (export "a" (func $a "a"))
  (export "b" (func $b "b"))
  (export "starts" (func $b "starts"))
  (export "send" (func $a "send")))
