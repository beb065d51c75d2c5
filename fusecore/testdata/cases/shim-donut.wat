;; A child's start function calls a function of its parent that goes through a shim of the parent, which is not filled yet.
;;! host log
;;! assert_trap instantiate
;;!   log(1)
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $Shim (type $t (func (param i32))) (table (export "t") 1 1 funcref)
    (func (export "0") (type $t) (call_indirect (type $t) (local.get 0) (i32.const 0))))
  (core instance $shim (instantiate $Shim))
  (core module $A
    (import "" "log" (func $log (param i32))) (import "" "0" (func $shim (param i32)))
    (func (export "f") (call $log (i32.const 1)) (call $shim (i32.const 2))))
  (core instance $a (instantiate $A (with "" (instance (export "log" (func $log')) (export "0" (func $shim "0"))))))
  (func $f (canon lift (core func $a "f")))
  (component $C
    (import "f" (func $f))
    (core func $f' (canon lower (func $f)))
    (core module $S (import "" "f" (func $f)) (func $s (call $f)) (start $s))
    (core instance (instantiate $S (with "" (instance (export "f" (func $f')))))))
  (instance (instantiate $C (with "f" (func $f))))
  (core module $Fix (import "" "f" (func $f (param i32))) (import "" "t" (table 1 funcref)) (elem (i32.const 0) $f))
  (core instance (instantiate $Fix (with "" (instance (export "f" (func $log')) (export "t" (table $shim "t")))))))
