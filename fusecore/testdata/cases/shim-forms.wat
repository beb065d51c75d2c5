;; Other functions that only pass their parameters on: through tables of references, initial values of tables and globals,
;; segments of expressions, offsets from globals, references of their own, direct and tail calls, and a table that a start
;; function fills.
;;! assert_return run(1) -> 11
;;! fused counts call_ref 0
;;! fused counts return_call_ref 0
;;! fused counts call_indirect 0
;;! fused counts return_call_indirect 0
;;! fused counts table.set 0
;;! fused lacks (table
(component
  (core module $Real (global (export "two") i32 (i32.const 2)) (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
  (core instance $real (instantiate $Real))
  (core module $Shim
    (type $t (func (param i32) (result i32)))
    (type $again (func (param i32) (result i32)))
    (import "real" "inc" (func $inc (type $t)))
    (import "real" "two" (global $two i32))
    (global $fixed (ref $t) (ref.func $inc))
    (table $refs (export "refs") 3 (ref null $t))
    (table $funcs (export "funcs") 4 funcref)
    (table $first 2 (ref $t) (ref.func $inc))
    (table $set (export "set") 1 funcref)
    (elem (table $refs) (global.get $two) (ref null $t) (ref.func $inc))
    (elem (table $funcs) (i32.const 0) funcref (global.get $fixed) (ref.null func))
    (elem declare func $inc)
    (func (export "a") (type $t) (call_ref $t (local.get 0) (table.get $refs (i32.const 2))))
    (func (export "b") (type $t) (return_call_ref $t (local.get 0) (global.get $fixed)))
    (func (export "c") (type $t) (call_ref $t (local.get 0) (ref.func $inc)))
    (func (export "d") (type $t) (call $inc (local.get 0)) return)
    (func (export "e") (type $t) (return_call $inc (local.get 0)))
    (func (export "f") (type $t) (return_call_indirect $funcs (type $t) (local.get 0) (i32.const 0)))
    (func (export "g") (type $t) (call_indirect $first (type $again) (local.get 0) (i32.const 1)))
    (func (export "h") (type $t) (call_ref $t (local.get 0) (ref.cast (ref $t) (table.get $set (i32.const 0)))))
    (func (export "i") (type $t) (call_indirect $funcs (type $t) (local.get 0) (i32.const 3)))
    (func (export "j") (type $t) (return_call_ref $t (local.get 0) (ref.as_non_null (table.get $first (i32.const 0))))))
  (core instance $shim (instantiate $Shim (with "real" (instance $real))))
  (core module $Fix
    (import "real" "inc" (func $inc (param i32) (result i32)))
    (import "shim" "set" (table $set 1 funcref))
    (import "shim" "funcs" (table $funcs 4 funcref))
    (elem (table $funcs) (i32.const 3) func $inc)
    (elem declare func $inc)
    (func $s (table.set $set (i32.const 0) (ref.func $inc))) (start $s))
  (core instance (instantiate $Fix (with "shim" (instance $shim)) (with "real" (instance $real))))
  (core module $Main
    (type $t (func (param i32) (result i32)))
    (import "" "a" (func $a (type $t))) (import "" "b" (func $b (type $t))) (import "" "c" (func $c (type $t)))
    (import "" "d" (func $d (type $t))) (import "" "e" (func $e (type $t))) (import "" "f" (func $f (type $t)))
    (import "" "g" (func $g (type $t))) (import "" "h" (func $h (type $t))) (import "" "i" (func $i (type $t)))
    (import "" "j" (func $j (type $t)))
    (func (export "run") (type $t)
      (call $a (call $b (call $c (call $d (call $e (call $f (call $g (call $h (call $i (call $j (local.get 0)))))))))))))
  (core instance $main (instantiate $Main (with "" (instance $shim))))
  (func (export "run") (param "x" u32) (result u32) (canon lift (core func $main "run"))))
