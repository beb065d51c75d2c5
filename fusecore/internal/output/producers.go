// Package output has what all forms of output share: the custom section that names the tool.
//
//	(@producers (processed-by "wasmfuse" ""))
package output

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"

// ProducersName is the name of the section (tool-conventions, ProducersSection.md).
const ProducersName = "producers"

// Producers returns the section's content.
func Producers() []byte {
	name := func(b []byte, s string) []byte { return append(leb128.AppendU32(b, uint32(len(s))), s...) }
	b := name([]byte{1}, "processed-by")
	b = name(append(b, 1), "wasmfuse")
	return name(b, "")
}
