// This file implements the parts of translations that functions share: checks of addresses, allocation, and passing of
// strings and lists. What depends on the type of one call stays in its adapter:
//
//	(func $adapter (param $ptr i32) (param $length i32) (result i32)
//	  (call $"pass string utf8->utf16" (local.get $ptr) (local.get $length)) ;; checks, realloc, transcoding
//	  (call $b/f))
//
// Each is keyed by what its code depends on, so calls of the same sides have the same functions. A check is about 30
// bytes in place and 8 as a call. The optimiser puts it in place where that is worth it.

package adapter

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/hostmem"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/transcode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// source returns what code that reads addresses and strings of a side depends on.
func (s *side) source() side { return side{mem: s.mem, page: s.page, ptr64: s.ptr64, enc: s.enc} }

// target returns what code that allocates and writes on a side depends on.
func (s *side) target() side {
	t := *s
	if !s.leave && !s.context {
		t.inst = 0 // only names the owner of the flag and the slots
	}
	return t
}

// view returns the side's memory.
func (s *side) view() asm.View { return asm.View{Mem: s.mem, Ptr64: s.ptr64, PageSizeLog2: s.page} }

// checkPointer traps unless size bytes, which push pushes as an i32, at an address of the source are within its memory,
// and the address is a multiple of align.
func (g *gen) checkPointer(s *side, ptr asm.Local, align uint32, push func()) {
	g.f.LocalGet(ptr)
	push()
	g.f.I32Const(int32(align - 1))
	g.f.Call(g.u.RangeCheck(s.view(), trap.MisalignedPointer, trap.OutOfBoundsPointer))
}

// allocation is the key of a shared function that allocates.
type allocation struct{ on side }

// allocate calls a side's realloc for size new bytes and returns a temporary with the checked address. size pushes an
// i32. It also allocates zero bytes (CanonicalABI.md, store_list_into_range).
func (g *gen) allocate(s *side, align uint32, size func()) asm.Local {
	g.f.I32Const(int32(align))
	size()
	g.f.Call(g.allocator(s))
	return g.f.SetTemp(s.ptr())
}

// allocator returns the function [align size] -> [ptr] of a side.
func (g *gen) allocator(s *side) asm.Sym {
	if s.host {
		return hostmem.In(g.u).Allocate()
	}
	on := s.target()
	on.enc, on.stage = 0, false
	i32 := corewasm.I32
	t := corewasm.FuncType{Params: []corewasm.ValType{i32, i32}, Results: []corewasm.ValType{s.ptr()}}
	return g.u.Shared(allocation{on}, "allocate", t, func(f *asm.Func) {
		f.Outlined = true // realloc takes longer than the call
		h := g.on(f)
		align, size := f.Param(0), f.Param(1)
		h.ptrConst(&on, 0)
		h.ptrConst(&on, 0)
		f.LocalGet(align)
		h.fromI32(&on)
		f.LocalGet(size)
		h.fromI32(&on)
		h.callRealloc(&on)
		ptr := f.SetTemp(on.ptr())
		f.LocalGet(ptr).LocalGet(size).LocalGet(align).I32Const(1).Op(op.I32Sub)
		f.Call(g.u.RangeCheck(on.view(), trap.MisalignedRealloc, trap.OutOfBoundsRealloc))
		f.LocalGet(ptr)
		f.Release(ptr)
		f.Finish()
	})
}

// stringPass is the key of a shared function that passes strings.
type stringPass struct{ src, dst side }

// passString appends the call of a function that passes a string: [ptr length] of the source -> [ptr length] of the destination.
func (g *gen) passString() {
	src, dst := g.src.source(), g.dst.target()
	p, q := src.ptr(), dst.ptr()
	t := corewasm.FuncType{Params: []corewasm.ValType{p, p}, Results: []corewasm.ValType{q, q}}
	name := fmt.Sprintf("pass string %v->%v", src.enc, dst.enc)
	g.f.Call(g.u.Shared(stringPass{src, dst}, name, t, func(f *asm.Func) {
		from, to := stringSide(&src), stringSide(&dst)
		to.CallRealloc = func(f *asm.Func) { g.on(f).callRealloc(&dst) }
		var dptr, dlen asm.Local
		if dst.stage {
			dptr, dlen = transcode.EmitCopy(g.u, f, from, to, f.Param(0), f.Param(1))
		} else {
			dptr, dlen = transcode.Emit(g.u, f, from, to, f.Param(0), f.Param(1), transcode.Options{SIMD: g.opts.SIMD, Compact: g.opts.Size})
		}
		f.LocalGet(dptr).LocalGet(dlen)
		f.Finish()
	}))
}

func stringSide(s *side) transcode.Side {
	return transcode.Side{Mem: s.mem, Ptr64: s.ptr64, Encoding: s.enc, BytePages: s.page == 0}
}

// listPass is the key of a shared function that passes lists.
type listPass struct {
	src, dst           side
	from, to           uint64 // sizes of an element
	fromAlign, toAlign uint32
	plain              bool // elements are copied as bytes
}

// passList appends the call of a function that checks a list and allocates the destination's elements: [ptr length] of the
// source -> [ptr] of the destination. It also copies the elements if every byte of one is the same on both sides.
func (g *gen) passList(elem *ctypes.Type) {
	from, to := g.types.Of(elem, g.src.ptr64), g.types.Of(elem, g.dst.ptr64)
	k := listPass{g.src.source(), g.dst.target(), from.Size, to.Size, from.Align, to.Align, from.Plain}
	k.src.enc, k.dst.enc, k.dst.stage = 0, 0, false
	p := k.src.ptr()
	t := corewasm.FuncType{Params: []corewasm.ValType{p, p}, Results: []corewasm.ValType{k.dst.ptr()}}
	g.f.Call(g.u.Shared(k, "pass list", t, func(f *asm.Func) {
		h := g.on(f)
		h.src, h.dst = &k.src, &k.dst
		h.listPasser(&k)
	}))
}

// listPasser emits the body of passList.
func (g *gen) listPasser(k *listPass) {
	f := g.f
	ptr, length := f.Param(0), f.Param(1)
	f.LocalGet(length)
	g.ptrConst(g.src, cabi.MaxListBytes/k.from)
	if g.src.ptr64 {
		f.Op(op.I64GtU)
	} else {
		f.Op(op.I32GtU)
	}
	f.TrapIf(trap.ListTooLong)
	// Elements take at most twice as many bytes if addresses are wider, so both lengths in bytes are below 2^32.
	bytes := func(size uint64) {
		f.LocalGet(length)
		g.toI32(g.src)
		if size != 1 {
			f.I32Const(int32(size)).Op(op.I32Mul)
		}
	}
	g.checkPointer(g.src, ptr, k.fromAlign, func() { bytes(k.from) })
	begin := g.allocate(g.dst, k.toAlign, func() { bytes(k.to) })
	if k.plain {
		f.LocalGet(begin).LocalGet(ptr)
		bytes(k.from)
		if g.src.ptr64 && g.dst.ptr64 {
			f.Op(op.I64ExtendI32U)
		}
		f.MemoryCopy(g.dst.mem, g.src.mem)
	}
	f.LocalGet(begin)
	f.Release(begin)
	f.Finish()
}
