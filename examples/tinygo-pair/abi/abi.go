//go:build wasm_unknown

// Package abi provides the allocation function that the Canonical ABI calls to guests without WASI. Guests with WASI have
// it from TinyGo's runtime.
package abi

import "unsafe"

// realloc never frees: TinyGo's collector for targets without an operating system does not either.
//
//go:wasmexport cabi_realloc
func realloc(old unsafe.Pointer, oldSize, align, size uintptr) unsafe.Pointer {
	if size == 0 {
		return unsafe.Pointer(align)
	}
	words := make([]uint64, (size+7)/8) // aligned for any type
	p := unsafe.Pointer(&words[0])
	if oldSize > 0 {
		copy(unsafe.Slice((*byte)(p), size), unsafe.Slice((*byte)(old), oldSize))
	}
	return p
}

// Log does nothing: there is no output to write to.
func Log(string) {}
