package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/transcode"
)

// str translates a string; package transcode does the work.
func (g *gen) str(src, dst operand) {
	ptr, length := g.loadPair(src)
	to := g.stringSide(g.dst)
	to.CallRealloc = func(f *asm.Func) { g.on(f).callRealloc(g.dst) }
	dptr, dlen := transcode.Emit(g.u, g.f, g.stringSide(g.src), to, ptr, length, transcode.Options{SIMD: g.opts.SIMD})
	g.storePair(dst, dptr, func() { g.f.LocalGet(dlen) })
	g.f.Release(ptr, length, dptr, dlen)
}

func (g *gen) stringSide(s *side) transcode.Side {
	return transcode.Side{Mem: s.mem, Ptr64: s.ptr64, Encoding: transcode.Encoding(s.enc)}
}
