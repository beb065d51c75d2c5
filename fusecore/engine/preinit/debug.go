// This file implements what becomes of debug information.

package preinit

import (
	"bytes"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// secCode is the code of the code section.
const secCode = 10

// debugs reports whether a custom section has, or names, debug information, whose addresses are offsets in the code section
// (tool-conventions, "DWARF for WebAssembly").
func debugs(c corewasm.Custom) bool {
	return strings.HasPrefix(c.Name, ".debug_") || c.Name == "sourceMappingURL" || c.Name == "external_debug_info"
}

// code returns the code section of a module, cut behind the number of bodies.
func code(wasm []byte) (count, bodies []byte) {
	const preamble = 8
	for rest := wasm[min(preamble, len(wasm)):]; len(rest) > 0; {
		size, n, err := leb128.U32(rest[1:])
		if err != nil || int(size) > len(rest)-1-n {
			break
		}
		content := rest[1+n:][:size]
		if rest[0] == secCode {
			if _, n, err = leb128.U32(content); err == nil {
				return content[:n], content[n:]
			}
		}
		rest = rest[1+n+int(size):]
	}
	return nil, nil
}

// moved reports whether code is at another place in the code section after a module was written again, with functions added.
func moved(before, after []byte) bool {
	oldCount, old := code(before)
	newCount, now := code(after)
	return len(oldCount) != len(newCount) || !bytes.HasPrefix(now, old)
}

// withoutDebug removes debug information from a module's custom sections.
func withoutDebug(m *corewasm.Module) { m.Customs = slices.DeleteFunc(m.Customs, debugs) }
