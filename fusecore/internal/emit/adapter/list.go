// This file implements the translation of lists and maps.

package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// list translates a list, or a map as the list of its entries (CanonicalABI.md, load_list_from_range and
// store_list_into_range).
func (g *gen) list(t *ctypes.Type, src, dst operand) {
	f := g.f
	elem := g.types.Of(t, g.src.ptr64).Parts[0]
	from, to := g.types.Of(elem, g.src.ptr64), g.types.Of(elem, g.dst.ptr64)
	ptr, length := g.loadPair(src)

	f.LocalGet(length)
	g.ptrConst(g.src, cabi.MaxListBytes/from.Size)
	if g.src.ptr64 {
		f.Op(op.I64GtU)
	} else {
		f.Op(op.I32GtU)
	}
	f.TrapIf(trap.ListTooLong)
	f.LocalGet(length)
	g.toI32(g.src)
	n := f.SetTemp(corewasm.I32)
	// Elements take at most twice as many bytes if addresses are wider, so both lengths in bytes are below 2^32.
	bytes := func(size uint64) {
		f.LocalGet(n)
		if size != 1 {
			f.I32Const(int32(size)).Op(op.I32Mul)
		}
	}
	f.TrapMisaligned(ptr, g.src.ptr64, from.Align, trap.MisalignedPointer)
	g.checkBounds(g.src, ptr, func() {
		bytes(from.Size)
		f.Op(op.I64ExtendI32U)
	}, trap.OutOfBoundsPointer)

	begin := g.allocate(g.dst, to.Align, func() { bytes(to.Size) })
	if from.Plain {
		f.LocalGet(begin).LocalGet(ptr)
		bytes(from.Size)
		if g.src.ptr64 && g.dst.ptr64 {
			f.Op(op.I64ExtendI32U)
		}
		f.MemoryCopy(g.dst.mem, g.src.mem)
	} else {
		f.LocalGet(begin)
		at := f.SetTemp(g.dst.ptr())
		f.LocalGet(n)
		f.If()
		g.loop(elem, ptr, at, n)
		f.End()
		f.Release(at)
	}
	g.storePair(dst, begin, func() {
		f.LocalGet(length)
		g.toI32(g.src)
		g.fromI32(g.dst)
	})
	f.Release(ptr, length, n, begin)
}

// loop translates n > 0 elements from address src to address dst. It changes all three locals.
func (g *gen) loop(elem *ctypes.Type, src, dst, n asm.Local) {
	f := g.f
	again := f.Loop()
	g.translate(elem, inMemory(src, 0), inMemory(dst, 0))
	f.LocalGet(src)
	g.ptrAdd(g.src, g.types.Of(elem, g.src.ptr64).Size)
	f.LocalSet(src).LocalGet(dst)
	g.ptrAdd(g.dst, g.types.Of(elem, g.dst.ptr64).Size)
	f.LocalSet(dst)
	f.LocalGet(n).I32Const(1).Op(op.I32Sub).LocalTee(n).BrIf(again)
	f.End()
}

// loadPair returns temporaries with the address and length of a string or list of the source side.
func (g *gen) loadPair(src operand) (ptr, length asm.Local) {
	a := ptrAccess(g.src)
	g.load(src.part(0, 1, 0), a)
	ptr = g.f.SetTemp(a.core)
	g.load(src.part(1, 1, uint64(cabi.PtrSize(g.src.ptr64))), a)
	length = g.f.SetTemp(a.core)
	return ptr, length
}

// storePair stores the address and length of a string or list on the destination side; length pushes the latter.
func (g *gen) storePair(dst operand, ptr asm.Local, length func()) {
	a := ptrAccess(g.dst)
	g.store(dst.part(0, 1, 0), a, func() { g.f.LocalGet(ptr) })
	g.store(dst.part(1, 1, uint64(cabi.PtrSize(g.dst.ptr64))), a, length)
}
