// Package hostmem emits the host memory, in which the host sees values that contain handles, and in which the values of
// a staged call are between lifting and lowering. It belongs to the fused module and no guest can address it.
//
// Allocation is a stack: every call frees its allocations by restoring the top that it found. A call of the host does
// so at its end, and a call of an instance itself once the values that it staged have been lowered. A call by the host
// finds the top in a mark if its arguments are already in the memory, and stores it before a result there for its
// post-return:
//
//	16                       | top of the call that allocated the result | result ... | <- top
package hostmem

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// base is where the allocator starts. Lower addresses are unused, so that 0 is not a result.
const base = 16

// Prefix is the size of the header of a result that the host reads: the top that the call found.
const Prefix = 8

// Memory is the host memory of a unit, with its realloc and the global with the top of its allocator.
type Memory struct {
	Mem, Realloc, Top asm.Sym
	u                 *asm.Unit
}

var (
	i32         = corewasm.I32
	reallocType = corewasm.FuncType{Params: []corewasm.ValType{i32, i32, i32, i32}, Results: []corewasm.ValType{i32}}
)

// PageSizeLog2 is the log2 of the memory's page size.
const PageSizeLog2 = 16

// Within makes the end of a guest's memory, which that guest does not use, the host memory of a unit.
func Within(u *asm.Unit, mem asm.Sym, size uint64) {
	u.SharedSym("host memory", func() asm.Sym { return mem })
	u.SharedSym("host top", func() asm.Sym { return top(u, int64(size)) })
}

func top(u *asm.Unit, at int64) asm.Sym {
	return u.Global(asm.Global{Name: "host top", Type: i32, Mutable: true, Init: at})
}

// In returns the host memory of a unit, which the first use creates.
func In(u *asm.Unit) Memory {
	m := Memory{u: u}
	m.Mem = u.SharedSym("host memory", func() asm.Sym {
		return u.Memory(asm.Memory{Name: "host memory", Type: corewasm.MemType{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: PageSizeLog2}})
	})
	m.Top = u.SharedSym("host top", func() asm.Sym { return top(u, base) })
	m.Realloc = u.Helper("host realloc", reallocType, func(f *asm.Func) { m.realloc(f) })
	return m
}

// mark returns the global with the top that a call by the host has found, from its first argument in the memory until
// the call itself begins, and 0 otherwise. Only the lowering of arguments happens in between.
func (m Memory) mark() asm.Sym {
	return m.u.SharedSym("host mark", func() asm.Sym {
		return m.u.Global(asm.Global{Name: "host mark", Type: i32, Mutable: true})
	})
}

// Found pushes the allocator's top at the beginning of a call by the host: [] -> [i32].
func (m Memory) Found(f *asm.Func) {
	mark := m.mark()
	f.GlobalGet(mark).GlobalGet(m.Top).GlobalGet(mark).Op(op.Select)
	f.I32Const(0).GlobalSet(mark)
}

// Keys of the functions that the host calls before and after a call.
type (
	args plan.EnterID
	post plan.EnterID
)

// Args returns the realloc with which the host lowers arguments. It begins a call that enters first.
func (m Memory) Args(s *state.State, first plan.EnterID) asm.Sym {
	mark := m.mark()
	return m.u.Shared(args(first), "host arguments", reallocType, func(f *asm.Func) {
		s.CheckEnter(f, first)
		f.GlobalGet(mark).Op(op.I32Eqz)
		f.If()
		f.GlobalGet(m.Top).GlobalSet(mark)
		f.End()
		f.Forward(m.Realloc)
		f.Finish()
	})
}

// Lower returns the realloc with which the host lowers any values, if the module keeps the root's may_enter flag: arguments
// of a call if the host may call, or else results.
func (m Memory) Lower(s *state.State) asm.Sym {
	mark := m.mark()
	return m.u.Helper("host lower", reallocType, func(f *asm.Func) {
		f.GlobalGet(m.Top).GlobalGet(mark)
		s.MayEnter(f)
		f.GlobalGet(mark).Op(op.I32Eqz, op.I32And, op.Select).GlobalSet(mark)
		f.Forward(m.Realloc)
		f.Finish()
	})
}

// Return returns the post-return function of exported functions whose results are in the memory. It ends a call that
// leaves last.
func (m Memory) Return(s *state.State, last plan.EnterID) asm.Sym {
	ft := corewasm.FuncType{Params: []corewasm.ValType{i32}}
	return m.u.Shared(post(last), "host return", ft, func(f *asm.Func) {
		s.EndAwait(f, last)
		f.LocalGet(f.Param(0)).I32Const(Prefix).Op(op.I32Sub).Mem(op.I32Load, m.Mem, 2, 0).GlobalSet(m.Top)
		s.Leave(f, last)
		f.Finish()
	})
}

// most is the greatest top. It leaves room to round a top up without exceeding an address.
const most = 1<<32 - 1<<PageSizeLog2

// Allocate returns the function [align size] -> [ptr] that allocates a block in the memory, with an alignment of at most a
// page. The address needs no checks.
func (m Memory) Allocate() asm.Sym {
	t := corewasm.FuncType{Params: []corewasm.ValType{i32, i32}, Results: []corewasm.ValType{i32}}
	return m.u.Helper("host allocate", t, func(f *asm.Func) {
		align, size := f.Param(0), f.Param(1)
		ptr, end := f.Local(i32), f.Local(corewasm.I64)
		f.GlobalGet(m.Top).LocalGet(align).I32Const(1).Op(op.I32Sub, op.I32Add)
		f.I32Const(0).LocalGet(align).Op(op.I32Sub, op.I32And).LocalTee(ptr)
		f.Op(op.I64ExtendI32U).LocalGet(size).Op(op.I64ExtendI32U, op.I64Add).LocalTee(end)
		f.Call(m.room())
		f.LocalGet(end).Op(op.I32WrapI64).GlobalSet(m.Top)
		f.LocalGet(ptr)
		f.Finish()
	})
}

// room returns the function [end] -> [] that makes the memory reach to an end, an i64, or traps.
func (m Memory) room() asm.Sym {
	t := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I64}}
	return m.u.Helper("host room", t, func(f *asm.Func) {
		end := f.Param(0)
		f.LocalGet(end).MemorySize(m.Mem).Op(op.I64ExtendI32U).I64Const(PageSizeLog2).Op(op.I64Shl, op.I64GtU)
		f.If()
		f.LocalGet(end).Call(m.u.Helper("host grow", t, func(f *asm.Func) {
			f.Outlined = true // it is seldom called
			end := f.Param(0)
			f.LocalGet(end).I64Const(most).Op(op.I64GtU)
			f.TrapIf(trap.OutOfMemory)
			f.LocalGet(end).I64Const(1<<PageSizeLog2-1).Op(op.I64Add).I64Const(PageSizeLog2).Op(op.I64ShrU, op.I32WrapI64)
			f.MemorySize(m.Mem).Op(op.I32Sub).MemoryGrow(m.Mem).I32Const(-1).Op(op.I32Eq)
			f.TrapIf(trap.OutOfMemory)
			f.Finish()
		}))
		f.End()
		f.Finish()
	})
}

// realloc emits the realloc: [old old_size align new_size] -> [ptr]. The block at the top is resized in place, any
// other moves to the top.
func (m Memory) realloc(f *asm.Func) {
	mem, top := m.Mem, m.Top
	old, oldSize, align, size := f.Param(0), f.Param(1), f.Param(2), f.Param(3)
	ptr, end := f.Local(corewasm.I32), f.Local(corewasm.I64)
	// ptr = old if old_size != 0 && old + old_size == top, else top rounded up to align; in 64 bits, because the sums
	// may exceed 2^32
	f.LocalGet(old).Op(op.I64ExtendI32U)
	f.GlobalGet(top).Op(op.I64ExtendI32U).LocalGet(align).Op(op.I64ExtendI32U, op.I64Add).I64Const(1).Op(op.I64Sub)
	f.I64Const(0).LocalGet(align).Op(op.I64ExtendI32U, op.I64Sub, op.I64And)
	f.LocalGet(oldSize).I32Const(0).Op(op.I32Ne)
	f.LocalGet(old).LocalGet(oldSize).Op(op.I32Add).GlobalGet(top).Op(op.I32Eq, op.I32And)
	f.Op(op.Select).LocalTee(end).Op(op.I32WrapI64).LocalSet(ptr)
	f.LocalGet(end).LocalGet(size).Op(op.I64ExtendI32U, op.I64Add).LocalTee(end).Call(m.room())
	f.LocalGet(end).Op(op.I32WrapI64).GlobalSet(top)
	f.LocalGet(oldSize)
	f.If()
	f.LocalGet(ptr).LocalGet(old)
	f.LocalGet(oldSize).LocalGet(size).LocalGet(oldSize).LocalGet(size).Op(op.I32LtU, op.Select)
	f.MemoryCopy(mem, mem)
	f.End()
	f.LocalGet(ptr)
	f.Finish()
}
