// This file implements the built-ins of resource types.

package handles

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// builtin is a canonical built-in with the decisions about it.
type builtin struct {
	*graph.Builtin
	plan *plan.Builtin
}

// Builtins provides the built-ins on entries, except those of the outer component.
func (t *Tables) Builtins() {
	for id, g := range t.p.Live.Builtins() {
		b := builtin{g, &t.p.Builtins[id]}
		if b.plan.Import.Ok() || b.Resource == nil && !b.plan.Entry {
			continue
		}
		t.u.Provided[sym.Builtin(id)] = t.builtin(b)
	}
}

var mapType, repType = i32s(1, 1), i32s(1, 0)

func (t *Tables) builtin(b builtin) asm.Sym {
	r := b.Resource
	if r == nil {
		return t.entryBuiltin(b)
	}
	ft, body := mapType, func(f *asm.Func) { t.drop(f, b) }
	switch b.Op {
	case component.CanonResourceNew:
		body = func(f *asm.Func) {
			t.checkLeave(f, b)
			f.LocalGet(f.Param(0))
			t.addHandle(f, t.table(b.Inst), word(r, kindOwn), nil)
			f.Finish()
		}
	case component.CanonResourceRep:
		body = func(f *asm.Func) {
			f.LocalGet(f.Param(0))
			t.lookHandle(f, t.table(b.Inst), r)
			f.Finish()
		}
	default:
		ft = repType
	}
	key := use{b.Op.String(), b.Inst, r, b.plan.CheckLeave.Given(), b.plan.Enter}
	return t.u.Shared(key, t.name(b.Op.String(), b.Inst, r), ft, body)
}

func (t *Tables) checkLeave(f *asm.Func, b builtin) {
	if b.plan.CheckLeave.Given() {
		t.state.CheckLeave(f, b.Inst)
	}
}

// drop emits resource.drop (CanonicalABI.md, canon_resource_drop): the index is free before the destructor runs.
func (t *Tables) drop(f *asm.Func, b builtin) {
	r, table, handle, entry := b.Resource, t.table(b.Inst), f.Param(0), f.Local(corewasm.I32)
	t.checkLeave(f, b)
	if t.impl(r) == b.Inst {
		// The implementing instance has no borrowed handles of its own type.
		f.LocalGet(handle)
		t.takeHandle(f, table, r)
		t.destroy(f, b)
		f.Finish()
		return
	}
	// The rest is a separate function, so that this one need not keep anything across a call.
	name := t.name("drop", b.Inst, r)
	rest := t.u.Shared(use{"drop", b.Inst, r, false, b.plan.Enter}, name, repType, func(f *asm.Func) { t.dropAny(f, table, b) })
	t.split(f, handle, entry, nil, func(asm.Label) { t.dropOwn(f, fixed(f, table, entry), b, handle) }, func() {})
	f.LocalGet(handle).Call(rest)
	f.Finish()
}

// dropAny emits a function [handle] -> [] that drops a handle of any index and kind.
func (t *Tables) dropAny(f *asm.Func, table int32, b builtin) {
	f.Outlined = true
	handle, entry := f.Param(0), f.Local(corewasm.I32)
	f.I32Const(table).LocalGet(handle).Call(t.find())
	f.LocalSet(entry)
	s := fixed(f, table, entry)
	s.entryOff = 0
	t.dropOwn(f, s, b, handle)
	t.dropBorrow(f, s, b.Resource, handle)
	f.Finish()
}

// dropOwn drops an owning handle that is not lent and returns, or does nothing if the entry is anything else.
func (t *Tables) dropOwn(f *asm.Func, s spot, b builtin, handle asm.Local) {
	f.LocalGet(s.entry)
	// As in own, the word and the count of lends are compared at once.
	t.load64(f, s.entryOff+atWord)
	f.I64Const(int64(uint32(word(b.Resource, kindOwn)))).Op(op.I64Eq)
	f.If()
	f.LocalGet(s.entry)
	t.load(f, s.entryOff+atRep)
	t.remove(f, s, handle)
	t.destroy(f, b)
	f.Return()
	f.End()
}

// dropBorrow drops a borrowed handle that is not lent, and traps if the entry is anything else.
func (t *Tables) dropBorrow(f *asm.Func, s spot, r *ctypes.Resource, handle asm.Local) {
	f.LocalGet(s.entry)
	t.load64(f, s.entryOff+atWord)
	f.I64Const(int64(uint32(word(r, kindBorrow)))).Op(op.I64Ne)
	f.If()
	f.LocalGet(s.entry).I32Const(word(r, kindOwn)).Call(t.refuse()).Op(op.Drop).Return()
	f.End()
	t.addTo(f, func() {
		f.LocalGet(s.entry)
		t.load(f, s.entryOff+atScope)
	}, frameBorrows, -1)
	if t.impl(r) != graph.Host {
		t.remove(f, s, handle)
		return
	}
	rep := f.Local(corewasm.I32)
	f.LocalGet(s.entry)
	t.load(f, s.entryOff+atRep)
	f.LocalSet(rep)
	t.remove(f, s, handle)
	f.LocalGet(rep).I32Const(0).Op(op.I32LtS)
	f.If()
	f.LocalGet(rep).I32Const(^hostBorrow).Op(op.I32And).Call(sym.Import(t.resource(r).HostDrop.Index()))
	f.End()
}

// destroy returns the function [rep] -> [] that ends the life of a resource whose last handle is gone. It is a call of
// the implementing instance, even without a destructor (CanonicalABI.md, canon_resource_drop).
func (t *Tables) destroy(f *asm.Func, b builtin) {
	r := b.Resource
	switch {
	case t.impl(r) == graph.Host:
		f.Call(sym.Import(t.resource(r).HostDrop.Index()))
	case t.p.Graph.Resources[r.ID].Dtor.IsZero():
		t.state.CheckEnter(f, b.plan.Enter)
		f.Op(op.Drop)
	default:
		t.state.Enter(f, b.plan.Enter)
		f.Call(t.thunks.Destructor(r))
		t.state.Leave(f, b.plan.Enter)
	}
}

// HostDtor returns the destructor [rep] -> [] of a resource type of an instance, which the outer component calls when
// the host drops its last handle. It does nothing while a handle is merely removed from the outer component's table. It
// is zero if a drop by the host does nothing.
func (t *Tables) HostDtor(r *ctypes.Resource) asm.Sym {
	if t.impl(r) == graph.Host {
		return asm.Sym{}
	}
	dtor := t.thunks.HostDestructor(r)
	if dtor.IsZero() || !t.resource(r).HostDrop.Ok() { // handles are never removed
		return dtor
	}
	return t.u.Shared(use{what: "host destructor", inst: t.impl(r), resource: r}, t.name("host destructor", t.impl(r), r), repType, func(f *asm.Func) {
		f.GlobalGet(t.suppress())
		f.If()
		f.Return()
		f.End()
		f.Forward(dtor)
		f.Finish()
	})
}
