// This file implements what a tool needs to know of debug information.

package extract

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// debugPrefix is what names of sections with debug information begin with (tool-conventions, "DWARF for WebAssembly").
const debugPrefix = ".debug_"

// DWARF returns the highest version of DWARF in the module's debug information, or 0 if there is none.
func (m *Module) DWARF() int {
	highest := 0
	for _, c := range m.core.Module.Customs {
		if strings.HasPrefix(c.Name, debugPrefix) {
			highest = max(highest, 1)
		}
		if c.Name == debugPrefix+"info" {
			highest = max(highest, unitVersion(c.Bytes))
		}
	}
	return highest
}

// unitVersion returns the highest version of the units of the section .debug_info (DWARF 5, sections 7.4 and 7.5.1).
func unitVersion(b []byte) (highest int) {
	const length, long = 4, 12
	for len(b) > long+2 {
		n, head := uint64(binary.LittleEndian.Uint32(b)), length
		if n == 0xffffffff {
			n, head = binary.LittleEndian.Uint64(b[length:]), long
		}
		highest = max(highest, int(binary.LittleEndian.Uint16(b[head:])))
		if n > uint64(len(b)-head) {
			break
		}
		b = b[head+int(n):]
	}
	return highest
}

// WithoutDebug returns the module without its debug information.
func (m *Module) WithoutDebug() Module {
	out, core, decoded := *m, *m.core, *m.core.Module
	for _, c := range decoded.Customs {
		if strings.HasPrefix(c.Name, debugPrefix) {
			core.Bytes = without(core.Bytes, c.Name)
		}
	}
	decoded.Customs = slices.DeleteFunc(slices.Clone(decoded.Customs), func(c corewasm.Custom) bool { return strings.HasPrefix(c.Name, debugPrefix) })
	core.Module, out.core, out.Size = &decoded, &core, len(core.Bytes)
	return out
}
