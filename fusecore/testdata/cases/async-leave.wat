;; Built-ins that work in a function, but not in its post-return nor in a realloc; backpressure, which is counted anywhere
;; and stays within its bounds.
;;! assert_return yield() -> 0
;;! assert_return index() -> 1
;;! assert_return set-new() -> 1
;;! assert_return run(0) -> 5
;;! assert_return set-new() -> 2
;;! assert_return run(0) -> 5
;;! assert_trap run(1) "cannot leave component instance"
;;! assert_trap run(2) "cannot leave component instance"
;;! assert_trap run(3) "cannot leave component instance"
;;! assert_return run(4) -> 5
;;! assert_return dec()
;;! assert_trap dec() "backpressure counter out of range"
;;! assert_trap dec() "backpressure counter out of range"
;;! assert_return incs(65535)
;;! assert_return dec()
;;! assert_return incs(1)
;;! assert_trap incs(1) "backpressure counter out of range"
;;! assert_trap incs(65536) "backpressure counter out of range"
;;! assert_return message(0) -> 64
;;! assert_trap message(1) "cannot leave component instance"
;;! assert_trap message(2) "cannot leave component instance"
;;! assert_trap message(3) "cannot leave component instance"
;;! assert_return message(4) -> 64
;;! assert_return dec()
;;! assert_return direct-inc()
;;! assert_return dec()
;;! assert_trap direct-cancel() "task is not asynchronous"
(component
  (component $B
    (core module $Mem
      (table (export "t") 1 funcref)
      (type $hook (func))
      (memory (export "m") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call_indirect (type $hook) (i32.const 0)) (i32.const 64)))
    (core instance $mem (instantiate $Mem))
    (alias core export $mem "m" (core memory $m))
    (alias core export $mem "realloc" (core func $realloc))
    (core func $yield (canon thread.yield))
    (core func $index (canon thread.index))
    (core func $set.new (canon waitable-set.new))
    (core func $err.new (canon error-context.new (memory $m)))
    (core func $message (canon error-context.debug-message (memory $m) (realloc $realloc)))
    (core func $inc (canon backpressure.inc))
    (core func $dec (canon backpressure.dec))
    (core func $cancel (canon task.cancel))
    (core module $M
      (import "" "m" (memory 1))
      (import "" "t" (table 1 funcref))
      (import "" "yield" (func $yield (result i32)))
      (import "" "index" (func $index (result i32)))
      (import "" "set.new" (func $set.new (result i32)))
      (import "" "err.new" (func $err.new (param i32 i32) (result i32)))
      (import "" "message" (func $message (param i32 i32)))
      (import "" "inc" (func $inc))
      (import "" "dec" (func $dec))
      (global $what (mut i32) (i32.const 0))
      (func $do
        (if (i32.eq (global.get $what) (i32.const 1)) (then (drop (call $yield))))
        (if (i32.eq (global.get $what) (i32.const 2)) (then (drop (call $index))))
        (if (i32.eq (global.get $what) (i32.const 3)) (then (drop (call $set.new))))
        (if (i32.eq (global.get $what) (i32.const 4)) (then (call $inc))))
      (elem (i32.const 0) func $do)
      (func (export "yield") (result i32) (call $yield))
      (func (export "index") (result i32) (call $index))
      (func (export "set.new") (result i32) (call $set.new))
      (func (export "run") (param i32) (result i32) (global.set $what (local.get 0)) (i32.const 5))
      (func (export "post") (param i32) (call $do))
      (func (export "incs") (param i32)
        (loop $l
          (call $inc)
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "dec") (call $dec))
      (func (export "message") (param i32) (result i32)
        (global.set $what (local.get 0))
        (call $message (call $err.new (i32.const 0) (i32.const 0)) (i32.const 8))
        (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 12)))))
    (core instance $i (instantiate $M (with "" (instance
      (export "m" (memory $m)) (export "t" (table $mem "t"))
      (export "yield" (func $yield)) (export "index" (func $index))
      (export "set.new" (func $set.new)) (export "err.new" (func $err.new)) (export "message" (func $message))
      (export "inc" (func $inc)) (export "dec" (func $dec))))))
    (func (export "yield") (result u32) (canon lift (core func $i "yield")))
    (func (export "index") (result u32) (canon lift (core func $i "index")))
    (func (export "set-new") (result u32) (canon lift (core func $i "set.new")))
    (func (export "run") (param "what" u32) (result u32) (canon lift (core func $i "run") (post-return (func $i "post"))))
    (func (export "incs") (param "n" u32) (canon lift (core func $i "incs")))
    (func (export "dec") (canon lift (core func $i "dec")))
    (func (export "message") (param "what" u32) (result u32) (canon lift (core func $i "message")))
    (func (export "direct-inc") (canon lift (core func $inc)))
    (func (export "direct-cancel") (canon lift (core func $cancel))))
  (component $A
    (import "run" (func $run (param "what" u32) (result u32)))
    (core func $run' (canon lower (func $run)))
    (core module $M
      (import "" "run" (func $run (param i32) (result i32)))
      (func (export "run") (param i32) (result i32) (call $run (local.get 0))))
    (core instance $i (instantiate $M (with "" (instance (export "run" (func $run'))))))
    (func (export "run") (param "what" u32) (result u32) (canon lift (core func $i "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "run" (func $b "run"))))
  (export "yield" (func $b "yield"))
  (export "index" (func $b "index"))
  (export "set-new" (func $b "set-new"))
  (export "run" (func $a "run"))
  (export "incs" (func $b "incs"))
  (export "dec" (func $b "dec"))
  (export "message" (func $b "message"))
  (export "direct-inc" (func $b "direct-inc"))
  (export "direct-cancel" (func $b "direct-cancel")))
