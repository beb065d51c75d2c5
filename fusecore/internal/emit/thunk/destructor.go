// This file implements destructors, as called by instances, the host and the runtime.

package thunk

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
)

// dtorKey is the key of a function that runs a type's destructor.
type dtorKey struct {
	resource *ctypes.Resource
	caller   string
}

var dtorType = corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}

// Destructor returns the function [rep] -> [] that runs the destructor of an instance's resource type as a call of the
// instance (CanonicalABI.md, canon_resource_drop and canon_lift): with its own context slots, and with exceptions
// becoming traps. It is zero for a type without destructor.
func (t *Thunks) Destructor(r *ctypes.Resource) asm.Sym {
	res := &t.p.Graph.Resources[r.ID]
	dtor, throws := sym.Of(res.Dtor), t.p.Throws[res.Impl]
	if dtor.IsZero() || !throws && len(t.p.Contexts[res.Impl]) == 0 {
		return dtor
	}
	t.state.Declare(res.Impl)
	return t.u.Shared(dtorKey{r, "destructor"}, "destructor "+t.p.Names.Resource(r), dtorType, func(f *asm.Func) {
		state.Catch(f, throws, func() {
			saved := t.state.SaveContext(f, res.Impl)
			f.Forward(dtor)
			t.state.RestoreContext(f, res.Impl, saved)
		})
		f.Finish()
	})
}

// HostDestructor returns the function [rep] -> [] by which the host's drop of a handle ends a resource's life: a call
// by the host, which enters the instance even if the type has no destructor (CanonicalABI.md, canon_resource_drop). It
// is zero if nothing is to be done.
func (t *Thunks) HostDestructor(r *ctypes.Resource) asm.Sym {
	enter, dtor := t.p.Resources[r.ID].HostEnter, t.Destructor(r)
	if enter == 0 {
		return dtor
	}
	return t.u.Shared(dtorKey{r, "enter"}, "enter destructor "+t.p.Names.Resource(r), dtorType, func(f *asm.Func) {
		if dtor.IsZero() {
			t.state.CheckEnter(f, enter)
		} else {
			t.state.Enter(f, enter)
			f.Forward(dtor)
			t.state.Leave(f, enter)
		}
		f.Finish()
	})
}

// dropping returns the global that is set while the instance itself calls the runtime's resource.drop.
func (t *Thunks) dropping() asm.Sym {
	return t.u.SharedSym("dropping", func() asm.Sym {
		return t.u.Global(asm.Global{Name: "dropping", Type: corewasm.I32, Mutable: true})
	})
}

// DropOwn appends the call of the runtime's resource.drop, with the function's parameter, by the instance that keeps
// its handles there. The runtime calls one destructor for drops by the instance, which is already inside itself, and
// for those by the host, which are calls.
func (t *Thunks) DropOwn(f *asm.Func, drop asm.Sym) {
	f.LocalGet(f.Param(0)).I32Const(1).GlobalSet(t.dropping())
	f.Call(drop)
	f.I32Const(0).GlobalSet(t.dropping()) // a borrowed handle has no destructor
}

// RuntimeDestructor returns the destructor of a type whose handles the runtime keeps, or zero if dropping does nothing.
func (t *Thunks) RuntimeDestructor(r *ctypes.Resource) asm.Sym {
	own, byHost := t.Destructor(r), t.HostDestructor(r)
	if own == byHost {
		return own
	}
	return t.u.Shared(dtorKey{r, "runtime"}, "runtime destructor "+t.p.Names.Resource(r), dtorType, func(f *asm.Func) {
		f.GlobalGet(t.dropping())
		f.If()
		f.I32Const(0).GlobalSet(t.dropping())
		if !own.IsZero() {
			f.Forward(own)
		}
		f.Return()
		f.End()
		f.Forward(byHost)
		f.Finish()
	})
}
