;; A start function that calls through the global before it is set meets what was there first.
;;! host log
;;! assert_trap instantiate
;;!   log(1)
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $Shim
    (type $t (func (param i32)))
    (import "" "log" (func $log (type $t)))
    (global $g (export "g") (mut (ref $t)) (ref.func $stub))
    (func $stub (type $t) (call $log (local.get 0)) unreachable)
    (func (export "0") (type $t) (return_call_ref $t (local.get 0) (global.get $g))))
  (core instance $shim (instantiate $Shim (with "" (instance (export "log" (func $log'))))))
  (core module $Early (import "" "0" (func $f (param i32))) (func $s (call $f (i32.const 1))) (start $s))
  (core instance (instantiate $Early (with "" (instance $shim))))
  (core module $Fix
    (type $t (func (param i32)))
    (import "" "log" (func $log (type $t))) (import "shim" "g" (global $g (mut (ref $t))))
    (elem declare func $log)
    (func $s (global.set $g (ref.func $log))) (start $s))
  (core instance (instantiate $Fix (with "" (instance (export "log" (func $log')))) (with "shim" (instance $shim)))))
