//go:build wasmtime50

package wasmtime

// The library's folder comes in CGO_LDFLAGS, from tools/engines/with50.

// #cgo CFLAGS: -DFUSE_WASMTIME50
// #cgo LDFLAGS: -l:_libwasmtime.so
// #include "wasmtime_api.h"
import "C"

import "os"

// Version is the major version of the wasmtime in use.
const Version = 50

// Name names the engine in messages and in lists of answers.
func Name() string {
	if !concurrency() {
		return "wasmtime 50 without concurrency"
	}
	return "wasmtime 50"
}

func concurrency() bool { return os.Getenv("WASMTIME_CONCURRENCY") != "off" }

// configureVersion sets what this version alone has.
func configureVersion(cfg *C.wasm_config_t, o Options) {
	on := C.bool(concurrency() && !o.NoConcurrency)
	C.wasmtime_config_concurrency_support_set(cfg, on)
	C.wasmtime_config_wasm_component_model_async_set(cfg, on)
	C.wasmtime_config_wasm_component_model_more_async_builtins_set(cfg, on)
	C.wasmtime_config_wasm_component_model_async_stackful_set(cfg, on)
}
