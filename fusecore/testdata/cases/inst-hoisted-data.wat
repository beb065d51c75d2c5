;; The memory that host calls use is made before the fused module, with its constant data. Segments that are dropped or
;; read again by code, and segments behind a start function, are as in the original.
;;! host log
;;!   log("start")
;;! assert_return run()
;;!   log("abcde")
;;! assert_trap init()
(component
  (import "log" (func $log (param "s" string)))
  (core module $Mem
    (memory (export "m") 1)
    (data (i32.const 8) "start")
    (data $again (i32.const 16) "ab")
    (data (i32.const 17) "xc")
    (func (export "again") (memory.init $again (i32.const 0) (i32.const 0) (i32.const 1))))
  (core instance $mem (instantiate $Mem))
  (core func $log' (canon lower (func $log) (memory $mem "m")))
  (core module $S
    (import "" "log" (func $log (param i32 i32)))
    (func $s (call $log (i32.const 8) (i32.const 5)))
    (start $s))
  (core instance (instantiate $S (with "" (instance (export "log" (func $log'))))))
  (core module $Main
    (import "mem" "m" (memory 1))
    (import "" "log" (func $log (param i32 i32)))
    (data (i32.const 17) "bcde")
    (data (i32.const 8) "late!")
    (func (export "run") (call $log (i32.const 16) (i32.const 5))))
  (core instance $main (instantiate $Main (with "mem" (instance $mem)) (with "" (instance (export "log" (func $log'))))))
  (func (export "run") (canon lift (core func $main "run")))
  (func (export "init") (canon lift (core func $mem "again"))))
