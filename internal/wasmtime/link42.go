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

// configureVersion sets the options that only this version has.
func configureVersion(*C.wasm_config_t, Options) {}
