// Package builtin emits the functions behind canonical built-ins that need code of ours (CanonicalABI.md, "Canonical
// Definitions").
package builtin

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Emit provides every built-in that the surrounding component does not supply as it is.
func Emit(u *asm.Unit, g *plan.Graph) error {
	for i := range g.Builtins {
		if b := &g.Builtins[i]; !b.Dropped {
			if err := emit(u, g, plan.BuiltinID(i), b); err != nil {
				return diag.In(err, "", g.Insts[b.Inst].Path, "canonical built-in "+b.Op.String())
			}
		}
	}
	return nil
}

func emit(u *asm.Unit, g *plan.Graph, id plan.BuiltinID, b *plan.Builtin) error {
	switch {
	case b.Op == component.CanonContextGet || b.Op == component.CanonContextSet:
		context(u, g, id, b)
	case b.Traps != trap.None:
		alwaysTraps(u, id, b)
	case b.Entries(), b.Resource != nil && g.Handles == plan.HandlesTables:
		// Provided by package handles.
	case b.Lower >= 0 && !b.Dropping && (!b.CheckLeave || b.Op == component.CanonResourceRep):
		// The component's own built-in; resource.rep may be called at any time.
	case b.Lower >= 0:
		f := u.Func("gate "+b.Op.String()+" "+g.Insts[b.Inst].Path, g.Boundary.Lowers[b.Lower].Type)
		forward(u, f, b)
		u.Provide(plan.BuiltinSym(id), f)
	default:
		return concurrent(u, g, id, b)
	}
	return nil
}

// forward checks the flag and calls the component's own built-in.
func forward(u *asm.Unit, f *asm.Func, b *plan.Builtin) {
	if b.CheckLeave {
		plan.TrapUnlessMayLeave(u, f, b.Inst)
	}
	for i := range f.Type.Params {
		f.LocalGet(f.Param(i))
	}
	own := asm.Sym{Kind: corewasm.ExternFunc, Origin: asm.OriginHost, Index: uint32(b.Lower)}
	if b.Dropping {
		plan.DropOwn(u, f, own)
	} else {
		f.Call(own)
	}
	f.Finish()
}

// context reads or writes a slot of context-local storage; adapters save and clear the slots around calls.
func context(u *asm.Unit, g *plan.Graph, id plan.BuiltinID, b *plan.Builtin) {
	slot := plan.ContextSlot(u, b.Inst, b.Slot, b.ValType)
	t := []corewasm.ValType{b.ValType}
	if b.Op == component.CanonContextGet {
		f := u.Func("context.get "+g.Insts[b.Inst].Path, corewasm.FuncType{Results: t})
		f.GlobalGet(slot)
		f.Finish()
		u.Provide(plan.BuiltinSym(id), f)
		return
	}
	f := u.Func("context.set "+g.Insts[b.Inst].Path, corewasm.FuncType{Params: t})
	f.LocalGet(f.Param(0)).GlobalSet(slot)
	f.Finish()
	u.Provide(plan.BuiltinSym(id), f)
}
