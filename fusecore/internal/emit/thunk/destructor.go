package thunk

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
)

// This file implements destructors, as instances, the host and the runtime call them.

// dtorKey is the key of a function that runs a type's destructor.
type dtorKey struct {
	resource *ctypes.Resource
	caller   string
}

var dtorType = corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}

// Destructor is the function [rep] -> [] that runs the destructor of an instance's resource type as a call of the instance
// (CanonicalABI.md, canon_resource_drop and canon_lift): with context slots of its own, and exceptions become traps. It
// is zero for a type without destructor.
func (t *Thunks) Destructor(r *ctypes.Resource) asm.Sym {
	res := &t.p.Graph.Resources[r.ID]
	dtor, throws := sym.Of(res.Dtor), t.p.Throws[res.Impl]
	if dtor.IsZero() || !throws && len(t.p.Contexts[res.Impl]) == 0 {
		return dtor
	}
	t.state.Declare(res.Impl)
	return t.u.Shared(dtorKey{r, "destructor"}, "destructor "+r.Name, dtorType, func(f *asm.Func) {
		state.Catch(f, throws, func() {
			saved := t.state.SaveContext(f, res.Impl)
			f.Forward(dtor)
			t.state.RestoreContext(f, res.Impl, saved)
		})
		f.Finish()
	})
}

// HostDestructor is the function [rep] -> [] with which the host's drop of a handle ends a resource's life: as a call by
// the host, which enters the instance even if the type has no destructor (CanonicalABI.md, canon_resource_drop). It is zero
// where nothing is to be done.
func (t *Thunks) HostDestructor(r *ctypes.Resource) asm.Sym {
	enter, dtor := t.p.Resources[r.ID].HostEnter, t.Destructor(r)
	if enter == 0 {
		return dtor
	}
	return t.u.Shared(dtorKey{r, "enter"}, "enter destructor "+r.Name, dtorType, func(f *asm.Func) {
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

// dropping is the global that says that resource.drop of the runtime has been called by the instance itself.
func (t *Thunks) dropping() asm.Sym {
	return t.u.SharedSym("dropping", func() asm.Sym {
		return t.u.Global(asm.Global{Name: "dropping", Type: corewasm.I32, Mutable: true})
	})
}

// DropOwn appends the call of the runtime's resource.drop by the instance that keeps its handles there, with the function's
// parameter. The runtime calls one destructor for the drops of the instance, which is inside of itself already, and for
// those of the host, which are calls.
func (t *Thunks) DropOwn(f *asm.Func, drop asm.Sym) {
	f.LocalGet(f.Param(0)).I32Const(1).GlobalSet(t.dropping())
	f.Call(drop)
	f.I32Const(0).GlobalSet(t.dropping()) // a borrowed handle has no destructor
}

// RuntimeDestructor is the destructor of a type whose handles the runtime keeps; zero where dropping does nothing.
func (t *Thunks) RuntimeDestructor(r *ctypes.Resource) asm.Sym {
	own, byHost := t.Destructor(r), t.HostDestructor(r)
	if own == byHost {
		return own
	}
	return t.u.Shared(dtorKey{r, "runtime"}, "runtime destructor "+r.Name, dtorType, func(f *asm.Func) {
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
