// Package builtin emits the functions behind canonical built-ins that need generated code (CanonicalABI.md, "Canonical
// Definitions"), except those of handle tables.
package builtin

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/thunk"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Emit provides every built-in that is supplied neither by the outer component nor by package handles.
func Emit(u *asm.Unit, p *plan.Plan) {
	e := &emitter{u: u, p: p, state: state.New(u, p), thunks: thunk.New(u, p)}
	for id, b := range p.Live.Builtins() {
		if s := e.builtin(b, &p.Builtins[id]); !s.IsZero() {
			u.Provided[sym.Builtin(id)] = s
		}
	}
}

type emitter struct {
	u      *asm.Unit
	p      *plan.Plan
	state  *state.State
	thunks *thunk.Thunks
}

// builtin returns the function of a built-in, or zero if it is provided otherwise.
func (e *emitter) builtin(b *graph.Builtin, p *plan.Builtin) asm.Sym {
	switch {
	case p.Import.Ok() && !p.Dropping && (!p.CheckLeave.Given() || !b.Op.ChecksLeave()):
		// The outer component's built-in.
		return asm.Sym{}
	case p.Import.Ok():
		return e.imported(b, p)
	case b.Op == component.CanonContextGet || b.Op == component.CanonContextSet:
		return e.context(b)
	case p.Traps != trap.None:
		return e.alwaysTraps(b, p)
	case p.Entry, b.Resource != nil:
		// Provided by package handles.
		return asm.Sym{}
	}
	return e.concurrent(b, p)
}

// imported checks the flag and calls the outer component's built-in.
func (e *emitter) imported(b *graph.Builtin, p *plan.Builtin) asm.Sym {
	f := e.u.Func(e.name(b), e.p.Boundary.Imports[p.Import.Index()].Type)
	if p.CheckLeave.Given() {
		e.state.CheckLeave(f, b.Inst)
	}
	if own := sym.Import(p.Import.Index()); p.Dropping {
		e.thunks.DropOwn(f, own)
	} else {
		f.Forward(own)
	}
	f.Finish()
	return f.Sym()
}

// context reads or writes a slot of context-local storage. Adapters save and clear the slots around calls.
func (e *emitter) context(b *graph.Builtin) asm.Sym {
	slot, t := e.state.Context(b.Inst, b.Slot, b.ValType), []corewasm.ValType{b.ValType}
	if b.Op == component.CanonContextGet {
		f := e.u.Func(e.name(b), corewasm.FuncType{Results: t})
		f.GlobalGet(slot)
		f.Finish()
		return f.Sym()
	}
	f := e.u.Func(e.name(b), corewasm.FuncType{Params: t})
	f.LocalGet(f.Param(0)).GlobalSet(slot)
	f.Finish()
	return f.Sym()
}

func (e *emitter) name(b *graph.Builtin) string {
	return b.Op.String() + " " + e.p.Names.Inst(b.Inst)
}
