package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// dtorKey is the key of a function that runs a type's destructor.
type dtorKey struct {
	resource *ctypes.Resource
	caller   string
}

// Destructor is the function [rep] -> [] that runs the destructor of an instance's resource type as a call of the instance
// (CanonicalABI.md, canon_resource_drop and canon_lift): with context slots of its own, and exceptions become traps. It
// is zero for a type without destructor.
func Destructor(u *asm.Unit, g *Graph, t *ctypes.Resource) asm.Sym {
	r := &g.Resources[t.ID]
	if r.Dtor.Kind == RefNone {
		return asm.Sym{}
	}
	slots := NewContexts(u, g).Of(r.Definer)
	throws := throwing(g)[r.Definer]
	if len(slots) == 0 && !throws {
		return r.Dtor.Sym()
	}
	ft := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}
	return u.Shared(dtorKey{t, "destructor"}, "destructor "+t.Name, ft, func(f *asm.Func) {
		var thrown asm.Label
		if throws {
			thrown = f.Block()
			f.TryCatchAll(thrown)
		}
		var saved []asm.Local
		for _, s := range slots {
			l := f.Local(s.Type)
			f.GlobalGet(s.Sym).LocalSet(l)
			saved = append(saved, l)
			f.Zero(s.Type).GlobalSet(s.Sym)
		}
		f.LocalGet(f.Param(0)).Call(r.Dtor.Sym())
		for i, s := range slots {
			f.LocalGet(saved[i]).GlobalSet(s.Sym)
		}
		if throws {
			f.Return()
			f.End()
			f.End()
			f.Trap(trap.UncaughtException)
		}
		f.Finish()
	})
}

// HostDestructor is the function [rep] -> [] with which the host's drop of a handle ends a resource's life: as a call by
// the host, which enters the instance even if the type has no destructor (CanonicalABI.md, canon_resource_drop). It is zero
// where nothing is to be done.
func HostDestructor(u *asm.Unit, g *Graph, t *ctypes.Resource) asm.Sym {
	r, dtor := &g.Resources[t.ID], Destructor(u, g, t)
	if !r.HostEnter.Any() {
		return dtor
	}
	ft := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}
	return u.Shared(dtorKey{t, "enter"}, "enter destructor "+t.Name, ft, func(f *asm.Func) {
		if dtor.IsZero() {
			r.HostEnter.Check(u, f)
		} else {
			r.HostEnter.Begin(u, f)
			f.LocalGet(f.Param(0)).Call(dtor)
			r.HostEnter.End(u, f)
		}
		f.Finish()
	})
}

// dropping is the global that says that resource.drop of the runtime has been called by the instance itself.
func dropping(u *asm.Unit) asm.Sym {
	return u.SharedSym("dropping", func() asm.Sym {
		return u.Global(asm.Global{Name: "dropping", Type: corewasm.I32, Mutable: true})
	})
}

// DropOwn appends the call of the runtime's resource.drop by the instance that keeps its handles there: [handle] -> [].
// The runtime calls one destructor for the drops of the instance, which is inside of itself already, and for those of the
// host, which are calls.
func DropOwn(u *asm.Unit, f *asm.Func, drop asm.Sym) {
	f.I32Const(1).GlobalSet(dropping(u))
	f.Call(drop)
	f.I32Const(0).GlobalSet(dropping(u)) // a borrowed handle has no destructor
}

// runtimeDestructor is the destructor of a type whose handles the runtime keeps, or zero.
func runtimeDestructor(u *asm.Unit, g *Graph, t *ctypes.Resource) asm.Sym {
	own, byHost := Destructor(u, g, t), HostDestructor(u, g, t)
	if own == byHost {
		return own
	}
	ft := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}
	return u.Shared(dtorKey{t, "runtime"}, "runtime destructor "+t.Name, ft, func(f *asm.Func) {
		f.GlobalGet(dropping(u))
		f.If()
		f.I32Const(0).GlobalSet(dropping(u))
		if !own.IsZero() {
			f.LocalGet(f.Param(0)).Call(own)
		}
		f.Return()
		f.End()
		f.LocalGet(f.Param(0)).Call(byHost)
		f.Finish()
	})
}
