;; An active segment is empty to code that names it, whichever way it is applied; a passive one is what it was.
;;! host log
;;!   log(0)
;;! assert_return init(0, 0)
;;! assert_trap init(0, 1)
;;! assert_return init(1, 0)
;;!   log(0)
;;! assert_trap init(1, 1)
;;! assert_return init(2, 3)
;;!   log(0)
(component
  (import "log" (func $log (param "x" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $A
    (import "" "log" (func $log (param i32)))
    (memory (export "m") 1)
    (func $s (call $log (i32.load (i32.const 0)))) (start $s))
  (core instance $a (instantiate $A (with "" (instance (export "log" (func $log'))))))
  (core module $B
    (import "a" "m" (memory $a 1)) (memory $b 1)
    (data $late (memory $a) (i32.const 0) "abc")
    (data $active (memory $b) (i32.const 0) "def")
    (data $passive "ghi")
    (func (export "init") (param i32 i32)
      (if (i32.eq (local.get 0) (i32.const 0)) (then (memory.init $a $late (i32.const 0) (i32.const 0) (local.get 1))))
      (if (i32.eq (local.get 0) (i32.const 1)) (then (memory.init $b $active (i32.const 0) (i32.const 0) (local.get 1))))
      (if (i32.eq (local.get 0) (i32.const 2)) (then (memory.init $a $passive (i32.const 0) (i32.const 0) (local.get 1))))))
  (core instance $b (instantiate $B (with "a" (instance $a))))
  (func (export "init") (param "which" u32) (param "n" u32) (canon lift (core func $b "init"))))
