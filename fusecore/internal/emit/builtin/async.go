// This file implements async built-ins, as they work in synchronous tasks (see package plan).

package builtin

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// trapping is the key of a function that always traps.
type trapping struct {
	core  string // its core type
	rule  trap.Rule
	leave bool // whether it first checks may_leave of inst
	inst  graph.InstID
}

// alwaysTraps returns a built-in that violates a rule in every call.
func (e *emitter) alwaysTraps(b *graph.Builtin, p *plan.Builtin) asm.Sym {
	key := trapping{core: p.Core.String(), rule: p.Traps}
	if p.CheckLeave.Given() && p.Traps != trap.CannotLeave {
		key.leave, key.inst = true, b.Inst
	}
	return e.u.Shared(key, "always "+p.Traps.Function(), p.Core, func(f *asm.Func) {
		if key.leave {
			e.state.CheckLeave(f, key.inst)
		}
		f.Trap(p.Traps)
		f.Finish()
	})
}

// theThread is the index of the only thread that an instance can have while it runs, except in destructors and start
// functions: the first in its table of threads (CanonicalABI.md, Task.register_thread).
const theThread = 1

// concurrent returns an async built-in that does something.
func (e *emitter) concurrent(b *graph.Builtin, p *plan.Builtin) asm.Sym {
	f := e.u.Func(e.name(b), p.Core)
	checkLeave := func() {
		if p.CheckLeave.Given() {
			e.state.CheckLeave(f, b.Inst)
		}
	}
	switch b.Op {
	case component.CanonThreadYield:
		// The thread is ready at once, and the only one that can be resumed. Nothing cancels it.
		checkLeave()
		f.I32Const(0)
	case component.CanonThreadIndex:
		checkLeave()
		f.I32Const(theThread)
	case component.CanonThreadYieldPromote:
		// A thread can promote itself. It is not ready, so this only yields.
		checkLeave()
		f.LocalGet(f.Param(0)).I32Const(theThread).Op(op.I32Ne).TrapIf(trap.NoOtherThread)
		f.I32Const(0)
	case component.CanonThreadAvailParallel:
		f.I32Const(1) // as in the deterministic profile
	case component.CanonBackpressureInc, component.CanonBackpressureDec:
		e.backpressure(f, b)
	default:
		panic("builtin: no code for " + b.Op.String())
	}
	f.Finish()
	return f.Sym()
}

// maxBackpressure is the exclusive limit of the counter (CanonicalABI.md, canon backpressure.{inc,dec}).
const maxBackpressure = 1 << 16

// pressure is the key of an instance's backpressure counter.
type pressure graph.InstID

// backpressure counts. Synchronous tasks start regardless of the counter (Task.enter_implicit_thread), so only its
// limits are observable.
func (e *emitter) backpressure(f *asm.Func, b *graph.Builtin) {
	counter := e.u.SharedSym(pressure(b.Inst), func() asm.Sym {
		return e.u.Global(asm.Global{Name: fmt.Sprintf("backpressure/%d", b.Inst), Type: corewasm.I32, Mutable: true})
	})
	step := int32(1)
	if b.Op == component.CanonBackpressureDec {
		step = -1
	}
	f.GlobalGet(counter).I32Const(step).Op(op.I32Add).GlobalSet(counter)
	f.GlobalGet(counter).I32Const(maxBackpressure).Op(op.I32GeU).TrapIf(trap.Backpressure)
}
