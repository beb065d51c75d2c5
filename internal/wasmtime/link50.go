//go:build wasmtime50

// This file implements what is specific to wasmtime 50.

package wasmtime

// tools/engines/with50 sets the library in CGO_LDFLAGS, Bazel in cdeps.

// #cgo CFLAGS: -DFUSE_WASMTIME50
// #include "wasmtime_api.h"
import "C"

import "os"

// Version is the major version of the wasmtime in use.
const Version = 50

// Name returns the engine's name for messages and lists of answers.
func Name() string {
	if !Async() {
		return "wasmtime 50 without concurrency"
	}
	return "wasmtime 50"
}

// Async reports whether guests can have asynchronous functions.
func Async() bool { return os.Getenv("WASMTIME_CONCURRENCY") != "off" }

// configureVersion sets the options that only this version has.
func configureVersion(cfg *C.wasm_config_t, o Options) {
	if o.Unoptimised {
		C.wasmtime_config_cranelift_regalloc_algorithm_set(cfg, 1)
	}
	on := C.bool(Async() && !o.NoConcurrency)
	C.wasmtime_config_concurrency_support_set(cfg, on)
	C.wasmtime_config_wasm_component_model_async_set(cfg, on)
	C.wasmtime_config_wasm_component_model_more_async_builtins_set(cfg, on)
	C.wasmtime_config_wasm_component_model_async_stackful_set(cfg, on)
}

// async reports whether a function must be called asynchronously.
func (in *Instance) async(ft *C.wasmtime_component_func_type_t) bool {
	return in.e.async() || bool(C.wasmtime_component_func_type_async(ft))
}

func (e *Engine) async() bool { return e.opts.Async && Async() && !e.opts.NoConcurrency }

// call calls a function.
func (in *Instance) call(f *C.wasmtime_component_func_t, async bool, args, results values) *C.wasmtime_error_t {
	if async {
		return C.fuse_call_async(f, in.ctx, args.p, C.size_t(args.n), results.p, C.size_t(results.n))
	}
	return C.wasmtime_component_func_call(f, in.ctx, args.p, C.size_t(args.n), results.p, C.size_t(results.n))
}

// instantiate instantiates the component.
func (in *Instance) instantiate() *C.wasmtime_error_t {
	if in.e.async() {
		return C.fuse_instantiate_async(in.linker, in.ctx, in.comp, &in.inst)
	}
	return C.wasmtime_component_linker_instantiate(in.linker, in.ctx, in.comp, &in.inst)
}
