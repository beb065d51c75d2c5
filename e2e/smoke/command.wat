;; Prints the greeting it is given: wasm-tools parse command.wat | wasm-tools strip -a -o command.core.wasm
(module
  (import "demo:hello/greeting@1.0.0" "text" (func $text (param i32)))
  (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $get-stdout (result i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop (param i32)))
  (memory (export "memory") 1)
  ;; What is allocated lies one behind the other from 1024 on, and is never freed.
  (global $next (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  ;; At 0 the text's pointer and length, at 16 the result of the write: 0 when it is right.
  (func (export "wasi:cli/run@0.2.0#run") (result i32)
    (local $stdout i32)
    (call $text (i32.const 0))
    (local.set $stdout (call $get-stdout))
    (call $write (local.get $stdout) (i32.load (i32.const 0)) (i32.load (i32.const 4)) (i32.const 16))
    (call $drop (local.get $stdout))
    (i32.load8_u (i32.const 16))))
