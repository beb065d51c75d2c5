;; number.get asks for the time by preview1, and gives 21.
(module
  (func $now (import "wasi_snapshot_preview1" "clock_time_get") (param i32 i64 i32) (result i32))
  (memory (export "memory") 1)
  (func (export "demo:graph/number@1.0.0#get") (result i32)
    (drop (call $now (i32.const 0) (i64.const 0) (i32.const 0)))
    i32.const 21))
