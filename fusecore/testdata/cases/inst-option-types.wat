;; Reallocs and destructors whose types are not final, or belong to a larger recursion group.
;;! host get -> "hello"
;;! assert_return run() -> 5
;;!   get() -> "hello"
;;! assert_return drop() -> 7
(component
  (import "get" (func $get (result string)))
  (core module $Mem
    (rec (type $r (func (param i32 i32 i32 i32) (result i32))) (type (func)))
    (memory (export "m") 1)
    (func (export "realloc") (type $r) (i32.const 64)))
  (core instance $mem (instantiate $Mem))
  (core func $get' (canon lower (func $get) (memory $mem "m") (realloc (func $mem "realloc"))))
  (core module $Dtor
    (type $d (sub (func (param i32))))
    (global (export "g") (mut i32) (i32.const 0))
    (func (export "dtor") (type $d) (global.set 0 (local.get 0))))
  (core instance $dtor (instantiate $Dtor))
  (type $res (resource (rep i32) (dtor (func $dtor "dtor"))))
  (core func $new (canon resource.new $res))
  (core func $drop (canon resource.drop $res))
  (core module $Main
    (import "" "get" (func $get (param i32)))
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "m" (memory 1))
    (import "" "g" (global $g (mut i32)))
    (func (export "run") (result i32) (call $get (i32.const 8)) (i32.load (i32.const 12)))
    (func (export "drop") (result i32) (call $drop (call $new (i32.const 7))) (global.get $g)))
  (core instance $main (instantiate $Main (with "" (instance
    (export "get" (func $get')) (export "new" (func $new)) (export "drop" (func $drop))
    (export "m" (memory $mem "m")) (export "g" (global $dtor "g"))))))
  (func (export "run") (result u32) (canon lift (core func $main "run")))
  (func (export "drop") (result u32) (canon lift (core func $main "drop"))))
