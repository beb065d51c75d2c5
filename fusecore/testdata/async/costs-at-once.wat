;; Calls of an asynchronous function that returns at once, in a loop, to measure what they cost. Fused they are plain.
;;! async
;;! fused reports into 1 module
;;! assert_return run-sync(3, 0) -> 6
;;! assert_return run-sync-lower(3, 0) -> 6
;;! assert_return run-async-lower(3, 0) -> 6
(component
  (component $Callee
    (core module $M
      (func (export "twice") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1))))
    (core instance $m (instantiate $M))
    (func (export "sync") (param "n" u32) (result u32) (canon lift (core func $m "twice")))
    (func (export "plain") async (param "n" u32) (result u32) (canon lift (core func $m "twice"))))
  (component $Caller
    (import "sync" (func $sync (param "n" u32) (result u32)))
    (import "plain" (func $plain async (param "n" u32) (result u32)))
    (core module $Memory (memory (export "memory") 1))
    (core instance $memory (instantiate $Memory))
    (core func $sync' (canon lower (func $sync)))
    (core func $plain-sync (canon lower (func $plain)))
    (core func $plain-async (canon lower (func $plain) async (memory (core memory $memory "memory"))))
    (core module $M
      (import "" "memory" (memory 1))
      (import "" "sync" (func $sync (param i32) (result i32)))
      (import "" "plain-sync" (func $plain-sync (param i32) (result i32)))
      (import "" "plain-async" (func $plain-async (param i32 i32) (result i32)))
      (func (export "run-sync") (param $n i32) (param i32) (result i32) (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (local.get $sum) (call $sync (i32.const 1))))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
      (func (export "run-sync-lower") (param $n i32) (param i32) (result i32) (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (local.get $sum) (call $plain-sync (i32.const 1))))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
      (func (export "run-async-lower") (param $n i32) (param i32) (result i32) (local $sum i32)
        (loop $next
          (if (i32.ne (call $plain-async (i32.const 1) (i32.const 8)) (i32.const 2 (; RETURNED ;))) (then unreachable))
          (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 8))))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))
    (core instance $m (instantiate $M (with "" (instance
      (export "memory" (memory $memory "memory")) (export "sync" (func $sync'))
      (export "plain-sync" (func $plain-sync)) (export "plain-async" (func $plain-async))))))
    (func (export "run-sync") async (param "n" u32) (param "size" u32) (result u32) (canon lift (core func $m "run-sync")))
    (func (export "run-sync-lower") async (param "n" u32) (param "size" u32) (result u32)
      (canon lift (core func $m "run-sync-lower")))
    (func (export "run-async-lower") async (param "n" u32) (param "size" u32) (result u32)
      (canon lift (core func $m "run-async-lower"))))
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller (with "sync" (func $callee "sync")) (with "plain" (func $callee "plain"))))
  (export "run-sync" (func $caller "run-sync"))
  (export "run-sync-lower" (func $caller "run-sync-lower"))
  (export "run-async-lower" (func $caller "run-async-lower")))
