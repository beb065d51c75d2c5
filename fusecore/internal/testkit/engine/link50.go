//go:build wasmtime50

package engine

// The library's folder comes in CGO_LDFLAGS, from tools/engines/with50.

// #cgo CFLAGS: -DFUSE_WASMTIME50
// #cgo LDFLAGS: -l:_libwasmtime.so
// #include "wasmtime_api.h"
import "C"

import "os"

// Version is the major version of the wasmtime in use.
const Version = 50

// configureVersion sets what this version alone has.
func configureVersion(cfg *C.wasm_config_t) {
	concurrency := os.Getenv("WASMTIME_CONCURRENCY") != "off"
	C.wasmtime_config_concurrency_support_set(cfg, C.bool(concurrency))
	C.wasmtime_config_wasm_component_model_async_set(cfg, C.bool(concurrency))
	C.wasmtime_config_wasm_component_model_more_async_builtins_set(cfg, C.bool(concurrency))
	C.wasmtime_config_wasm_component_model_async_stackful_set(cfg, C.bool(concurrency))
}
