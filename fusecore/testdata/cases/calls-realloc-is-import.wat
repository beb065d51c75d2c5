;; A lowered function as the realloc of either side.
;;! assert_trap callee() "cannot leave component instance"
;;! assert_trap caller() "cannot leave component instance"
;;! assert_trap host-calls("x") "cannot leave component instance"
(component
  (component $C
    (core module $M (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
    (core instance $m (instantiate $M))
    (func (export "r") (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (result u32) (canon lift (core func $m "r"))))
  (component $B
    (import "r" (func $r (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (result u32)))
    (core func $r' (canon lower (func $r)))
    (core module $M
      (memory (export "m") 1)
      (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
      (func (export "str") (result i32) (i32.const 8))
      (func (export "len") (param i32 i32) (result i32) (local.get 1)))
    (core instance $m (instantiate $M))
    (func (export "str") (result string) (canon lift (core func $m "str") (memory $m "m")))
    (func (export "len") (param "s" string) (result u32) (canon lift (core func $m "len") (memory $m "m") (realloc (func $r')))))
  (component $A
    (import "r" (func $r (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (result u32)))
    (import "str" (func $str (result string)))
    (import "len" (func $len (param "s" string) (result u32)))
    (core func $r' (canon lower (func $r)))
    (core module $Mem (memory (export "m") 1))
    (core instance $mem (instantiate $Mem))
    (core func $str' (canon lower (func $str) (memory $mem "m") (realloc (func $r'))))
    (core func $len' (canon lower (func $len) (memory $mem "m")))
    (core module $M
      (import "" "str" (func $str (param i32)))
      (import "" "len" (func $len (param i32 i32) (result i32)))
      (func (export "callee") (result i32) (call $len (i32.const 0) (i32.const 1)))
      (func (export "caller") (result i32) (call $str (i32.const 0)) (i32.const 1)))
    (core instance $m (instantiate $M (with "" (instance (export "str" (func $str')) (export "len" (func $len'))))))
    (func (export "callee") (result u32) (canon lift (core func $m "callee")))
    (func (export "caller") (result u32) (canon lift (core func $m "caller"))))
  (instance $c (instantiate $C))
  (instance $b (instantiate $B (with "r" (func $c "r"))))
  (instance $a (instantiate $A (with "r" (func $c "r")) (with "str" (func $b "str")) (with "len" (func $b "len"))))
  (export "callee" (func $a "callee"))
  (export "caller" (func $a "caller"))
  (export "host-calls" (func $b "len")))
