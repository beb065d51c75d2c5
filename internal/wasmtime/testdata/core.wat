;; Build: wasm-tools parse core.wat -o core.wasm
(module
  (import "env" "mix" (func $mix (param i32 i64 f32 f64) (result i64 f32)))
  (import "env" "absent" (func $absent))
  (memory (export "a") 1)
  (memory (export "b") 2)
  (global (export "g") (mut i64) (i64.const -2))
  (func (export "poke") (param i32 i32) (i32.store8 1 (local.get 0) (local.get 1)))
  (func (export "mix") (result i64 f32)
    (call $mix (i32.const -1) (i64.const -2) (f32.const 1.5) (f64.const -2.5)))
  (func (export "absent") (call $absent))
  (func (export "tail") (param i32) (result i32) (return_call $id (local.get 0)))
  (func $id (param i32) (result i32) (local.get 0)))
