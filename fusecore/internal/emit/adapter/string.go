// This file implements the translation of strings.

package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/transcode"
)

// inlineBudget is the size in bytes of a function up to which the copy of short strings is inlined. Callers wait for
// the first strings of a function; inlining the rest would only enlarge the output.
const inlineBudget = 512

// str translates a string, by package transcode.
func (g *gen) str(src, dst operand) {
	ptr, length := g.loadPair(src)
	to := g.stringSide(g.dst)
	to.CallRealloc = func(f *asm.Func) { g.on(f).callRealloc(g.dst) }
	var dptr, dlen asm.Local
	if g.dst.stage {
		dptr, dlen = transcode.EmitCopy(g.u, g.f, g.stringSide(g.src), to, ptr, length)
	} else {
		o := transcode.Options{SIMD: g.opts.SIMD, Compact: g.f.Size() > inlineBudget}
		dptr, dlen = transcode.Emit(g.u, g.f, g.stringSide(g.src), to, ptr, length, o)
	}
	g.storePair(dst, dptr, func() { g.f.LocalGet(dlen) })
	g.f.Release(ptr, length, dptr, dlen)
}

func (g *gen) stringSide(s *side) transcode.Side {
	return transcode.Side{Mem: s.mem, Ptr64: s.ptr64, Encoding: s.enc, BytePages: s.page == 0}
}
