;; A start function that waits would wait for ever.
;;! assert_trap instantiate "nothing can resume the blocked task"
(component
  (core module $Mem (memory (export "m") 1))
  (core instance $mem (instantiate $Mem))
  (alias core export $mem "m" (core memory $m))
  (core func $set.new (canon waitable-set.new))
  (core func $wait (canon waitable-set.wait (memory $m)))
  (core module $M
    (import "" "set.new" (func $set.new (result i32)))
    (import "" "wait" (func $wait (param i32 i32) (result i32)))
    (func $start (drop (call $wait (call $set.new) (i32.const 0))))
    (start $start))
  (core instance (instantiate $M (with "" (instance (export "set.new" (func $set.new)) (export "wait" (func $wait)))))))
