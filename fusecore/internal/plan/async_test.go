package plan

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// asyncGraph is an instance whose built-ins are lifted as they are, or are post-return functions.
func asyncGraph(live, post []component.CanonOp) *Graph {
	g := &Graph{Insts: []CompInst{{Parent: Host, Path: "root"}}, Funcs: []Func{{Type: &ctypes.Func{}}}}
	ref := func(op component.CanonOp) CoreRef {
		g.Builtins = append(g.Builtins, Builtin{Op: op, Type: &ctypes.Type{Kind: ctypes.Stream}})
		return CoreRef{Kind: RefBuiltin, Sort: corewasm.ExternFunc, Builtin: BuiltinID(len(g.Builtins) - 1)}
	}
	for _, op := range live {
		g.Calls = append(g.Calls, Call{Caller: Side{Inst: Host}, Target: ref(op)})
	}
	for _, op := range post {
		g.Calls = append(g.Calls, Call{Caller: Side{Inst: Host}, Callee: Side{Opts: Options{PostReturn: ref(op)}}})
	}
	return g
}

func decideAsync(g *Graph) error {
	d := newDecider(g, asm.NewUnit(), cabi.New())
	if err := d.guards(); err != nil {
		return err
	}
	return d.async()
}

// asyncOutcome tells what async decided about the first built-in.
func asyncOutcome(g *Graph) string {
	err := decideAsync(g)
	b := &g.Builtins[0]
	switch {
	case err != nil && strings.Contains(err.Error(), b.Op.String()+": "):
		return "refused"
	case err != nil:
		return err.Error()
	case b.Traps != trap.None && b.Entries():
		return "traps with entries"
	case b.Traps != trap.None:
		return b.Traps.Info().Name
	case b.Entries():
		return "entry"
	}
	return "code"
}

// TestAsyncOutcomes goes through all built-ins for concurrency: what they come to where functions can call them, where
// also what makes their entries can be called, and where only a post-return can call them.
func TestAsyncOutcomes(t *testing.T) {
	newSet, newError := component.CanonWaitableSetNew, component.CanonErrorContextNew
	leave, notAsync, waitable := trap.CannotLeave.Info().Name, trap.NotAsync.Info().Name, trap.NoWaitable.Info().Name
	handle, block, thread := trap.UnknownHandle.Info().Name, trap.CannotBlock.Info().Name, trap.NoOtherThread.Info().Name
	tests := []struct {
		op                  component.CanonOp
		maker               component.CanonOp // zero for none
		live, made, inClose string
	}{
		{op: component.CanonTaskReturn, live: notAsync, inClose: leave},
		{op: component.CanonTaskCancel, live: notAsync, inClose: leave},
		{op: component.CanonSubtaskCancel, live: waitable, inClose: leave},
		{op: component.CanonSubtaskDrop, live: waitable, inClose: leave},
		{op: component.CanonBackpressureInc, live: "code", inClose: "code"},
		{op: component.CanonBackpressureDec, live: "code", inClose: "code"},
		{op: component.CanonWaitableSetNew, live: "entry", inClose: leave},
		{op: component.CanonWaitableSetWait, maker: newSet, live: handle, made: "entry", inClose: leave},
		{op: component.CanonWaitableSetPoll, maker: newSet, live: handle, made: "entry", inClose: leave},
		{op: component.CanonWaitableSetDrop, maker: newSet, live: handle, made: "entry", inClose: leave},
		{op: component.CanonWaitableJoin, maker: newSet, live: waitable, made: waitable, inClose: leave},
		{op: component.CanonErrorContextNew, live: "entry", inClose: leave},
		{op: component.CanonErrorContextMessage, maker: newError, live: handle, made: "entry", inClose: leave},
		{op: component.CanonErrorContextDrop, maker: newError, live: handle, made: "entry", inClose: leave},
		{op: component.CanonStreamNew, live: "refused", inClose: leave},
		{op: component.CanonStreamRead, live: waitable, inClose: leave},
		{op: component.CanonStreamWrite, live: waitable, inClose: leave},
		{op: component.CanonStreamCancelRead, live: waitable, inClose: leave},
		{op: component.CanonStreamCancelWrite, live: waitable, inClose: leave},
		{op: component.CanonStreamDropReadable, live: waitable, inClose: leave},
		{op: component.CanonStreamDropWritable, live: waitable, inClose: leave},
		{op: component.CanonFutureNew, live: "refused", inClose: leave},
		{op: component.CanonFutureRead, live: waitable, inClose: leave},
		{op: component.CanonFutureWrite, live: waitable, inClose: leave},
		{op: component.CanonFutureCancelRead, live: waitable, inClose: leave},
		{op: component.CanonFutureCancelWrite, live: waitable, inClose: leave},
		{op: component.CanonFutureDropReadable, live: waitable, inClose: leave},
		{op: component.CanonFutureDropWritable, live: waitable, inClose: leave},
		{op: component.CanonThreadYield, live: "code", inClose: leave},
		{op: component.CanonThreadIndex, live: "code", inClose: leave},
		{op: component.CanonThreadSuspend, live: block, inClose: leave},
		{op: component.CanonThreadResumeLater, live: thread, inClose: leave},
		{op: component.CanonThreadSuspendResume, live: thread, inClose: leave},
		{op: component.CanonThreadYieldResume, live: thread, inClose: leave},
		{op: component.CanonThreadSuspendPromote, live: thread, inClose: leave},
		{op: component.CanonThreadYieldPromote, live: "code", inClose: leave},
		{op: component.CanonThreadAvailParallel, live: "code", inClose: "code"},
		// Nothing imports these here, so that their types are not known.
		{op: component.CanonThreadNewIndirect, live: "refused", inClose: "refused"},
		{op: component.CanonThreadSpawnRef, live: "refused", inClose: "refused"},
		{op: component.CanonThreadSpawnIndirect, live: "refused", inClose: "refused"},
	}
	tested := map[component.CanonOp]bool{}
	for _, test := range tests {
		tested[test.op] = true
	}
	for code := range 256 {
		op := component.CanonOp(code)
		_, exists := op.Operands()
		if exists && op != component.CanonLift && op != component.CanonLower && concurrency(op) != tested[op] {
			t.Errorf("%v: concurrency says %v, tested: %v", op, concurrency(op), tested[op])
		}
	}
	ops := func(ops ...component.CanonOp) []component.CanonOp { return ops }
	for _, test := range tests {
		t.Run(test.op.String(), func(t *testing.T) {
			if got := asyncOutcome(asyncGraph(ops(test.op), nil)); got != test.live {
				t.Errorf("called by a function: %s, want %s", got, test.live)
			}
			if got := asyncOutcome(asyncGraph(nil, ops(test.op))); got != test.inClose {
				t.Errorf("called by a post-return: %s, want %s", got, test.inClose)
			}
			if test.maker == 0 {
				return
			}
			if got := asyncOutcome(asyncGraph(ops(test.op, test.maker), nil)); got != test.made {
				t.Errorf("called where %v is: %s, want %s", test.maker, got, test.made)
			}
			if got := asyncOutcome(asyncGraph(ops(test.op), ops(test.maker))); got != test.live {
				t.Errorf("called where %v always traps: %s, want %s", test.maker, got, test.live)
			}
		})
	}
}

// TestAsyncTables: entries need a table of ours, whoever holds resource handles; built-ins that trap do not.
func TestAsyncTables(t *testing.T) {
	for _, test := range []struct {
		live, post []component.CanonOp
		want       Handles
	}{
		{live: []component.CanonOp{component.CanonWaitableSetNew}, want: HandlesTables},
		{live: []component.CanonOp{component.CanonErrorContextNew}, want: HandlesTables},
		{post: []component.CanonOp{component.CanonWaitableSetNew}, want: HandlesRuntime},
		{live: []component.CanonOp{component.CanonWaitableSetDrop, component.CanonThreadYield}, want: HandlesRuntime},
	} {
		g := asyncGraph(test.live, test.post)
		g.Builtins = append(g.Builtins, Builtin{Op: component.CanonResourceNew, Resource: &ctypes.Resource{}})
		if err := decideAsync(g); err != nil {
			t.Fatal(err)
		}
		if got := (&decider{g: g}).handleMode(); got != test.want {
			t.Errorf("%v and %v in a post-return: mode %d, want %d", test.live, test.post, got, test.want)
		}
	}
}
