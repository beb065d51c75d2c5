package plan

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

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
	return u.Shared(fmt.Sprintf("destructor %s %s/%d", g.Insts[r.Definer].Path, t.Name, t.ID), ft, func(f *asm.Func) {
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
