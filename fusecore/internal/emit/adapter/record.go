// This file implements the translation of records, tuples and fixed-length lists.

package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// record translates the fields of a record or tuple in order.
func (g *gen) record(t *ctypes.Type, src, dst operand) {
	from, to := g.types.Of(t, g.src.ptr64), g.types.Of(t, g.dst.ptr64)
	flat := 0
	for i, p := range from.Parts {
		n := len(g.types.Of(p, false).Flat)
		g.translate(p, src.part(flat, n, from.Offsets[i]), dst.part(flat, n, to.Offsets[i]))
		flat += n
	}
}

// unrollLimit is the number of elements of a fixed-length list that are translated without a loop if both sides are in
// memory.
const unrollLimit = 8

// fixedList translates the elements of a list whose length is part of its type.
func (g *gen) fixedList(t *ctypes.Type, src, dst operand) {
	from, to := g.types.Of(t.Elem, g.src.ptr64), g.types.Of(t.Elem, g.dst.ptr64)
	if src.mem && dst.mem && t.Len > unrollLimit {
		s, d := g.address(g.src, src), g.address(g.dst, dst)
		if from.Plain {
			g.f.LocalGet(d).LocalGet(s)
			g.copyLength(uint64(t.Len) * from.Size)
			g.f.MemoryCopy(g.dst.mem, g.src.mem)
		} else {
			g.f.I32Const(int32(t.Len))
			n := g.f.SetTemp(corewasm.I32)
			g.loop(t.Elem, s, d, n)
			g.f.Release(n)
		}
		g.f.Release(s, d)
		return
	}
	n := len(from.Flat)
	for i := 0; i < int(t.Len); i++ {
		g.translate(t.Elem, src.part(i*n, n, uint64(i)*from.Size), dst.part(i*n, n, uint64(i)*to.Size))
	}
}

// address returns a temporary with the address of an operand in memory.
func (g *gen) address(s *side, o operand) asm.Local {
	g.f.LocalGet(o.addr)
	g.ptrAdd(s, o.off)
	return g.f.SetTemp(s.ptr())
}

// copyLength pushes a constant length for memory.copy, which is an i64 only if both memories have 64-bit addresses.
func (g *gen) copyLength(n uint64) {
	if g.src.ptr64 && g.dst.ptr64 {
		g.f.I64Const(int64(n))
	} else {
		g.f.I32Const(int32(uint32(n)))
	}
}
