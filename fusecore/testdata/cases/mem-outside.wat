;; Addresses beyond a guest's own memory, that it gives to the host: an argument, the address of an argument's part, a
;; result, and a block for a result of the host. Nothing of another guest's memory is read or written.
;;! host log
;;! host get -> "from the host"
;;! assert_trap argument()
;;! assert_trap inside()
;;! assert_trap result()
;;! assert_trap block()
;;!   get() -> "from the host"
;;! assert_return secret() -> 1919116659
(component
  (import "log" (func $log (param "s" (list string))))
  (import "get" (func $get (result string)))
  (component $Secret
    (core module $M (memory 1) (data (i32.const 0) "secret") (func (export "f") (result i32) (i32.load (i32.const 0))))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))
  (instance $secret (instantiate $Secret))
  (component $Thief
    (import "log" (func $log (param "s" (list string))))
    (import "get" (func $get (result string)))
    (core module $Mem (memory (export "m") 1)
      ;; a list of one string, which is outside
      (data (i32.const 16) "\00\00\01\00\06\00\00\00") (data (i32.const 32) "\00\00\01\00\06\00\00\00")
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
    (core instance $mem (instantiate $Mem))
    (core func $log' (canon lower (func $log) (memory $mem "m")))
    (core func $get' (canon lower (func $get) (memory $mem "m") (realloc (func $mem "realloc"))))
    (core module $M (import "mem" "m" (memory 1)) (import "" "log" (func $log (param i32 i32))) (import "" "get" (func $get (param i32)))
      (func (export "argument") (call $log (i32.const 65536) (i32.const 1)))
      (func (export "inside") (call $log (i32.const 16) (i32.const 1)))
      (func (export "result") (result i32) (i32.const 32))
      (func (export "block") (call $get (i32.const 8))))
    (core instance $m (instantiate $M (with "mem" (instance $mem)) (with "" (instance (export "log" (func $log')) (export "get" (func $get'))))))
    (func (export "argument") (canon lift (core func $m "argument")))
    (func (export "inside") (canon lift (core func $m "inside")))
    (func (export "result") (result string) (canon lift (core func $m "result") (memory $mem "m")))
    (func (export "block") (canon lift (core func $m "block"))))
  (instance $thief (instantiate $Thief (with "log" (func $log)) (with "get" (func $get))))
  (export "argument" (func $thief "argument"))
  (export "inside" (func $thief "inside"))
  (export "result" (func $thief "result"))
  (export "block" (func $thief "block"))
  (export "secret" (func $secret "f")))
