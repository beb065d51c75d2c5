//go:build wasip1

// demo:shop/auth in Go.
package main

import (
	"strings"
	"unsafe"

	"example.com/shop/abi"
)

// user is an option<string>.
type user struct {
	some uint32
	name [2]uint32
}

var result user

//go:wasmexport demo:shop/auth@1.0.0#user
func userOf(token, size uint32) uint32 {
	result = user{}
	if name, ok := strings.CutPrefix(abi.Text(token, size), "token-"); ok && name != "" {
		result = user{1, [2]uint32{abi.Address([]byte(name)), uint32(len(name))}}
	}
	return uint32(uintptr(unsafe.Pointer(&result)))
}

//go:wasmexport cabi_post_demo:shop/auth@1.0.0#user
func done(uint32) { abi.Done() }

func main() {}
