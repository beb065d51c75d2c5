;; Imports an interface of WASI of a later version, with a function that the implementation lacks.
(component
  (import "wasi:random/random@0.2.99" (instance $random
    (export "get-random-u64" (func (result u64)))
    (export "get-random-u32" (func (result u32)))))
  (core func $u64 (canon lower (func $random "get-random-u64")))
  (core module $M (import "" "u64" (func $u64 (result i64))) (func (export "run") (result i64) (call $u64)))
  (core instance $m (instantiate $M (with "" (instance (export "u64" (func $u64))))))
  (func (export "run") (result u64) (canon lift (core func $m "run"))))
