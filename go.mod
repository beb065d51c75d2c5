module github.com/wasmfuse/rules_wasm_fuse

go 1.26.0

require (
	github.com/bytecodealliance/wasmtime-go/v42 v42.0.0
	github.com/google/go-cmp v0.7.0
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/spf13/cobra v1.10.2
	github.com/spf13/pflag v1.0.9 // indirect
	github.com/tetratelabs/wazero v1.12.0
	golang.org/x/sys v0.44.0 // indirect
)
