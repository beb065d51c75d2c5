package plan

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
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
	case b.Traps && b.Entries():
		return "traps with entries"
	case b.Traps:
		return "traps"
	case b.Entries():
		return "entry"
	}
	return "code"
}

// TestAsyncOutcomes goes through all built-ins for concurrency: what they come to where functions can call them, where
// also what makes their entries can be called, and where only a post-return can call them.
func TestAsyncOutcomes(t *testing.T) {
	newSet, newError := component.CanonWaitableSetNew, component.CanonErrorContextNew
	tests := []struct {
		op                  component.CanonOp
		maker               component.CanonOp // zero for none
		live, made, inClose string
	}{
		{op: component.CanonTaskReturn, live: "traps", inClose: "traps"},
		{op: component.CanonTaskCancel, live: "traps", inClose: "traps"},
		{op: component.CanonSubtaskCancel, live: "traps", inClose: "traps"},
		{op: component.CanonSubtaskDrop, live: "traps", inClose: "traps"},
		{op: component.CanonBackpressureInc, live: "code", inClose: "code"},
		{op: component.CanonBackpressureDec, live: "code", inClose: "code"},
		{op: component.CanonWaitableSetNew, live: "entry", inClose: "traps"},
		{op: component.CanonWaitableSetWait, maker: newSet, live: "traps", made: "traps", inClose: "traps"},
		{op: component.CanonWaitableSetPoll, maker: newSet, live: "traps", made: "entry", inClose: "traps"},
		{op: component.CanonWaitableSetDrop, maker: newSet, live: "traps", made: "entry", inClose: "traps"},
		{op: component.CanonWaitableJoin, maker: newSet, live: "traps", made: "traps", inClose: "traps"},
		{op: component.CanonErrorContextNew, live: "entry", inClose: "traps"},
		{op: component.CanonErrorContextMessage, maker: newError, live: "traps", made: "entry", inClose: "traps"},
		{op: component.CanonErrorContextDrop, maker: newError, live: "traps", made: "entry", inClose: "traps"},
		{op: component.CanonStreamNew, live: "refused", inClose: "traps"},
		{op: component.CanonStreamRead, live: "traps", inClose: "traps"},
		{op: component.CanonStreamWrite, live: "traps", inClose: "traps"},
		{op: component.CanonStreamCancelRead, live: "traps", inClose: "traps"},
		{op: component.CanonStreamCancelWrite, live: "traps", inClose: "traps"},
		{op: component.CanonStreamDropReadable, live: "traps", inClose: "traps"},
		{op: component.CanonStreamDropWritable, live: "traps", inClose: "traps"},
		{op: component.CanonFutureNew, live: "refused", inClose: "traps"},
		{op: component.CanonFutureRead, live: "traps", inClose: "traps"},
		{op: component.CanonFutureWrite, live: "traps", inClose: "traps"},
		{op: component.CanonFutureCancelRead, live: "traps", inClose: "traps"},
		{op: component.CanonFutureCancelWrite, live: "traps", inClose: "traps"},
		{op: component.CanonFutureDropReadable, live: "traps", inClose: "traps"},
		{op: component.CanonFutureDropWritable, live: "traps", inClose: "traps"},
		{op: component.CanonThreadYield, live: "code", inClose: "traps"},
		{op: component.CanonThreadIndex, live: "code", inClose: "traps"},
		{op: component.CanonThreadSuspend, live: "traps", inClose: "traps"},
		{op: component.CanonThreadResumeLater, live: "traps", inClose: "traps"},
		{op: component.CanonThreadSuspendResume, live: "traps", inClose: "traps"},
		{op: component.CanonThreadYieldResume, live: "traps", inClose: "traps"},
		{op: component.CanonThreadSuspendPromote, live: "traps", inClose: "traps"},
		{op: component.CanonThreadYieldPromote, live: "code", inClose: "traps"},
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
			if got := asyncOutcome(asyncGraph(ops(test.op), ops(test.maker))); got != "traps" {
				t.Errorf("called where %v always traps: %s, want traps", test.maker, got)
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
