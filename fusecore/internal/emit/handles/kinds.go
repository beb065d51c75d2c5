// This file implements the built-ins of waitable sets and error contexts.

package handles

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// entryBuiltin returns a built-in of waitable sets or error contexts (CanonicalABI.md, canon waitable-set.*,
// error-context.*), as they work if no waitables exist: sets are always empty and have no events. Error contexts drop
// their messages, as in the deterministic profile, so that only their index in the table is observable.
func (t *Tables) entryBuiltin(b builtin) asm.Sym {
	f, kind := t.u.Func(b.Op.String()+" "+t.p.Names.Inst(b.Inst), b.plan.Core), int32(kindErrorContext)
	t.checkLeave(f, b)
	switch b.Op {
	case component.CanonWaitableSetNew, component.CanonErrorContextNew:
		if b.Op == component.CanonWaitableSetNew {
			kind = kindWaitableSet
		}
		f.I32Const(0)
		t.addHandle(f, t.table(b.Inst), kind, nil)
	case component.CanonWaitableSetDrop, component.CanonErrorContextDrop:
		if b.Op == component.CanonWaitableSetDrop {
			kind = kindWaitableSet
		}
		f.LocalGet(f.Param(0))
		t.takeWord(f, t.table(b.Inst), kind)
		f.Op(op.Drop)
	case component.CanonWaitableSetWait:
		// Nothing that the set could contain exists, so no event comes.
		f.LocalGet(f.Param(0))
		t.lookWord(f, t.table(b.Inst), kindWaitableSet)
		f.Trap(trap.CannotBlock)
	case component.CanonWaitableSetPoll:
		t.poll(f, b)
	default:
		t.message(f, b)
	}
	f.Finish()
	return f.Sym()
}

// poll emits waitable-set.poll [set address] -> [event]: EventCode.NONE, with a payload of two zeros.
func (t *Tables) poll(f *asm.Func, b builtin) {
	const eventAlign, eventSize, none = 4, 8, 0
	f.LocalGet(f.Param(0))
	t.lookWord(f, t.table(b.Inst), kindWaitableSet)
	f.Op(op.Drop)
	at := f.Param(1)
	f.TrapMisaligned(at, b.Opts.Ptr64, eventAlign, trap.MisalignedPointer)
	f.TrapOutside(t.view(b), at, func() { f.I64Const(eventSize) }, trap.OutOfBoundsPointer)
	for _, offset := range []uint64{0, 4} {
		f.LocalGet(at).I32Const(0).Mem(op.I32Store, sym.Of(b.Opts.Memory), 2, offset)
	}
	f.I32Const(none)
}

// message emits error-context.debug-message [context address] -> []: it stores an empty string, for which it calls
// realloc as for any other (CanonicalABI.md, store_string).
func (t *Tables) message(f *asm.Func, b builtin) {
	f.LocalGet(f.Param(0))
	t.lookWord(f, t.table(b.Inst), kindErrorContext)
	f.Op(op.Drop)
	ptr, align := b.plan.Core.Params[1], int32(2)
	store, size := op.I32Store, uint64(4)
	if b.Opts.Ptr64 {
		store, size = op.I64Store, 8
	}
	if b.Opts.Encoding == cabi.UTF8 {
		align = 1
	}
	konst := func(v int32) {
		if b.Opts.Ptr64 {
			f.I64Const(int64(v))
		} else {
			f.I32Const(v)
		}
	}
	start, mem := f.Local(ptr), sym.Of(b.Opts.Memory)
	state.Catch(f, t.p.Throws[b.Inst], func() {
		for _, v := range []int32{0, 0, align, 0} {
			konst(v)
		}
		f.Call(t.thunks.Func(b.plan.Realloc)).LocalSet(start)
		f.TrapMisaligned(start, b.Opts.Ptr64, uint32(align), trap.MisalignedRealloc)
		// A string of no bytes may begin at the memory's end, but not beyond.
		f.TrapOutside(t.view(b), start, func() { f.I64Const(0) }, trap.OutOfBoundsRealloc)
		f.TrapOutside(t.view(b), f.Param(1), func() { f.I64Const(int64(2 * size)) }, trap.OutOfBoundsPointer)
		f.LocalGet(f.Param(1)).LocalGet(start).Mem(store, mem, 2, 0)
		f.LocalGet(f.Param(1))
		konst(0)
		f.Mem(store, mem, 2, size)
	})
}

// view returns the memory in a built-in's options.
func (t *Tables) view(b builtin) asm.View {
	return asm.View{Mem: sym.Of(b.Opts.Memory), Ptr64: b.Opts.Ptr64, PageSizeLog2: t.p.Graph.MemType(b.Opts.Memory).PageSizeLog2}
}
