package builtin

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// trapping is the key of a function that always traps.
type trapping struct {
	core  string // its type
	rule  trap.Rule
	leave bool // whether it checks may_leave of inst first
	inst  plan.InstID
}

// alwaysTraps provides a built-in of which plan knows that every call traps.
func alwaysTraps(u *asm.Unit, id plan.BuiltinID, b *plan.Builtin) {
	key := trapping{core: b.Core.String(), rule: b.Traps}
	if b.CheckLeave && b.Traps != trap.CannotLeave {
		key.leave, key.inst = true, b.Inst
	}
	u.Provided[plan.BuiltinSym(id)] = u.Shared(key, "always "+b.Traps.Function(), b.Core, func(f *asm.Func) {
		if key.leave {
			plan.TrapUnlessMayLeave(u, f, key.inst)
		}
		f.Trap(b.Traps)
		f.Finish()
	})
}

// theThread is the index of the only thread that an instance can have while it runs, except in destructors and start
// functions: the first of its table of threads (CanonicalABI.md, Task.register_thread).
const theThread = 1

// concurrent provides a built-in for concurrency as it works in synchronous tasks, see plan.
func concurrent(u *asm.Unit, g *plan.Graph, id plan.BuiltinID, b *plan.Builtin) error {
	f := u.Func(b.Op.String()+" "+g.Insts[b.Inst].Path, b.Core)
	checkLeave := func() {
		if b.CheckLeave {
			plan.TrapUnlessMayLeave(u, f, b.Inst)
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
		// A thread can promote itself: it is not ready, so that this only yields.
		checkLeave()
		f.LocalGet(f.Param(0)).I32Const(theThread).Op(op.I32Ne).TrapIf(trap.NoOtherThread)
		f.I32Const(0)
	case component.CanonThreadAvailParallel:
		f.I32Const(1) // as in the deterministic profile
	case component.CanonBackpressureInc, component.CanonBackpressureDec:
		backpressure(u, f, b)
	default:
		return diag.New("", "not supported")
	}
	f.Finish()
	u.Provide(plan.BuiltinSym(id), f)
	return nil
}

// maxBackpressure is the bound that the counter stays below (CanonicalABI.md, canon backpressure.{inc,dec}).
const maxBackpressure = 1 << 16

// pressure is the key of an instance's backpressure counter.
type pressure plan.InstID

// backpressure counts. Synchronous tasks start whatever the counter says (Task.enter_implicit_thread), so that only its
// bounds can be seen.
func backpressure(u *asm.Unit, f *asm.Func, b *plan.Builtin) {
	counter := u.SharedSym(pressure(b.Inst), func() asm.Sym {
		return u.Global(asm.Global{Name: fmt.Sprintf("backpressure/%d", b.Inst), Type: corewasm.I32, Mutable: true})
	})
	step := int32(1)
	if b.Op == component.CanonBackpressureDec {
		step = -1
	}
	f.GlobalGet(counter).I32Const(step).Op(op.I32Add).GlobalSet(counter)
	f.GlobalGet(counter).I32Const(maxBackpressure).Op(op.I32GeU).TrapIf(trap.Backpressure)
}
