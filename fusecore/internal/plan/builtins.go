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
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// concurrent reports whether an operation is an async built-in.
func concurrent(op component.CanonOp) bool {
	switch op {
	case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep, component.CanonContextGet,
		component.CanonContextSet:
		return false
	}
	return true
}

// unmet is the rule that a call violates if what it needs does not exist in any graph that can be fused.
var unmet = map[component.Need]trap.Rule{
	component.NeedsAsyncTask: trap.NotAsync, component.NeedsWaitable: trap.NoWaitable,
	component.NeedsEvent: trap.CannotBlock, component.NeedsOtherThread: trap.NoOtherThread,
}

// makers are the built-ins that create what others need, in the same instance.
var makers = map[component.Need]component.CanonOp{
	component.NeedsWaitableSet: component.CanonWaitableSetNew, component.NeedsErrorContext: component.CanonErrorContextNew,
}

// refused describes what is rejected if a call could need it.
var refused = map[component.Need]string{
	component.NeedsStreams: "streams and futures cannot be fused yet", component.NeedsThreads: "threads cannot be fused",
}

// callable is what can run while may_leave is true.
type callable struct {
	builtins map[graph.BuiltinID]bool                    // can be called without trapping immediately
	ops      map[graph.InstID]map[component.CanonOp]bool // those by instance
	nested   map[graph.BuiltinID]bool                    // can be called by destructors and start functions
	types    map[graph.BuiltinID]corewasm.FuncType       // see importTypes
}

// concurrency decides about all async built-ins, or rejects them by name.
func (d *decider) concurrency() error {
	var can *callable
	for id, b := range d.Live.Builtins() {
		if !concurrent(b.Op) {
			continue
		}
		if can == nil {
			var err error
			if can, err = d.callable(); err != nil {
				return err
			}
		}
		if err := d.concurrentBuiltin(id, b, can); err != nil {
			return diag.In(err, "", d.g.Insts[b.Inst].Path, "canonical built-in "+b.Op.String())
		}
	}
	return nil
}

// callable determines what can run while may_leave is true: lifted functions, destructors and start functions.
// Everything else that the runtime calls, reallocs and post-returns, runs while it is false (see leaving).
func (d *decider) callable() (*callable, error) {
	var lifted, nested []graph.CoreRef
	for _, c := range d.Live.Calls() {
		if !c.ToHost() {
			lifted = append(lifted, c.Target, c.Callee.Opts.Callback)
		}
	}
	for i := range d.g.Resources {
		nested = append(nested, d.g.Resources[i].Dtor)
	}
	for id := range d.Live.Cores() {
		nested = append(nested, d.g.Start(id))
	}
	can := &callable{
		builtins: map[graph.BuiltinID]bool{}, ops: map[graph.InstID]map[component.CanonOp]bool{}, nested: map[graph.BuiltinID]bool{},
		types: d.importTypes(),
	}
	fromNested, err := d.reach.From(nested...)
	if err != nil {
		return nil, err
	}
	for _, id := range fromNested.Builtins {
		can.nested[id] = true
	}
	fromLifted, err := d.reach.From(lifted...)
	if err != nil {
		return nil, err
	}
	for _, id := range append(fromLifted.Builtins, fromNested.Builtins...) {
		can.builtins[id] = true
	}
	for id, b := range d.Live.Builtins() {
		if d.Builtins[id].CheckLeave.Given() && !b.Op.ChecksLeave() {
			can.builtins[id] = true
		}
		if !can.builtins[id] {
			continue
		}
		if can.ops[b.Inst] == nil {
			can.ops[b.Inst] = map[component.CanonOp]bool{}
		}
		can.ops[b.Inst][b.Op] = true
	}
	return can, nil
}

func (d *decider) concurrentBuiltin(id graph.BuiltinID, b *graph.Builtin, can *callable) error {
	p, ok := &d.Builtins[id], false
	if p.Core, ok = b.CoreType(d.abi); !ok {
		p.Core, ok = can.types[id]
	}
	if !ok {
		return diag.New("", "this built-in cannot be fused yet").WithHint(diag.HintCompose)
	}
	if !can.builtins[id] {
		p.Traps, p.TrapsReason = trap.CannotLeave, Because(NeverReached)
		if p.CheckLeave.Given() {
			p.TrapsReason = Reason{ReachedInside, p.CheckLeave.steps}
		}
		return nil
	}
	need := b.Op.Needs()
	if msg, ok := refused[need]; ok {
		return diag.New("", "%s", msg).WithHint(diag.HintCompose)
	}
	if need == component.NeedsThreadIndex && can.nested[id] {
		return diag.New("", "cannot be fused where destructors or start functions could call it: the index of their thread "+
			"is not known").WithHint(diag.HintCompose)
	}
	maker, made := makers[need]
	switch {
	case unmet[need] != trap.None:
		p.Traps, p.TrapsReason = unmet[need], Because(NeverProvided)
	case made && !can.ops[b.Inst][maker]:
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

// importTypes returns the types with which core modules import built-ins whose own types come from core modules' types
// and tables; both are the same. Types that refer to others are omitted.
func (d *decider) importTypes() map[graph.BuiltinID]corewasm.FuncType {
	out := map[graph.BuiltinID]corewasm.FuncType{}
	for _, ci := range d.Live.Cores() {
		for pos, a := range ci.Args {
			if a.Origin != graph.RefBuiltin || d.g.Builtins[a.Builtin].Op.Needs() != component.NeedsThreads {
				continue
			}
			t := ci.Module.SubTypeAt(ci.Module.Imports[pos].Func)
			if t != nil && t.Kind == corewasm.CompFunc && !graph.UsesIndices(t.Func) {
				out[a.Builtin] = t.Func
			}
		}
	}
	return out
}
