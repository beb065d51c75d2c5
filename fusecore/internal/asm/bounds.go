// This file implements checks of addresses.

package asm

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// View is a memory as addressed by one side of a call.
type View struct {
	Mem          Sym
	Ptr64        bool   // addresses are i64
	PageSizeLog2 uint32 // 16 or 0
}

// TrapOutside traps by a rule unless size bytes at an address are within the memory's current size. If size is 0 the
// address may be the memory's end. size pushes an i64 below 2^32, and is called more than once.
func (f *Func) TrapOutside(v View, ptr Local, size func(), r trap.Rule) {
	bytes := func() {
		f.MemorySize(v.Mem)
		if !v.Ptr64 {
			f.Op(op.I64ExtendI32U)
		}
		if v.PageSizeLog2 != 0 {
			f.I64Const(int64(v.PageSizeLog2)).Op(op.I64Shl)
		}
	}
	if !v.Ptr64 {
		f.LocalGet(ptr).Op(op.I64ExtendI32U)
		size()
		f.Op(op.I64Add)
		bytes()
		f.Op(op.I64GtU).TrapIf(r)
		return
	}
	// The address plus the size can wrap around.
	bytes()
	total := f.SetTemp(corewasm.I64)
	size()
	f.LocalGet(total).Op(op.I64GtU)
	f.LocalGet(ptr).LocalGet(total)
	size()
	f.Release(total)
	f.Op(op.I64Sub, op.I64GtU, op.I32Or).TrapIf(r)
}

// TrapMisaligned traps by a rule unless an address is a multiple of align, a power of two below 2^32.
func (f *Func) TrapMisaligned(ptr Local, ptr64 bool, align uint32, r trap.Rule) {
	if align > 1 {
		f.TrapBits(ptr, ptr64, func() { f.I32Const(int32(align - 1)) }, r)
	}
}

// TrapBits traps by a rule if an address has a bit of the mask that mask pushes, an i32.
func (f *Func) TrapBits(ptr Local, ptr64 bool, mask func(), r trap.Rule) {
	f.LocalGet(ptr)
	if ptr64 {
		f.Op(op.I32WrapI64)
	}
	mask()
	f.Op(op.I32And).TrapIf(r)
}

// rangeCheck is the key of a shared check.
type rangeCheck struct {
	of                View
	aligned, inBounds trap.Rule
}

// RangeCheck returns the function [ptr size mask] -> [] that traps by two rules if an address has a bit of the mask, and
// unless size bytes from it on are within the memory. Size and mask are i32.
func (u *Unit) RangeCheck(v View, aligned, inBounds trap.Rule) Sym {
	ptr := corewasm.I32
	if v.Ptr64 {
		ptr = corewasm.I64
	}
	name := "check pointer"
	if aligned == trap.MisalignedRealloc {
		name = "check block"
	}
	t := corewasm.FuncType{Params: []corewasm.ValType{ptr, corewasm.I32, corewasm.I32}}
	return u.Shared(rangeCheck{v, aligned, inBounds}, name, t, func(f *Func) {
		f.TrapBits(f.Param(0), v.Ptr64, func() { f.LocalGet(f.Param(2)) }, aligned)
		f.TrapOutside(v, f.Param(0), func() { f.LocalGet(f.Param(1)).Op(op.I64ExtendI32U) }, inBounds)
		f.Finish()
	})
}
