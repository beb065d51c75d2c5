;; Nothing reaches a function and what it calls, a memory, a table and a function of the host.
;;! host log
;;! assert_return run(4) -> 12
;;! assert_return run(5) -> 14
(component
  (import "log" (func $log (param "n" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $M
    (import "" "log" (func $log (param i32)))
    (memory $unused 1)
    (table $calls 2 funcref)
    (table $spare 2 funcref)
    (elem (table $calls) (i32.const 0) func $called $mismatched)
    (elem (table $spare) (i32.const 0) func $unused)
    (data (memory $unused) (i32.const 8) "unused")
    (func $used (param i32) (result i32) (i32.add (local.get 0) (i32.const 2)))
    (func $called (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func $mismatched (param i64))
    (func $unused (call $log (i32.const 1)))
    (func $run (export "run") (param i32) (result i32)
      (call_indirect (param i32) (result i32) (call $used (local.get 0)) (i32.and (local.get 0) (i32.const 0)))))
  (core instance $m (instantiate $M (with "" (instance (export "log" (func $log'))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $m "run"))))
