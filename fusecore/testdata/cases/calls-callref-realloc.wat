;; A realloc that leaves through a function reference kept in a global, and through one kept in a struct.
;;! host log
;;! assert_return run(0) -> 5
;;! assert_trap run(1) "cannot leave component instance"
;;! assert_trap run(2) "cannot leave component instance"
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
    (core module $Refs
      (type $t (func (param i32)))
      (type $box (struct (field (ref $t))))
      (import "" "log" (func $log (type $t)))
      (global (export "ref") (ref $t) (ref.func $log))
      (global (export "box") (ref $box) (struct.new $box (ref.func $log))))
    (core instance $refs (instantiate $Refs (with "" (instance (export "log" (func $log'))))))
    (core module $Mem
      (type $t (func (param i32)))
      (type $box (struct (field (ref $t))))
      (import "" "ref" (global $ref (ref $t)))
      (import "" "box" (global $box (ref $box)))
      (memory (export "m") 1)
      (global $mode (export "mode") (mut i32) (i32.const 0))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (i32.eq (global.get $mode) (i32.const 1)) (then (call_ref $t (i32.const 1) (global.get $ref))))
        (if (i32.eq (global.get $mode) (i32.const 2)) (then (call_ref $t (i32.const 1) (struct.get $box 0 (global.get $box)))))
        (i32.const 64)))
    (core instance $mem (instantiate $Mem (with "" (instance $refs))))
    (core func $str' (canon lower (func $str) (memory $mem "m") (realloc (func $mem "realloc"))))
    (core module $M
      (import "" "str" (func $str (param i32)))
      (import "mem" "m" (memory 1))
      (import "mem" "mode" (global $mode (mut i32)))
      (func (export "run") (param i32) (result i32)
        (global.set $mode (local.get 0)) (call $str (i32.const 0)) (i32.load (i32.const 4))))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "str" (func $str'))))))
    (func (export "run") (param "m" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "str" (func $b "str")) (with "log" (func $log))))
  (export "run" (func $a "run")))
