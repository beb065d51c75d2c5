// This file implements the text format of WebAssembly.

package wasmtime

// #include "wasmtime_api.h"
import "C"

import (
	"fmt"
	"unsafe"
)

// Text returns the text format of a component or module.
func Text(wat string) ([]byte, error) {
	p, n := cstring(wat)
	defer C.free(unsafe.Pointer(p))
	var out C.wasm_byte_vec_t
	if err := message(C.wasmtime_wat2wasm(p, n, &out)); err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	defer C.wasm_byte_vec_delete(&out)
	return C.GoBytes(unsafe.Pointer(out.data), C.int(out.size)), nil
}
