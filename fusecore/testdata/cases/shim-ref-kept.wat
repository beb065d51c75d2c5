;; Functions that pass their parameters on to what is not known for good stay calls: a global that code sets later, one
;; that a start function sets that does more, or that can run again, a null reference, a slot beyond the table, and one
;; that a start function calls before it is set.
;;! host log
;;!   log(3)
;;! assert_return code(1) -> 11
;;! assert_return swap()
;;! assert_return code(1) -> 101
;;! assert_return busy(1) -> 11
;;! assert_return again(1) -> 101
;;! assert_return reset()
;;! assert_return again(1) -> 11
;;! assert_trap null(1)
;;! assert_trap beyond(1)
;;!   log(3)
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $Real
    (func (export "ten") (param i32) (result i32) (i32.add (local.get 0) (i32.const 10)))
    (func (export "hundred") (param i32) (result i32) (i32.add (local.get 0) (i32.const 100))))
  (core instance $real (instantiate $Real))
  (core module $Shim
    (type $t (func (param i32) (result i32)))
    (import "real" "ten" (func $ten (type $t))) (import "real" "hundred" (func $hundred (type $t)))
    (global $code (mut (ref $t)) (ref.func $ten))
    (global $busy (export "busy'") (mut (ref $t)) (ref.func $hundred))
    (global $again (export "again'") (mut (ref $t)) (ref.func $hundred))
    (global $null (ref null $t) (ref.null $t))
    (table $one 1 (ref $t) (ref.func $ten))
    (func (export "swap") (global.set $code (ref.func $hundred)))
    (func (export "code") (type $t) (call_ref $t (local.get 0) (global.get $code)))
    (func (export "busy") (type $t) (call_ref $t (local.get 0) (global.get $busy)))
    (func (export "again") (type $t) (call_ref $t (local.get 0) (global.get $again)))
    (func (export "null") (type $t) (call_ref $t (local.get 0) (global.get $null)))
    (func (export "beyond") (type $t) (call_ref $t (local.get 0) (table.get $one (i32.const 1)))))
  (core instance $shim (instantiate $Shim (with "real" (instance $real))))
  (core module $Again
    (type $t (func (param i32) (result i32)))
    (import "real" "ten" (func $f (type $t)))
    (import "shim" "again'" (global $g (mut (ref $t))))
    (elem declare func $f)
    (func $s (export "reset") (global.set $g (ref.func $f))) (start $s))
  (core instance $again (instantiate $Again (with "real" (instance $real)) (with "shim" (instance $shim))))
  (core module $Over
    (type $t (func (param i32) (result i32)))
    (import "real" "hundred" (func $f (type $t)))
    (import "shim" "again'" (global $g (mut (ref $t))))
    (elem declare func $f)
    (func $s (global.set $g (ref.func $f))) (start $s))
  (core instance (instantiate $Over (with "real" (instance $real)) (with "shim" (instance $shim))))
  (core module $Busy
    (type $t (func (param i32) (result i32)))
    (import "real" "ten" (func $ten (type $t)))
    (import "shim" "busy'" (global $g (mut (ref $t))))
    (import "" "log" (func $log (param i32)))
    (elem declare func $ten)
    (func $s (call $log (i32.const 3)) (global.set $g (ref.func $ten))) (start $s))
  (core instance (instantiate $Busy (with "real" (instance $real)) (with "shim" (instance $shim)) (with "" (instance (export "log" (func $log'))))))
  (func (export "swap") (canon lift (core func $shim "swap")))
  (func (export "reset") (canon lift (core func $again "reset")))
  (func (export "code") (param "x" u32) (result u32) (canon lift (core func $shim "code")))
  (func (export "busy") (param "x" u32) (result u32) (canon lift (core func $shim "busy")))
  (func (export "again") (param "x" u32) (result u32) (canon lift (core func $shim "again")))
  (func (export "null") (param "x" u32) (result u32) (canon lift (core func $shim "null")))
  (func (export "beyond") (param "x" u32) (result u32) (canon lift (core func $shim "beyond"))))
