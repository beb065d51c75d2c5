package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// boundaryBase is where the boundary memory's allocator starts; addresses below stay unused, so that 0 is no result.
const boundaryBase = 16

// boundaryMemory is the memory in which the host sees values that hold handles, with its realloc and the global with
// the top of its allocator. Allocation is a stack: a call of the host gives back what it took, and a call by the host is
// never inside another one, so that its post-return empties the stack.
func (d *decider) boundaryMemory() (memory, realloc, top CoreRef) {
	m := d.u.SharedSym("boundary memory", func() asm.Sym {
		return d.u.Memory(asm.Memory{Name: "boundary", Type: corewasm.MemType{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}})
	})
	t := d.boundaryTop()
	i32 := corewasm.I32
	ft := corewasm.FuncType{Params: []corewasm.ValType{i32, i32, i32, i32}, Results: []corewasm.ValType{i32}}
	r := d.u.Shared("boundary realloc", ft, func(f *asm.Func) { boundaryRealloc(f, m, t) })
	return synth(m), synth(r), synth(t)
}

func synth(s asm.Sym) CoreRef { return CoreRef{Kind: RefSynth, Sort: s.Kind, Index: s.Index} }

func (d *decider) boundaryTop() asm.Sym {
	return d.u.SharedSym("boundary top", func() asm.Sym {
		return d.u.Global(asm.Global{Name: "boundary top", Type: corewasm.I32, Mutable: true, Init: boundaryBase})
	})
}

// boundaryReset is the post-return function of exported functions whose values lie in the boundary memory.
func (d *decider) boundaryReset(results []corewasm.ValType) asm.Sym {
	top := d.boundaryTop()
	ft := corewasm.FuncType{Params: results}
	return d.u.Shared("boundary reset "+ft.String(), ft, func(f *asm.Func) {
		f.I32Const(boundaryBase).GlobalSet(top)
		f.Finish()
	})
}

// boundaryRealloc is the realloc of the boundary memory: [old old_size align new_size] -> [ptr]. The block at the top
// is resized in place, any other moves to the top.
func boundaryRealloc(f *asm.Func, mem, top asm.Sym) {
	old, oldSize, align, size := f.Param(0), f.Param(1), f.Param(2), f.Param(3)
	ptr, end := f.Local(corewasm.I32), f.Local(corewasm.I64)
	// ptr = old if old_size != 0 && old + old_size == top, else top rounded up to align; in 64 bits, because the sums may
	// pass 2^32
	f.LocalGet(old).Op(asm.I64ExtendI32U)
	f.GlobalGet(top).Op(asm.I64ExtendI32U).LocalGet(align).Op(asm.I64ExtendI32U, asm.I64Add).I64Const(1).Op(asm.I64Sub)
	f.I64Const(0).LocalGet(align).Op(asm.I64ExtendI32U, asm.I64Sub, asm.I64And)
	f.LocalGet(oldSize).I32Const(0).Op(asm.I32Ne)
	f.LocalGet(old).LocalGet(oldSize).Op(asm.I32Add).GlobalGet(top).Op(asm.I32Eq, asm.I32And)
	f.Op(asm.Select).LocalTee(end).Op(asm.I32WrapI64).LocalSet(ptr)
	// end = ptr + size; trap where that passes 2^32 - 1
	f.LocalGet(end).LocalGet(size).Op(asm.I64ExtendI32U, asm.I64Add).LocalTee(end)
	f.I64Const(32).Op(asm.I64ShrU).I64Const(0).Op(asm.I64Ne)
	f.TrapIf(trap.OutOfMemory)
	f.LocalGet(end).MemorySize(mem).Op(asm.I64ExtendI32U).I64Const(16).Op(asm.I64Shl, asm.I64GtU)
	f.If()
	f.LocalGet(end).I64Const(65535).Op(asm.I64Add).I64Const(16).Op(asm.I64ShrU, asm.I32WrapI64)
	f.MemorySize(mem).Op(asm.I32Sub).MemoryGrow(mem).I32Const(-1).Op(asm.I32Eq)
	f.TrapIf(trap.OutOfMemory)
	f.End()
	f.LocalGet(end).Op(asm.I32WrapI64).GlobalSet(top)
	f.LocalGet(oldSize)
	f.If()
	f.LocalGet(ptr).LocalGet(old)
	f.LocalGet(oldSize).LocalGet(size).LocalGet(oldSize).LocalGet(size).Op(asm.I32LtU, asm.Select)
	f.MemoryCopy(mem, mem)
	f.End()
	f.LocalGet(ptr)
	f.Finish()
}
