// This file implements the moves of handles between tables.

package handles

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// ofRuntime reports whether the runtime keeps the handles of an instance or the host, in the outer component's table.
func (t *Tables) ofRuntime(inst graph.InstID) bool { return inst == graph.Host || inst == t.p.Async }

// LiftOwn removes an owning handle from an instance's table (CanonicalABI.md, lift_own): [handle] -> [rep]. If the
// runtime keeps the table, and an instance implements the type, the handle's representation is read, and it is dropped
// without running the destructor.
func (t *Tables) LiftOwn(f *asm.Func, inst graph.InstID, r *ctypes.Resource) {
	if t.ofRuntime(inst) {
		t.takeFromRuntime(f, r)
		return
	}
	t.takeHandle(f, t.table(inst), r)
}

// LowerOwn adds an owning handle to an instance's table (CanonicalABI.md, lower_own): [rep] -> [handle]. If the runtime
// keeps the table, and an instance implements the type, it is a new handle of the outer component.
func (t *Tables) LowerOwn(f *asm.Func, inst graph.InstID, r *ctypes.Resource) {
	if !t.ofRuntime(inst) {
		t.addHandle(f, t.table(inst), word(r, kindOwn), nil)
		return
	}
	if t.impl(r) != graph.Host {
		f.Call(sym.Import(t.resource(r).HostNew.Index()))
	}
}

func (t *Tables) takeFromRuntime(f *asm.Func, r *ctypes.Resource) {
	res := t.resource(r)
	if t.impl(r) == graph.Host {
		return
	}
	rep, drop := sym.Import(res.HostRep.Index()), sym.Import(res.HostDrop.Index())
	handle := f.SetTemp(corewasm.I32)
	f.LocalGet(handle).Call(rep)
	if t.HostDtor(r).IsZero() {
		f.LocalGet(handle).Call(drop)
	} else {
		f.I32Const(1).GlobalSet(t.suppress())
		f.LocalGet(handle).Call(drop)
		f.I32Const(0).GlobalSet(t.suppress())
	}
	f.Release(handle)
}

// suppress returns the global that tells destructors called by the outer component to do nothing.
func (t *Tables) suppress() asm.Sym {
	return t.u.SharedSym("handles suppress", func() asm.Sym {
		return t.u.Global(asm.Global{Name: "handles suppress", Type: corewasm.I32, Mutable: true})
	})
}

// LiftBorrow looks up a handle in an instance's table and, with fr.Lends, counts it as lent until CloseFrame
// (CanonicalABI.md, lift_borrow): [handle] -> [rep]. A borrow from the host of a type that an instance implements
// already is the representation, because the outer component is its implementing instance. An instance whose handles the
// runtime keeps has no borrowed handles of such types.
func (t *Tables) LiftBorrow(f *asm.Func, inst graph.InstID, r *ctypes.Resource, fr Frame) {
	ofHost := t.impl(r) == graph.Host
	if inst == graph.Host {
		if ofHost {
			f.I32Const(hostBorrow).Op(op.I32Or)
		}
		return
	}
	if t.ofRuntime(inst) {
		f.Call(sym.Import(t.resource(r).HostRep.Index()))
		return
	}
	if fr.Lends {
		handle := f.SetTemp(corewasm.I32)
		f.I32Const(t.table(inst)).LocalGet(handle).I32Const(word(r, kindBorrow)).LocalGet(fr.Local).Call(t.lend())
		f.Release(handle)
	} else {
		t.lookHandle(f, t.table(inst), r)
	}
	if ofHost {
		f.I32Const(^hostBorrow).Op(op.I32And)
	}
}

// LowerBorrow passes a borrowed argument to the callee (CanonicalABI.md, lower_borrow): [rep] -> [handle]. It is the
// representation for the implementing instance, else a new entry that belongs to the call. fr.Scope must be true if an
// entry is created.
func (t *Tables) LowerBorrow(f *asm.Func, inst graph.InstID, r *ctypes.Resource, fr Frame) {
	switch {
	case inst == t.impl(r):
	case !fr.Scope:
		panic("handles: the call that passes a borrow to " + t.p.Graph.Insts[inst].Path + " does not count borrows")
	default:
		t.addHandle(f, t.table(inst), word(r, kindBorrow), func() { f.LocalGet(fr.Local) })
		t.addTo(f, func() { f.LocalGet(fr.Local) }, frameBorrows, 1)
	}
}

// addTo adds a constant to a word of the memory.
func (t *Tables) addTo(f *asm.Func, address func(), offset, n int32) {
	address()
	address()
	t.load(f, offset)
	f.I32Const(n).Op(op.I32Add)
	t.store(f, offset)
}

// Unchanged is in place of tables if the runtime keeps the handles of the only instance that holds any: in a call by or to
// the host they are the same on both sides. It satisfies the adapters' interface.
type Unchanged struct{}

// LiftOwn, LowerOwn, LiftBorrow and LowerBorrow leave handles as they are.
func (Unchanged) LiftOwn(*asm.Func, graph.InstID, *ctypes.Resource)            {}
func (Unchanged) LowerOwn(*asm.Func, graph.InstID, *ctypes.Resource)           {}
func (Unchanged) LiftBorrow(*asm.Func, graph.InstID, *ctypes.Resource, Frame)  {}
func (Unchanged) LowerBorrow(*asm.Func, graph.InstID, *ctypes.Resource, Frame) {}

// OpenFrame, CheckReturn and CloseFrame are for calls that keep records, which the runtime does.
func (Unchanged) OpenFrame(*asm.Func)          {}
func (Unchanged) CheckReturn(*asm.Func, Frame) {}
func (Unchanged) CloseFrame(*asm.Func, Frame)  {}
