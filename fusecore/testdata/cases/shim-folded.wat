;; The shim that component tools make: its trampolines become plain calls.
;;! host log
;;! assert_return run()
;;!   log("hello")
;;! fused lacks call_indirect
;;! fused lacks elem
(component
  (import "log" (func $log (param "s" string)))
  (core module $Shim
    (type $t (func (param i32 i32)))
    (table (export "$imports") 1 1 funcref)
    (func (export "0") (type $t) (call_indirect (type $t) (local.get 0) (local.get 1) (i32.const 0))))
  (core instance $shim (instantiate $Shim))
  (core module $Main
    (import "log" "log" (func $log (param i32 i32)))
    
    (memory (export "m") 1)
    (data (i32.const 8) "hello")
    (func (export "run") (call $log (i32.const 8) (i32.const 5))))
  (core instance $main (instantiate $Main (with "log" (instance (export "log" (func $shim "0"))))))
  (core func $log' (canon lower (func $log) (memory $main "m")))
  
  (core module $Fix
    (type $t (func (param i32 i32)))
    (import "" "0" (func $f (type $t)))
    (import "" "$imports" (table 1 1 funcref))
    
    (elem (i32.const 0) $f))
  (core instance $fix (instantiate $Fix (with "" (instance (export "0" (func $log')) (export "$imports" (table $shim "$imports"))))))
  
  (func (export "run") (canon lift (core func $main "run")))
  )
