// The provider of bench:guests/work.
package main

import (
	"bytes"
	"encoding/json"
	"guests/abi"
	"text/template"
	"unsafe"
)

var (
	greeting = template.Must(template.New("greeting").Parse(`"Hello {{.}}"`))
	result   abi.Pair
)

//go:wasmexport bench:guests/work@1.0.0#greet
func greet(p, n uint32) uint32 {
	var buf bytes.Buffer
	if err := greeting.Execute(&buf, string(abi.Bytes(p, n))); err != nil {
		panic(err)
	}
	var text string
	if err := json.Unmarshal(buf.Bytes(), &text); err != nil {
		panic(err)
	}
	return result.Set(text)
}

//go:wasmexport bench:guests/work@1.0.0#total
func total(p, n uint32) (sum uint64) {
	for _, x := range unsafe.Slice((*uint32)(unsafe.Pointer(uintptr(p))), n) {
		sum += uint64(x)
	}
	return sum
}

func main() {}
