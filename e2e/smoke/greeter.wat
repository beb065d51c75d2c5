;; Gives a greeting: wasm-tools parse greeter.wat | wasm-tools strip -a -o greeter.core.wasm
(module
  (memory (export "memory") 1)
  ;; At 0 the result's pointer and length, at 8 the text.
  (data (i32.const 0) "\08\00\00\00\0f\00\00\00hello, fusion!\0a")
  (func (export "demo:hello/greeting@1.0.0#text") (result i32)
    i32.const 0))
