package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// boundaryBase is where the boundary memory's allocator starts; addresses below stay unused, so that 0 is no result.
const boundaryBase = 16

// BoundaryMemory is the memory in which the host sees values that hold handles, with its realloc and the global with
// the top of its allocator. Allocation is a stack: every call gives back what it took by restoring the top that it
// found. A call of the host does so when it is over, a call of an instance by itself when what it keeps there has been
// passed on ([Call.Stage]); a call by the host finds the top in [boundaryMark] if arguments of it
// lie in the memory already, and keeps it in front of a result there for its post-return.
func BoundaryMemory(u *asm.Unit) (memory, realloc, top CoreRef) {
	m := u.SharedSym("boundary memory", func() asm.Sym {
		return u.Memory(asm.Memory{Name: "boundary", Type: corewasm.MemType{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}})
	})
	t := u.SharedSym("boundary top", func() asm.Sym {
		return u.Global(asm.Global{Name: "boundary top", Type: corewasm.I32, Mutable: true, Init: boundaryBase})
	})
	i32 := corewasm.I32
	ft := corewasm.FuncType{Params: []corewasm.ValType{i32, i32, i32, i32}, Results: []corewasm.ValType{i32}}
	r := u.Helper("boundary realloc", ft, func(f *asm.Func) { boundaryRealloc(f, m, t) })
	return synth(m), synth(r), synth(t)
}

func synth(s asm.Sym) CoreRef { return CoreRef{Kind: RefSynth, Sort: s.Kind, Index: s.Index} }

// boundaryMark is the global with the top that a call by the host has found, from its first argument in the boundary
// memory on until the call itself begins; 0 otherwise. Nothing but the lowering of arguments happens in between.
func boundaryMark(u *asm.Unit) asm.Sym {
	return u.SharedSym("boundary mark", func() asm.Sym {
		return u.Global(asm.Global{Name: "boundary mark", Type: corewasm.I32, Mutable: true})
	})
}

// BoundaryFound pushes the top of the boundary memory's allocator as a call by the host found it: [] -> [i32]. It is for
// the beginning of the call.
func BoundaryFound(u *asm.Unit, f *asm.Func, top asm.Sym) {
	mark := boundaryMark(u)
	f.GlobalGet(mark).GlobalGet(top).GlobalGet(mark).Op(op.Select)
	f.I32Const(0).GlobalSet(mark)
}

// BoundaryPrefix is the size of what lies in front of a result that the host reads in the boundary memory: the top that the
// call found.
const BoundaryPrefix = 8

// boundaryKey is the key of the functions that the host calls before and after a call.
type boundaryKey struct {
	enter EnterKey
	args  bool
}

// boundaryArgs is the realloc with which the host lowers arguments, which begins the call.
func (d *decider) boundaryArgs(e Enter) asm.Sym {
	_, realloc, top := BoundaryMemory(d.u)
	mark := boundaryMark(d.u)
	ft := d.u.Funcs[realloc.Index].Type
	return d.u.Shared(boundaryKey{Enter{Test: e.Test}.Key(), true}, "boundary arguments", ft, func(f *asm.Func) {
		e.Check(d.u, f)
		f.GlobalGet(mark).Op(op.I32Eqz)
		f.If()
		f.GlobalGet(top.Sym()).GlobalSet(mark)
		f.End()
		for i := range ft.Params {
			f.LocalGet(f.Param(i))
		}
		f.Call(realloc.Sym())
		f.Finish()
	})
}

// boundaryReturn is the post-return function of exported functions whose results lie in the boundary memory.
func (d *decider) boundaryReturn(e Enter) CoreRef {
	mem, _, top := BoundaryMemory(d.u)
	ft := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}
	return synth(d.u.Shared(boundaryKey{Enter{Set: e.Set}.Key(), false}, "boundary return", ft, func(f *asm.Func) {
		f.LocalGet(f.Param(0)).I32Const(BoundaryPrefix).Op(op.I32Sub).Mem(op.I32Load, mem.Sym(), 2, 0).GlobalSet(top.Sym())
		e.End(d.u, f)
		f.Finish()
	}))
}

// boundaryRealloc is the realloc of the boundary memory: [old old_size align new_size] -> [ptr]. The block at the top
// is resized in place, any other moves to the top.
func boundaryRealloc(f *asm.Func, mem, top asm.Sym) {
	old, oldSize, align, size := f.Param(0), f.Param(1), f.Param(2), f.Param(3)
	ptr, end := f.Local(corewasm.I32), f.Local(corewasm.I64)
	// ptr = old if old_size != 0 && old + old_size == top, else top rounded up to align; in 64 bits, because the sums may
	// pass 2^32
	f.LocalGet(old).Op(op.I64ExtendI32U)
	f.GlobalGet(top).Op(op.I64ExtendI32U).LocalGet(align).Op(op.I64ExtendI32U, op.I64Add).I64Const(1).Op(op.I64Sub)
	f.I64Const(0).LocalGet(align).Op(op.I64ExtendI32U, op.I64Sub, op.I64And)
	f.LocalGet(oldSize).I32Const(0).Op(op.I32Ne)
	f.LocalGet(old).LocalGet(oldSize).Op(op.I32Add).GlobalGet(top).Op(op.I32Eq, op.I32And)
	f.Op(op.Select).LocalTee(end).Op(op.I32WrapI64).LocalSet(ptr)
	// end = ptr + size; trap where that passes 2^32 - 1
	f.LocalGet(end).LocalGet(size).Op(op.I64ExtendI32U, op.I64Add).LocalTee(end)
	f.I64Const(32).Op(op.I64ShrU).I64Const(0).Op(op.I64Ne)
	f.TrapIf(trap.OutOfMemory)
	f.LocalGet(end).MemorySize(mem).Op(op.I64ExtendI32U).I64Const(16).Op(op.I64Shl, op.I64GtU)
	f.If()
	f.LocalGet(end).I64Const(65535).Op(op.I64Add).I64Const(16).Op(op.I64ShrU, op.I32WrapI64)
	f.MemorySize(mem).Op(op.I32Sub).MemoryGrow(mem).I32Const(-1).Op(op.I32Eq)
	f.TrapIf(trap.OutOfMemory)
	f.End()
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
