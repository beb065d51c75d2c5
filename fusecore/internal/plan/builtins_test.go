package plan

import (
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// asyncGraph returns an instance whose built-ins are lifted directly, or are post-return functions.
func asyncGraph(live, post []component.CanonOp) *graph.Graph {
	g := graphtest.New()
	g.Funcs = []graph.Func{{Type: &ctypes.Func{}}}
	ref := func(op component.CanonOp) graph.CoreRef {
		g.Builtins = append(g.Builtins, graph.Builtin{Op: op, Inst: graph.Root})
		return graph.OfBuiltin(graph.BuiltinID(len(g.Builtins) - 1))
	}
	for _, op := range live {
		graphtest.AddCall(g, graph.Call{Callee: graph.Side{Inst: graph.Root}, Target: ref(op)})
	}
	for _, op := range post {
		graphtest.AddCall(g, graph.Call{Callee: graph.Side{Inst: graph.Root, Opts: graph.Options{PostReturn: ref(op)}}})
	}
	return g
}

func decideAsync(g *graph.Graph) (*decider, error) {
	d := newDecider(g)
	if err := d.tasks(); err != nil {
		return d, err
	}
	if err := d.leaving(); err != nil {
		return d, err
	}
	return d, d.concurrency()
}

// asyncOutcome returns the decision about the first built-in.
func asyncOutcome(g *graph.Graph) string {
	d, err := decideAsync(g)
	b := &d.Builtins[0]
	if (b.Traps != trap.None) != b.TrapsReason.Given() {
		return "traps, or not, because " + b.TrapsReason.Rule.String()
	}
	switch {
	case err != nil:
		return err.Error()
	case d.isAsync(g.Builtins[0].Inst):
		return "runtime"
	case b.Traps != trap.None && b.Entry:
		return "traps with entries"
	case b.Traps != trap.None:
		return b.Traps.Info().Name
	case b.Entry:
		return "entry"
	}
	return "code"
}

// TestAsyncOutcomes tests all async built-ins: their outcomes if functions can call them, if the maker of their table
// elements can be called too, and if only a post-return can call them.
func TestAsyncOutcomes(t *testing.T) {
	newSet, newError := component.CanonWaitableSetNew, component.CanonErrorContextNew
	leave, notAsync, waitable := trap.CannotLeave.Info().Name, trap.NotAsync.Info().Name, trap.NoWaitable.Info().Name
	handle, block, thread := trap.UnknownHandle.Info().Name, trap.CannotBlock.Info().Name, trap.NoOtherThread.Info().Name
	tests := []struct {
		op                  component.CanonOp
		maker               component.CanonOp // or zero
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
		{op: component.CanonStreamNew, live: "runtime", inClose: leave},
		{op: component.CanonStreamRead, live: waitable, inClose: leave},
		{op: component.CanonStreamWrite, live: waitable, inClose: leave},
		{op: component.CanonStreamCancelRead, live: waitable, inClose: leave},
		{op: component.CanonStreamCancelWrite, live: waitable, inClose: leave},
		{op: component.CanonStreamDropReadable, live: waitable, inClose: leave},
		{op: component.CanonStreamDropWritable, live: waitable, inClose: leave},
		{op: component.CanonFutureNew, live: "runtime", inClose: leave},
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
		// Nothing imports these here, so their types are unknown.
		{op: component.CanonThreadNewIndirect, live: "runtime", inClose: "runtime"},
		{op: component.CanonThreadSpawnRef, live: "runtime", inClose: "runtime"},
		{op: component.CanonThreadSpawnIndirect, live: "runtime", inClose: "runtime"},
	}
	tested := map[component.CanonOp]bool{}
	for _, test := range tests {
		tested[test.op] = true
	}
	for code := range 256 {
		op := component.CanonOp(code)
		_, exists := op.Operands()
		if exists && op != component.CanonLift && op != component.CanonLower && analyse.IsAsync(op) != tested[op] {
			t.Errorf("%v: IsAsync says %v, tested: %v", op, analyse.IsAsync(op), tested[op])
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

// TestAsyncTables checks that table elements need a generated table, whoever holds resource handles, and that built-ins
// that trap do not.
func TestAsyncTables(t *testing.T) {
	for _, test := range []struct {
		live, post []component.CanonOp
		want       TableMode
		why        Rule
	}{
		{live: []component.CanonOp{component.CanonWaitableSetNew}, want: OwnTables, why: OtherElements},
		{live: []component.CanonOp{component.CanonErrorContextNew}, want: OwnTables, why: OtherElements},
		{post: []component.CanonOp{component.CanonWaitableSetNew}, want: RuntimeTable, why: OneHolder},
		{live: []component.CanonOp{component.CanonWaitableSetDrop, component.CanonThreadYield}, want: RuntimeTable, why: OneHolder},
	} {
		g := asyncGraph(test.live, test.post)
		g.Builtins = append(g.Builtins, graph.Builtin{Op: component.CanonResourceNew, Inst: graph.Root, Resource: &ctypes.Resource{}})
		graphtest.AddCall(g, graph.Call{Callee: graph.Side{Inst: graph.Root}, Target: graph.OfBuiltin(graph.BuiltinID(len(g.Builtins) - 1))})
		d, err := decideAsync(g)
		if err != nil {
			t.Fatal(err)
		}
		if got, why := d.tableMode(); got != test.want || why.Rule != test.why {
			t.Errorf("%v and %v in a post-return: mode %d because %q, want %d because %q", test.live, test.post, got, why.Rule, test.want, test.why)
		}
	}
}

// TestTrapReasons checks why built-ins always trap, and that the reason lists the functions that lead to one which only
// a post-return reaches.
func TestTrapReasons(t *testing.T) {
	for _, test := range []struct {
		live, post component.CanonOp
		want       Rule
		steps      []graph.CoreRef
	}{
		{live: component.CanonTaskReturn, want: NeverProvided},
		{live: component.CanonWaitableSetDrop, want: NeverCreated},
		{post: component.CanonWaitableSetNew, want: ReachedInside, steps: []graph.CoreRef{graph.OfBuiltin(0)}},
	} {
		var live, post []component.CanonOp
		if test.live != 0 {
			live = append(live, test.live)
		} else {
			post = append(post, test.post)
		}
		d, err := decideAsync(asyncGraph(live, post))
		if err != nil {
			t.Fatal(err)
		}
		if r := d.Builtins[0].TrapsReason; r.Rule != test.want || !slices.Equal(r.Steps(), test.steps) {
			t.Errorf("%v and %v in a post-return: %q by %v, want %q by %v", live, post, r.Rule, r.Steps(), test.want, test.steps)
		}
	}
}
