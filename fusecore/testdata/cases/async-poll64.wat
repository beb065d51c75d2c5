;; The payload of an event in a 64-bit memory.
;;! assert_return poll(16) -> 0
;;! assert_return poll(65528) -> 0
;;! assert_trap poll(4294967296) "out-of-bounds pointer"
;;! assert_trap poll(18) "misaligned pointer"
;;! assert_return message(24) -> 32
(component
  (core module $Mem (memory (export "m") i64 1)
    (func (export "realloc") (param i64 i64 i64 i64) (result i64)
      (if (i64.ne (local.get 2) (i64.const 2)) (then unreachable))
      (i64.const 32)))
  (core instance $mem (instantiate $Mem))
  (alias core export $mem "m" (core memory $m))
  (alias core export $mem "realloc" (core func $realloc))
  (core func $new (canon waitable-set.new))
  (core func $poll (canon waitable-set.poll (memory $m)))
  (core func $err (canon error-context.new (memory $m)))
  (core func $message (canon error-context.debug-message (memory $m) string-encoding=utf16 (realloc $realloc)))
  (core module $M
    (import "" "m" (memory i64 1))
    (import "" "new" (func $new (result i32)))
    (import "" "poll" (func $poll (param i32 i64) (result i32)))
    (import "" "err" (func $err (param i64 i64) (result i32)))
    (import "" "message" (func $message (param i32 i64)))
    (data (i64.const 16) "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff")
    (func (export "poll") (param i64) (result i64)
      (if (call $poll (call $new) (local.get 0)) (then unreachable))
      (i64.load (local.get 0)))
    (func (export "message") (param i64) (result i64)
      (call $message (call $err (i64.const -1) (i64.const -1)) (local.get 0))
      (i64.add (i64.load (local.get 0)) (i64.load offset=8 (local.get 0)))))
  (core instance $i (instantiate $M (with "" (instance
    (export "m" (memory $m)) (export "new" (func $new)) (export "poll" (func $poll))
    (export "err" (func $err)) (export "message" (func $message))))))
  (func (export "poll") (param "at" u64) (result u64) (canon lift (core func $i "poll")))
  (func (export "message") (param "at" u64) (result u64) (canon lift (core func $i "message"))))
