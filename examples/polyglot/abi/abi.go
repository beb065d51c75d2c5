//go:build wasip1

// Package abi has the Canonical ABI's functions for Go, whose pointers are wider than its memory's addresses.
package abi

import "unsafe"

// blocks keeps what parameters and results take until the call has ended.
var blocks [][]byte

//go:wasmexport cabi_realloc
func realloc(_, _, _, size uint32) uint32 { return Address(make([]byte, size, size+1)) }

// Address returns the address of bytes, which stay there until Done.
func Address(b []byte) uint32 {
	blocks = append(blocks, b)
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
}

// Text returns a copy of the text at an address.
func Text(at, size uint32) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(uintptr(at))), size))
}

// Done ends a call.
func Done() { blocks = blocks[:0] }
