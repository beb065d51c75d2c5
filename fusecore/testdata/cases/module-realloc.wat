;; A guest's own realloc, which traps if it is asked for 13 bytes: nothing runs after that.
;;! host log("") -> "0123456789abc"
;;! host log($s) -> $s
;;! instance
;;! assert_return run("ab") -> "ab"
;;!   log("ab") -> "ab"
;;! assert_trap run("0123456789abc")
;;! instance
;;! assert_trap run("")
;;!   log("") -> "0123456789abc"
(component
  (import "log" (func $log (param "s" string) (result string)))
  (core module $Memory
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 64))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (if (i32.eq (local.get 3) (i32.const 13)) (then unreachable))
      (global.set $top (i32.add (global.get $top) (local.get 3)))
      (i32.sub (global.get $top) (local.get 3))))
  (core instance $memory (instantiate $Memory))
  (core func $log (canon lower (func $log) (memory $memory "memory") (realloc (func $memory "realloc"))))
  (core module $M
    (import "" "log" (func $log (param i32 i32 i32)))
    (func (export "run") (param i32 i32) (result i32)
      (call $log (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16)))
  (core instance $m (instantiate $M (with "" (instance (export "log" (func $log))))))
  (func (export "run") (param "s" string) (result string)
    (canon lift (core func $m "run") (memory $memory "memory") (realloc (func $memory "realloc")))))
