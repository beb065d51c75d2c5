// The consumer of bench:guests/work.
package main

import (
	"fmt"
	"guests/abi"
	"regexp"
	"unsafe"
)

//go:wasmimport bench:guests/work@1.0.0 greet
func greet(p, n, out uint32)

//go:wasmimport bench:guests/work@1.0.0 total
func total(p, n uint32) uint64

var (
	result, got abi.Pair
	numbers     [3]uint32
	words       = regexp.MustCompile(`\pL+`)
)

//go:wasmexport run
func run(times uint32) uint32 {
	name, out := words.Find([]byte("-Wörld-")), ""
	for i := range times {
		numbers = [3]uint32{i, 2, 4294967295}
		greet(abi.Addr(unsafe.Pointer(&name[0])), uint32(len(name)), abi.Addr(unsafe.Pointer(&got)))
		out = fmt.Sprint(got.Text(), " ", total(abi.Addr(unsafe.Pointer(&numbers)), 3))
	}
	return result.Set(out)
}

func main() {}
