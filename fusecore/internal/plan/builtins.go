// This file implements the decisions about async built-ins.
//
// Every task of a graph that can be fused is synchronous, by its type and by its lift's options. Nothing is lowered
// asynchronously, and no stream, future or error context crosses from one instance to another. Most async built-ins are
// then simple (CanonicalABI.md, "Canonical Definitions"):
//
//   - Most begin with trap_if(not inst.may_leave). If nothing that runs while the flag is true can call such a built-in, it
//     always traps.
//   - task.return and task.cancel trap, because the task's lift is not asynchronous.
//   - No subtask is ever in a table, so subtask.* trap at the index. So do built-ins on the ends of streams and futures,
//     waitable sets and error contexts, in instances that cannot create any.
//   - A task that blocks can only be resumed by canon_lift's own loop, which traps if no other thread of the instance is
//     ready. Without thread.new-indirect there is none, and without waitables nothing makes a blocked thread ready.
//
// Waitable sets and error contexts are elements of the instance's handle table, in the same index space.

package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// unmet is the rule that a call violates if what it needs does not exist in any graph that can be fused.
var unmet = map[component.Need]trap.Rule{
	component.NeedsAsyncTask: trap.NotAsync, component.NeedsWaitable: trap.NoWaitable,
	component.NeedsEvent: trap.CannotBlock, component.NeedsOtherThread: trap.NoOtherThread,
}

// makers are the built-ins that create what others need, in the same instance.
var makers = map[component.Need]component.CanonOp{
	component.NeedsWaitableSet: component.CanonWaitableSetNew, component.NeedsErrorContext: component.CanonErrorContextNew,
}

// concurrency decides about all async built-ins that do not need the runtime's tasks, or rejects them by name.
func (d *decider) concurrency() error {
	for id, b := range d.Live.Builtins() {
		if !analyse.IsAsync(b.Op) || d.isAsync(b.Inst) {
			continue
		}
		if err := d.concurrentBuiltin(id, b); err != nil {
			return diag.In(err, "", d.g.Insts[b.Inst].Path, "canonical built-in "+b.Op.String())
		}
	}
	return nil
}

func (d *decider) concurrentBuiltin(id graph.BuiltinID, b *graph.Builtin) error {
	p := &d.Builtins[id]
	p.Core, _ = d.conc.CoreType(d.abi, id)
	if !d.conc.Runs(id) {
		p.Traps, p.TrapsReason = trap.CannotLeave, Because(NeverReached)
		if p.CheckLeave.Given() {
			p.TrapsReason = Reason{ReachedInside, p.CheckLeave.steps}
		}
		return nil
	}
	need := b.Op.Needs()
	maker, made := makers[need]
	switch {
	case unmet[need] != trap.None:
		p.Traps, p.TrapsReason = unmet[need], Because(NeverProvided)
	case made && !d.conc.RunsIn(b.Inst, maker):
		p.Traps, p.TrapsReason = trap.UnknownHandle, Because(NeverCreated)
	default:
		p.Entry = made || need == component.NeedsTable
	}
	if p.Entry && b.Op == component.CanonErrorContextMessage {
		var err error
		p.Realloc, err = d.realloc(b.Inst, b.Opts.Realloc, Guard{})
		return err
	}
	return nil
}
