;; A start function that sees a memory through the adapter of a call alone: it reads a string there and writes the result.
;;! host log
;;!   log("seen")
;;!   log("\u{0}\u{0}")
;;! assert_return get(0) -> 97
;;! assert_return get(64) -> 98
;;! assert_return get(200) -> 82
;;! assert_return get(300) -> 99
(component
  (import "log" (func $log (param "s" string)))
  (component $P
    (import "log" (func $log (param "s" string)))
    (core module $Mem (memory (export "m") 1) (global $at (mut i32) (i32.const 512))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (global.get $at) (global.set $at (i32.add (global.get $at) (i32.const 64)))))
    (core instance $mem (instantiate $Mem))
    (core func $log' (canon lower (func $log) (memory $mem "m")))
    (core module $M
      (import "mem" "m" (memory 1)) (import "" "log" (func $log (param i32 i32)))
      (data (i32.const 0) "\80\00\00\00\04\00\00\00") (data (i32.const 128) "Read")
      (func (export "pass") (param i32 i32) (result i32) (call $log (local.get 0) (local.get 1)) (i32.const 0)))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "log" (func $log'))))))
    (func (export "pass") (param "s" string) (result string) (canon lift (core func $m "pass") (memory $mem "m") (realloc (func $mem "realloc")))))
  (instance $p (instantiate $P (with "log" (func $log))))
  (component $Q
    (import "pass" (func $pass (param "s" string) (result string)))
    (core module $Mem (memory (export "m") 1) (data (i32.const 0) "seen")
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 200))
      (func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0))))
    (core instance $mem (instantiate $Mem))
    (core func $pass' (canon lower (func $pass) (memory $mem "m") (realloc (func $mem "realloc"))))
    (core module $S (import "" "pass" (func $pass (param i32 i32 i32)))
      (func $s (call $pass (i32.const 0) (i32.const 4) (i32.const 32)) (call $pass (i32.const 64) (i32.const 2) (i32.const 32))) (start $s))
    (core instance (instantiate $S (with "" (instance (export "pass" (func $pass'))))))
    (core module $D (import "" "m" (memory 1)) (data (i32.const 0) "a") (data (i32.const 64) "bb") (data (i32.const 300) "c"))
    (core instance (instantiate $D (with "" (instance $mem))))
    (func (export "get") (param "x" u32) (result u32) (canon lift (core func $mem "get"))))
  (instance $q (instantiate $Q (with "pass" (func $p "pass"))))
  (export "get" (func $q "get")))
