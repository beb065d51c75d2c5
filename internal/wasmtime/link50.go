//go:build wasmtime50

// This file implements what is specific to wasmtime 50.

package wasmtime

// tools/engines/with50 sets the library's folder in CGO_LDFLAGS.

// #cgo CFLAGS: -DFUSE_WASMTIME50
// #cgo LDFLAGS: -l:_libwasmtime.so
// #include "wasmtime_api.h"
import "C"

import "os"

// Version is the major version of the wasmtime in use.
const Version = 50

// Name returns the engine's name for messages and lists of answers.
func Name() string {
	if !concurrency() {
		return "wasmtime 50 without concurrency"
	}
	return "wasmtime 50"
}

func concurrency() bool { return os.Getenv("WASMTIME_CONCURRENCY") != "off" }

// configureVersion sets the options that only this version has.
func configureVersion(cfg *C.wasm_config_t, o Options) {
	on := C.bool(concurrency() && !o.NoConcurrency)
	C.wasmtime_config_concurrency_support_set(cfg, on)
	C.wasmtime_config_wasm_component_model_async_set(cfg, on)
	C.wasmtime_config_wasm_component_model_more_async_builtins_set(cfg, on)
	C.wasmtime_config_wasm_component_model_async_stackful_set(cfg, on)
}
