;; An adapter calls the realloc of an instance with tasks of its own as the runtime does: with context slots of its own, and
;; without the right to leave the instance.
;;! async
;;! host log
;;! assert_return run(0) -> 500
;;! assert_trap run(1) "cannot leave component instance"
;;! assert_trap run(2) "cannot leave component instance"
;;! assert_trap run(3) "cannot leave component instance"
;;! assert_return run(4) -> 500
;;! fused reports fused 2 of 2 components into 1 module
(component
  (import "log" (func $log))
  (component $L
    (core module $M (memory (export "mem") 1) (data (i32.const 8) "\10\00\00\00\02\00\00\00hi")
      (func (export "get") (result i32) (i32.const 8))
      (func (export "nop")))
    (core instance $i (instantiate $M))
    (func (export "get") (result string) (canon lift (core func $i "get") (memory (core memory $i "mem"))))
    (func (export "nop") (canon lift (core func $i "nop"))))
  (component $A
    (import "log" (func $log))
    (import "get" (func $get (result string)))
    (import "nop" (func $nop))
    (core module $Mem (memory (export "mem") 1))
    (core instance $m (instantiate $Mem))
    (canon waitable-set.new (core func $wnew))
    (canon context.get i32 0 (core func $cget))
    (canon context.set i32 0 (core func $cset))
    (canon backpressure.inc (core func $inc))
    (canon backpressure.dec (core func $dec))
    (canon lower (func $log) (core func $log))
    (canon lower (func $nop) (core func $nop))
    (core module $R
      (import "" "cget" (func $cget (result i32)))
      (import "" "cset" (func $cset (param i32)))
      (import "" "wnew" (func $wnew (result i32)))
      (import "" "inc" (func $inc))
      (import "" "dec" (func $dec))
      (import "" "log" (func $log))
      (import "" "nop" (func $nop))
      (global (export "what") (mut i32) (i32.const 0))
      (global (export "seen") (mut i32) (i32.const -1))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.set 1 (call $cget))
        (call $cset (i32.const 77))
        (if (i32.eq (global.get 0) (i32.const 1)) (then (call $log)))
        (if (i32.eq (global.get 0) (i32.const 2)) (then (drop (call $wnew))))
        (if (i32.eq (global.get 0) (i32.const 3)) (then (call $nop)))
        (if (i32.eq (global.get 0) (i32.const 4)) (then (call $inc) (call $dec)))
        (i32.const 64)))
    (core instance $r (instantiate $R (with "" (instance (export "cget" (func $cget)) (export "cset" (func $cset))
      (export "wnew" (func $wnew)) (export "inc" (func $inc)) (export "dec" (func $dec)) (export "log" (func $log))
      (export "nop" (func $nop))))))
    (canon task.return (result u32) (core func $tr))
    (canon lower (func $get) (memory (core memory $m "mem")) (realloc (core func $r "realloc")) (core func $get))
    (core module $M
      (import "" "what" (global $what (mut i32)))
      (import "" "seen" (global $seen (mut i32)))
      (import "" "cget" (func $cget (result i32)))
      (import "" "cset" (func $cset (param i32)))
      (import "" "get" (func $get (param i32)))
      (import "" "tr" (func $tr (param i32)))
      (func (export "run") (param i32) (result i32)
        (global.set $what (local.get 0))
        (call $cset (i32.const 5))
        (call $get (i32.const 16))
        (call $tr (i32.add (i32.mul (call $cget) (i32.const 100)) (global.get $seen)))
        (i32.const 0))
      (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
    (core instance $i (instantiate $M (with "" (instance (export "what" (global $r "what")) (export "seen" (global $r "seen"))
      (export "cget" (func $cget)) (export "cset" (func $cset)) (export "get" (func $get)) (export "tr" (func $tr))))))
    (func (export "run") async (param "what" u32) (result u32) (canon lift (core func $i "run") async (callback (core func $i "cb")))))
  (instance $l (instantiate $L))
  (instance $a (instantiate $A (with "log" (func $log)) (with "get" (func $l "get")) (with "nop" (func $l "nop"))))
  (export "run" (func $a "run")))
