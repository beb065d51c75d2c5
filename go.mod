module github.com/wasmfuse/rules_wasm_fuse

go 1.25.0

require (
	github.com/bytecodealliance/wasmtime-go/v42 v42.0.0 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
)
