//go:build wasip1

// demo:shop/digest in Go.
package main

import (
	"hash/crc32"

	"example.com/shop/abi"
)

//go:wasmexport demo:shop/digest@1.0.0#sum
func sum(text, size uint32) uint32 {
	defer abi.Done()
	return crc32.ChecksumIEEE([]byte(abi.Text(text, size)))
}

func main() {}
