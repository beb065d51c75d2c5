package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Every task of a graph that can be fused is synchronous, by its type and by its lift's options; nothing is lowered
// asynchronously, and no stream, future or error context crosses from one instance to another. Most built-ins for
// concurrency are simple then (CanonicalABI.md, "Canonical Definitions"):
//
//   - Most begin with trap_if(not inst.may_leave). Where nothing that runs while the flag is true can call such a
//     built-in, it always traps.
//   - task.return and task.cancel trap, because the task's lift is not asynchronous.
//   - No subtask is ever in a table, so that subtask.* trap at the index. The same goes for the ends of streams and
//     futures, waitable sets and error contexts in instances that cannot make any.
//   - A task that blocks can only be resumed by canon_lift's own loop, which traps when no other thread of the instance is
//     ready. Without thread.new-indirect there is none, and without waitables nothing makes a blocked thread ready.
//
// Waitable sets and error contexts are entries of the instance's handle table, whose numbers they share.

// Entries says whether a built-in works with entries of the handle table that are no resource handles.
func (b *Builtin) Entries() bool {
	switch b.Op {
	case component.CanonWaitableSetNew, component.CanonWaitableSetWait, component.CanonWaitableSetPoll,
		component.CanonWaitableSetDrop, component.CanonErrorContextNew, component.CanonErrorContextMessage, component.CanonErrorContextDrop:
		return b.Traps == trap.None
	}
	return false
}

// concurrency says whether an operation is a built-in that [decider.async] decides about.
func concurrency(op component.CanonOp) bool {
	switch op {
	case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep, component.CanonContextGet,
		component.CanonContextSet:
		return false
	}
	return true
}

// checksLeave says whether a built-in begins with trap_if(not inst.may_leave).
func checksLeave(op component.CanonOp) bool {
	switch op {
	case component.CanonResourceRep, component.CanonContextGet, component.CanonContextSet, component.CanonBackpressureInc,
		component.CanonBackpressureDec, component.CanonThreadSpawnRef, component.CanonThreadSpawnIndirect,
		component.CanonThreadAvailParallel:
		return false
	}
	return true
}

// asyncUse is what the instances can do with built-ins for concurrency.
type asyncUse struct {
	live    map[BuiltinID]bool                    // can be called without trapping at once
	instOps map[InstID]map[component.CanonOp]bool // the live ones by instance
	nested  map[BuiltinID]bool                    // can be called by destructors and start functions
	types   map[BuiltinID]*corewasm.FuncType      // see importTypes
}

// async decides about all built-ins for concurrency, or refuses them by name.
func (d *decider) async() error {
	var found bool
	for i := range d.g.Builtins {
		b := &d.g.Builtins[i]
		found = found || !b.Dropped && concurrency(b.Op)
	}
	if !found {
		return nil
	}
	use, err := d.asyncUse()
	if err != nil {
		return err
	}
	for i := range d.g.Builtins {
		b := &d.g.Builtins[i]
		if b.Dropped || !concurrency(b.Op) {
			continue
		}
		if err := d.asyncBuiltin(BuiltinID(i), b, use); err != nil {
			return diag.In(err, "", d.sidePath(b.Inst), "canonical built-in "+b.Op.String())
		}
	}
	return nil
}

// asyncUse finds out what can run while may_leave is true: lifted functions, destructors and start functions. All else
// that the runtime calls, reallocs and post-returns, runs while it is false (see guards).
func (d *decider) asyncUse() (*asyncUse, error) {
	var lifted, nested []CoreRef
	for i := range d.g.Calls {
		if c := &d.g.Calls[i]; !c.Dropped && c.Callee.Inst != Host {
			lifted = append(lifted, c.Target, c.Callee.Opts.Callback)
		}
	}
	for i := range d.g.Resources {
		nested = append(nested, d.g.Resources[i].Dtor)
	}
	for i := range d.g.Cores {
		if ci := &d.g.Cores[i]; !ci.Dropped && ci.Module.Start != nil {
			nested = append(nested, ci.item(corewasm.ExternFunc, CoreID(i), *ci.Module.Start))
		}
	}
	u := &asyncUse{
		live: map[BuiltinID]bool{}, instOps: map[InstID]map[component.CanonOp]bool{}, nested: map[BuiltinID]bool{},
		types: importTypes(d.g),
	}
	fromNested, err := d.reach.walk(nested...)
	if err != nil {
		return nil, err
	}
	for _, b := range fromNested.builtins {
		u.nested[b] = true
	}
	fromLifted, err := d.reach.walk(lifted...)
	if err != nil {
		return nil, err
	}
	for _, b := range append(fromLifted.builtins, fromNested.builtins...) {
		u.live[b] = true
	}
	for i := range d.g.Builtins {
		id, b := BuiltinID(i), &d.g.Builtins[i]
		if b.CheckLeave && !checksLeave(b.Op) {
			u.live[id] = true
		}
		if b.Dropped || !u.live[id] {
			continue
		}
		if u.instOps[b.Inst] == nil {
			u.instOps[b.Inst] = map[component.CanonOp]bool{}
		}
		u.instOps[b.Inst][b.Op] = true
	}
	return u, nil
}

func (d *decider) asyncBuiltin(id BuiltinID, b *Builtin, use *asyncUse) error {
	ft := asyncType(d.abi, b)
	if ft == nil {
		ft = use.types[id]
	}
	if ft == nil {
		return diag.New("", "this built-in cannot be fused yet").WithHint("use `wasmfuse compose`")
	}
	b.Core = *ft
	maker := func(op component.CanonOp) bool { return use.instOps[b.Inst][op] }
	if !use.live[id] {
		b.Traps = trap.CannotLeave
		return nil
	}
	switch b.Op {
	case component.CanonStreamNew, component.CanonFutureNew:
		return diag.New("", "streams and futures cannot be fused yet").WithHint("use `wasmfuse compose`")
	case component.CanonTaskReturn, component.CanonTaskCancel:
		b.Traps = trap.NotAsync
	case component.CanonSubtaskCancel, component.CanonSubtaskDrop, component.CanonStreamRead, component.CanonStreamWrite,
		component.CanonStreamCancelRead, component.CanonStreamCancelWrite, component.CanonStreamDropReadable,
		component.CanonStreamDropWritable, component.CanonFutureRead, component.CanonFutureWrite,
		component.CanonFutureCancelRead, component.CanonFutureCancelWrite, component.CanonFutureDropReadable,
		component.CanonFutureDropWritable, component.CanonWaitableJoin:
		b.Traps = trap.NoWaitable // what could make one is refused
	case component.CanonThreadSuspend:
		b.Traps = trap.CannotBlock
	case component.CanonThreadResumeLater, component.CanonThreadSuspendResume, component.CanonThreadYieldResume,
		component.CanonThreadSuspendPromote:
		b.Traps = trap.NoOtherThread
	case component.CanonWaitableSetWait, component.CanonWaitableSetPoll, component.CanonWaitableSetDrop:
		if !maker(component.CanonWaitableSetNew) {
			b.Traps = trap.UnknownHandle
		}
	case component.CanonErrorContextMessage, component.CanonErrorContextDrop:
		if !maker(component.CanonErrorContextNew) {
			b.Traps = trap.UnknownHandle
			return nil
		}
		if b.Op == component.CanonErrorContextMessage {
			var err error
			b.Realloc, err = d.guarded(b.Inst, b.Opts.Realloc, true, Enter{}, Enter{})
			return err
		}
	case component.CanonWaitableSetNew, component.CanonErrorContextNew, component.CanonBackpressureInc,
		component.CanonBackpressureDec, component.CanonThreadYield, component.CanonThreadAvailParallel:
	case component.CanonThreadIndex, component.CanonThreadYieldPromote:
		if use.nested[id] {
			return diag.New("", "cannot be fused where destructors or start functions could call it: the index of their thread "+
				"is not known").WithHint("use `wasmfuse compose`")
		}
	default:
		return diag.New("", "threads cannot be fused").WithHint("use `wasmfuse compose`")
	}
	return nil
}

// importTypes gives the types under which core modules import built-ins whose own types are those of core modules' types
// and tables: the two are the same. Types that refer to others are left out.
func importTypes(g *Graph) map[BuiltinID]*corewasm.FuncType {
	out := map[BuiltinID]*corewasm.FuncType{}
	for i := range g.Cores {
		ci := &g.Cores[i]
		for pos, a := range ci.Args {
			if ci.Dropped || a.Kind != RefBuiltin {
				continue
			}
			switch g.Builtins[a.Builtin].Op {
			case component.CanonThreadNewIndirect, component.CanonThreadSpawnIndirect, component.CanonThreadSpawnRef:
				t := ci.Module.SubTypeAt(ci.Module.Imports[pos].Func)
				if t != nil && t.Kind == corewasm.CompFunc && !usesIndices(t.Func) {
					out[a.Builtin] = &t.Func
				}
			}
		}
	}
	return out
}

// asyncType gives the core type of a built-in for concurrency; nil for those that take types or tables of core modules.
func asyncType(abi *cabi.Types, b *Builtin) *corewasm.FuncType {
	i32, ptr := corewasm.I32, cabi.PtrType(b.Opts.Ptr64)
	params, results := func(ts ...corewasm.ValType) []corewasm.ValType { return ts }, []corewasm.ValType(nil)
	var p []corewasm.ValType
	switch b.Op {
	case component.CanonTaskReturn:
		f := &ctypes.Func{}
		if b.Result != nil {
			f.Params = []ctypes.Field{{Type: b.Result}}
		}
		t := abi.Lowered(f, cabi.Options{Ptr64: b.Opts.Ptr64})
		return &t
	case component.CanonTaskCancel, component.CanonBackpressureInc, component.CanonBackpressureDec:
	case component.CanonSubtaskDrop, component.CanonStreamDropReadable, component.CanonStreamDropWritable,
		component.CanonFutureDropReadable, component.CanonFutureDropWritable, component.CanonErrorContextDrop,
		component.CanonWaitableSetDrop, component.CanonThreadResumeLater:
		p = params(i32)
	case component.CanonWaitableJoin:
		p = params(i32, i32)
	case component.CanonThreadYield, component.CanonThreadIndex, component.CanonThreadSuspend,
		component.CanonThreadAvailParallel, component.CanonWaitableSetNew:
		results = params(i32)
	case component.CanonStreamNew, component.CanonFutureNew:
		results = params(corewasm.I64)
	case component.CanonSubtaskCancel, component.CanonStreamCancelRead, component.CanonStreamCancelWrite,
		component.CanonFutureCancelRead, component.CanonFutureCancelWrite, component.CanonThreadSuspendResume,
		component.CanonThreadYieldResume, component.CanonThreadSuspendPromote, component.CanonThreadYieldPromote:
		p, results = params(i32), params(i32)
	case component.CanonStreamRead, component.CanonStreamWrite:
		p, results = params(i32, ptr, ptr), params(ptr)
	case component.CanonFutureRead, component.CanonFutureWrite, component.CanonWaitableSetWait, component.CanonWaitableSetPoll:
		p, results = params(i32, ptr), params(i32)
	case component.CanonErrorContextNew:
		p, results = params(ptr, ptr), params(i32)
	case component.CanonErrorContextMessage:
		p = params(i32, ptr)
	default:
		return nil
	}
	return &corewasm.FuncType{Params: p, Results: results}
}
