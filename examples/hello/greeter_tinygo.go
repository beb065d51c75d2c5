//go:build wasip1 || tinygo

// A greeter in Go, for the compiler of Go and for TinyGo.
package main

import "unsafe"

// blocks keeps parameters and the result until the next call.
var blocks [][]byte

var result [2]uint32

//go:wasmexport cabi_realloc
func realloc(_, _, _, size uint32) uint32 { return address(make([]byte, size, size+1)) }

func address(b []byte) uint32 {
	blocks = append(blocks, b)
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
}

//go:wasmexport demo:hello/greeter#greet
func greet(name, size uint32) uint32 {
	text := []byte("hello, " + string(unsafe.Slice((*byte)(unsafe.Pointer(uintptr(name))), size)) + "!")
	result = [2]uint32{address(text), uint32(len(text))}
	return uint32(uintptr(unsafe.Pointer(&result)))
}

//go:wasmexport cabi_post_demo:hello/greeter#greet
func done(uint32) { blocks = blocks[:0] }

func main() {}
