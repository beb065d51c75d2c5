//go:build !wasmtime50

package wasmtime

// #include "wasmtime_api.h"
import "C"

import (
	_ "github.com/bytecodealliance/wasmtime-go/v42" // links libwasmtime.a
)

// Version is the major version of the wasmtime in use.
const Version = 42

// Name names the engine in messages and in lists of answers.
func Name() string { return "wasmtime 42" }

// configureVersion sets what this version alone has.
func configureVersion(*C.wasm_config_t, Options) {}
