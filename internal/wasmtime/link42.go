//go:build !wasmtime50

// This file implements what is specific to wasmtime 42.

package wasmtime

// #include "wasmtime_api.h"
import "C"

import (
	_ "github.com/bytecodealliance/wasmtime-go/v42" // links libwasmtime.a
)

// Version is the major version of the wasmtime in use.
const Version = 42

// Name returns the engine's name for messages and lists of answers.
func Name() string { return "wasmtime 42" }

// Async reports whether guests can have asynchronous functions.
func Async() bool { return false }

// configureVersion sets the options that only this version has.
func configureVersion(*C.wasm_config_t, Options) {}

// async reports whether a function must be called asynchronously.
func (in *Instance) async(*C.wasmtime_component_func_type_t) bool { return false }

// call calls a function.
func (in *Instance) call(f *C.wasmtime_component_func_t, _ bool, args, results values) *C.wasmtime_error_t {
	return C.wasmtime_component_func_call(f, in.ctx, args.p, C.size_t(args.n), results.p, C.size_t(results.n))
}

// instantiate instantiates the component.
func (in *Instance) instantiate() *C.wasmtime_error_t {
	return C.wasmtime_component_linker_instantiate(in.linker, in.ctx, in.comp, &in.inst)
}
