// This file implements the section that lists the features of WebAssembly that a module uses.

package extract

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/features"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// featuresName is the name of the section (tool-conventions, Linking.md, "Target Features Section").
const featuresName = "target_features"

// baseline are the features of WebAssembly 2.0 except vectors, which all engines that run fused modules have.
var baseline = []string{"bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals", "nontrapping-fptoint",
	"reference-types", "sign-ext"}

// allowed returns the names of the baseline features and of those that a module uses beyond them, sorted.
func allowed(m *corewasm.Module) []string {
	out := append(features.Of(m), baseline...)
	slices.Sort(out)
	return slices.Compact(out)
}

// encodeFeatures encodes the content of the section.
func encodeFeatures(names []string) []byte {
	b := leb128.AppendU32(nil, uint32(len(names)))
	for _, n := range names {
		b = append(leb128.AppendU32(append(b, '+'), uint32(len(n))), n...)
	}
	return b
}
