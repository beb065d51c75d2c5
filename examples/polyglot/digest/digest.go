//go:build tinygo

// demo:shop/digest in Go, for TinyGo.
package main

import (
	"hash/crc32"
	"unsafe"
)

// parameter is the text of a call. The next call takes its place.
var parameter []byte

//go:wasmexport cabi_realloc
func realloc(_, _, _, size uint32) uint32 {
	if int(size) > cap(parameter) {
		parameter = make([]byte, size)
	}
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(parameter))))
}

//go:wasmexport demo:shop/digest@1.0.0#sum
func sum(text, size uint32) uint32 {
	return crc32.ChecksumIEEE(unsafe.Slice((*byte)(unsafe.Pointer(uintptr(text))), size))
}

func main() {}
