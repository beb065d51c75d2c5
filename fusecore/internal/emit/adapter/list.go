// This file implements the translation of lists and maps.

package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// list translates a list, or a map as the list of its entries (CanonicalABI.md, load_list_from_range and
// store_list_into_range).
func (g *gen) list(t *ctypes.Type, src, dst operand) {
	f := g.f
	elem := g.types.Of(t, g.src.ptr64).Parts[0]
	plain := g.types.Of(elem, g.src.ptr64).Plain
	g.loadPair(src)
	length := f.SetTemp(g.src.ptr())
	if plain {
		f.LocalGet(length)
		g.passList(elem)
	} else {
		g.elements(elem, length)
	}
	begin := f.SetTemp(g.dst.ptr())
	g.storePair(dst, begin, func() {
		f.LocalGet(length)
		g.toI32(g.src)
		g.fromI32(g.dst)
	})
	f.Release(length, begin)
}

// elements translates the elements of a list one by one: [ptr] of the source -> [ptr] of the destination.
func (g *gen) elements(elem *ctypes.Type, length asm.Local) {
	f := g.f
	ptr := f.SetTemp(g.src.ptr())
	f.LocalGet(ptr).LocalGet(length)
	g.passList(elem)
	at := f.Temp(g.dst.ptr())
	f.LocalTee(at) // remains on the stack
	f.LocalGet(length)
	g.toI32(g.src)
	n := f.Temp(corewasm.I32)
	f.LocalTee(n)
	f.If()
	g.loop(elem, ptr, at, n)
	f.End()
	f.Release(ptr, at, n)
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

// loadPair pushes the address and length of a string or list of the source side.
func (g *gen) loadPair(src operand) {
	a := ptrAccess(g.src)
	g.load(src.part(0, 1, 0), a)
	g.load(src.part(1, 1, uint64(cabi.PtrSize(g.src.ptr64))), a)
}

// storePair stores the address and length of a string or list on the destination side; length pushes the latter.
func (g *gen) storePair(dst operand, ptr asm.Local, length func()) {
	a := ptrAccess(g.dst)
	g.store(dst.part(0, 1, 0), a, func() { g.f.LocalGet(ptr) })
	g.store(dst.part(1, 1, uint64(cabi.PtrSize(g.dst.ptr64))), a, length)
}
