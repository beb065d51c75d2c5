;; Memories that host calls use, and so are made before the fused module: of a component that comes after a start function,
;; and of one whose start function lets the host read it.
;;! host log
;;!   log("first")
;;! assert_return early()
;;!   log("late!")
;;! assert_return other()
;;!   log("other")
;;! fused counts memory.init 1
(component
  (import "log" (func $log (param "s" string)))
  (component $C
    (import "log" (func $log (param "s" string)))
    (core module $Mem (memory (export "m") 1) (data (i32.const 0) "other"))
    (core instance $mem (instantiate $Mem))
    (core func $log' (canon lower (func $log) (memory $mem "m")))
    (core module $M (import "" "log" (func $log (param i32 i32))) (func (export "say") (call $log (i32.const 0) (i32.const 5))))
    (core instance $m (instantiate $M (with "" (instance (export "log" (func $log'))))))
    (func (export "say") (canon lift (core func $m "say"))))
  (component $E
    (import "log" (func $log (param "s" string)))
    (core module $Mem (memory (export "m") 1) (data (i32.const 0) "first"))
    (core instance $mem (instantiate $Mem))
    (core func $log' (canon lower (func $log) (memory $mem "m")))
    (core module $S (import "" "log" (func $log (param i32 i32))) (func $s (call $log (i32.const 0) (i32.const 5))) (start $s))
    (core instance (instantiate $S (with "" (instance (export "log" (func $log'))))))
    (core module $D (import "mem" "m" (memory 1)) (import "" "log" (func $log (param i32 i32)))
      (data (i32.const 0) "late!")
      (func (export "say") (call $log (i32.const 0) (i32.const 5))))
    (core instance $d (instantiate $D (with "mem" (instance $mem)) (with "" (instance (export "log" (func $log'))))))
    (func (export "say") (canon lift (core func $d "say"))))
  (instance $e (instantiate $E (with "log" (func $log))))
  (instance $c (instantiate $C (with "log" (func $log))))
  (export "early" (func $e "say"))
  (export "other" (func $c "say")))
