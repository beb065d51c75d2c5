;; A component whose export fill initialises it, with functions that cannot.
(component
  (import "log" (func $log (param "text" string)))
  (core module $Memory (memory (export "memory") 1))
  (core instance $memory (instantiate $Memory))
  (core func $log (canon lower (func $log) (memory $memory "memory")))
  (core module $Main
    (import "m" "memory" (memory 1))
    (import "host" "log" (func $log (param i32 i32)))
    (func (export "fill") (i32.store (i32.const 8) (i32.const 42)))
    (func (export "get") (result i32) (i32.load (i32.const 8)))
    (func (export "hello") (call $log (i32.const 8) (i32.const 1))))
  (core instance $main (instantiate $Main
    (with "m" (instance $memory))
    (with "host" (instance (export "log" (func $log))))))
  (func (export "fill") (canon lift (core func $main "fill")))
  (func (export "get") (result u32) (canon lift (core func $main "get")))
  (func (export "hello") (canon lift (core func $main "hello"))))
