;; The provider of demo:calc/math: wasm-tools parse provider.wat | wasm-tools strip -a -o provider.core.wasm
(module
  (func (export "demo:calc/math@1.0.0#add") (param i32 i32) (result i32)
    local.get 0
    local.get 1
    i32.add))
