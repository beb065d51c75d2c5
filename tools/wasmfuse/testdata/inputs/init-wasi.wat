;; A core module whose initialisation calls WASI preview 1.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_initialize") (drop (call $random (i32.const 0) (i32.const 4))))
  (func (export "seed") (result i32) (i32.load (i32.const 0))))
