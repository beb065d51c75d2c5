;; The consumer of demo:calc/math: wasm-tools parse consumer.wat | wasm-tools strip -a -o consumer.core.wasm
(module
  (import "demo:calc/math@1.0.0" "add" (func $add (param i32 i32) (result i32)))
  (func (export "demo:calc/app@1.0.0#double") (param i32) (result i32)
    local.get 0
    local.get 0
    call $add))
