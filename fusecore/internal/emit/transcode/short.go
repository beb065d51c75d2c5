// This file implements the inlined copy of short strings.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// shortASCII appends the copy of utf8 with an inlined fast path, because for a few bytes of ASCII a call costs more
// than the copy. Two overlapping words, one at the start and one at the end, cover the string exactly. Slow appends the
// general copy, which does all checks.
func (g *gen) shortASCII(f *asm.Func, ptr, n, dptr asm.Local, slow func()) {
	done := f.Block()
	other := f.Block()
	const shortest = 8
	longest := int32(2 * shortest)
	if g.simd {
		longest *= 2
	}
	f.LocalGet(n).I32Const(shortest).Op(op.I32Sub).I32Const(longest - shortest).Op(op.I32GtU).BrIf(other)
	bytes := func() { f.LocalGet(n).Op(op.I64ExtendI32U) }
	f.Outside(g.src.end().view(), ptr, bytes)
	f.Outside(g.dst.end().view(), dptr, bytes).Op(op.I32Or).BrIf(other)
	if g.simd {
		f.LocalGet(n).I32Const(16).Op(op.I32LtU)
		f.If()
		g.twoWords(f, ptr, n, dptr, 8, done, other)
		f.End()
		g.twoWords(f, ptr, n, dptr, 16, done, other)
	} else {
		g.twoWords(f, ptr, n, dptr, 8, done, other)
	}
	f.End()
	slow()
	f.End()
}

// twoWords copies a string of one to two words of a size (8 or 16), in bounds on both sides, and branches to done, or
// branches to other if it is not ASCII.
func (g *gen) twoWords(f *asm.Func, ptr, n, dptr asm.Local, size int32, done, other asm.Label) {
	last, dlast := f.Temp(g.src.Ptr()), f.Temp(g.dst.Ptr())
	g.lastWord(f, g.src.Ptr64, ptr, n, size, last)
	g.lastWord(f, g.dst.Ptr64, dptr, n, size, dlast)
	w := wordCode(size)
	a, b := f.Temp(w.t), f.Temp(w.t)
	w.load(f, g.src.Mem, ptr)
	f.LocalTee(a)
	w.load(f, g.src.Mem, last)
	f.LocalTee(b)
	w.anyHigh(f)
	f.BrIf(other)
	w.store(f, g.dst.Mem, dptr, a)
	w.store(f, g.dst.Mem, dlast, b)
	f.Br(done)
	f.Release(a, b, last, dlast)
}

// lastWord sets last to the pointer to the last size of the n bytes from ptr on.
func (g *gen) lastWord(f *asm.Func, wide bool, ptr, n asm.Local, size int32, last asm.Local) {
	f.LocalGet(ptr).LocalGet(n).I32Const(size).Op(op.I32Sub)
	if wide {
		f.Op(op.I64ExtendI32U, op.I64Add)
	} else {
		f.Op(op.I32Add)
	}
	f.LocalSet(last)
}

// word selects instructions for words of 8 or 16 bytes.
type word struct{ t corewasm.ValType }

func wordCode(size int32) word {
	if size == 16 {
		return word{corewasm.V128}
	}
	return word{corewasm.I64}
}

func (w word) load(f *asm.Func, mem asm.Sym, ptr asm.Local) {
	f.LocalGet(ptr)
	if w.t == corewasm.V128 {
		f.Mem(op.V128Load, mem, 0, 0)
	} else {
		f.Mem(op.I64Load, mem, 0, 0)
	}
}

func (w word) store(f *asm.Func, mem asm.Sym, ptr, value asm.Local) {
	f.LocalGet(ptr).LocalGet(value)
	if w.t == corewasm.V128 {
		f.Mem(op.V128Store, mem, 0, 0)
	} else {
		f.Mem(op.I64Store, mem, 0, 0)
	}
}

// anyHigh replaces two words by an i32 that is not zero if any of their bytes is not ASCII.
func (w word) anyHigh(f *asm.Func) {
	if w.t == corewasm.V128 {
		f.Op(op.V128Or, op.I8x16Bitmask)
		return
	}
	high := uint64(0x8080808080808080)
	f.Op(op.I64Or).I64Const(int64(high)).Op(op.I64And).I64Const(0).Op(op.I64Ne)
}
