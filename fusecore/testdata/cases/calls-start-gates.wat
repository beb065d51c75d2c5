;; Within a start function may_leave holds as elsewhere: its own calls leave, a realloc reached from them must not.
;;! host log
;;! assert_trap instantiate "cannot leave component instance"
;;!   log(0)
(component
  (import "log" (func $log (param "x" u32)))
  (component $B
    (core module $M (memory (export "m") 1) (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
      (func (export "str") (result i32) (i32.const 8)))
    (core instance $m (instantiate $M))
    (func (export "str") (result string) (canon lift (core func $m "str") (memory $m "m"))))
  (component $A
    (import "str" (func $str (result string)))
    (import "log" (func $log (param "x" u32)))
    (core func $log' (canon lower (func $log)))
    (core module $Mem
      (import "" "log" (func $log (param i32)))
      (memory (export "m") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $log (i32.const 1)) (i32.const 64)))
    (core instance $mem (instantiate $Mem (with "" (instance (export "log" (func $log'))))))
    (core func $str' (canon lower (func $str) (memory $mem "m") (realloc (func $mem "realloc"))))
    (core module $M
      (import "" "str" (func $str (param i32)))
      (import "" "log" (func $log (param i32)))
      (func $s (call $log (i32.const 0)) (call $str (i32.const 0)))
      (start $s))
    (core instance $m (instantiate $M (with "" (instance (export "str" (func $str')) (export "log" (func $log')))))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "str" (func $b "str")) (with "log" (func $log)))))
