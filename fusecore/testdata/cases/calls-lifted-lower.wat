;; A lowered function that is lifted again is two boundaries: values are converted twice, and the middle instance's
;; encoding and realloc count. The middle narrows u32 to bool.
;;! assert_return run(0) -> false
;;! assert_return run(7) -> true
;;! assert_return str() -> 5
;;! host get -> 9
;;! assert_return host() -> true
;;!   get() -> 9
(component
  (import "get" (func $get (result u32)))
  (component $B
    (core module $M
      (memory (export "m") 1)
      (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
      (func (export "id") (param i32) (result i32) (local.get 0))
      (func (export "str") (result i32) (i32.const 8)))
    (core instance $m (instantiate $M))
    (func (export "id") (param "x" u32) (result u32) (canon lift (core func $m "id")))
    (func (export "str") (result string) (canon lift (core func $m "str") (memory $m "m"))))
  (component $Mid
    (import "id" (func $id (param "x" u32) (result u32)))
    (import "get" (func $get (result u32)))
    (core func $id' (canon lower (func $id)))
    (core func $get' (canon lower (func $get)))
    (func (export "id") (param "x" u32) (result bool) (canon lift (core func $id')))
    (func (export "get") (result bool) (canon lift (core func $get'))))
  (component $A
    (import "id" (func $id (param "x" u32) (result bool)))
    (import "get" (func $get (result bool)))
    (import "str" (func $str (result string)))
    (core func $id' (canon lower (func $id)))
    (core func $get' (canon lower (func $get)))
    (core module $Mem (memory (export "m") 1) (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
    (core instance $mem (instantiate $Mem))
    (core func $str' (canon lower (func $str) string-encoding=utf16 (memory $mem "m") (realloc (func $mem "r"))))
    (core module $M
      (import "" "id" (func $id (param i32) (result i32)))
      (import "" "get" (func $get (result i32)))
      (import "" "str" (func $str (param i32)))
      (import "mem" "m" (memory 1))
      (func (export "id") (param i32) (result i32) (call $id (local.get 0)))
      (func (export "get") (result i32) (call $get))
      (func (export "str") (result i32) (call $str (i32.const 0)) (i32.load (i32.const 4))))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "id" (func $id')) (export "get" (func $get')) (export "str" (func $str'))))))
    (func (export "id") (param "x" u32) (result bool) (canon lift (core func $m "id")))
    (func (export "get") (result bool) (canon lift (core func $m "get")))
    (func (export "str") (result u32) (canon lift (core func $m "str"))))
  (instance $b (instantiate $B))
  (instance $mid (instantiate $Mid (with "id" (func $b "id")) (with "get" (func $get))))
  (instance $a (instantiate $A (with "id" (func $mid "id")) (with "get" (func $mid "get")) (with "str" (func $b "str"))))
  (export "run" (func $a "id"))
  (export "str" (func $a "str"))
  (export "host" (func $a "get")))
