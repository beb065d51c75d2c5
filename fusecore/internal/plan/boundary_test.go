package plan

import (
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

// TestGuardReasons checks why the outer component's calls of a realloc and a post-return are guarded: the post-return
// reaches call 0, the realloc reaches nothing, and their instance keeps context.
func TestGuardReasons(t *testing.T) {
	for _, context := range []bool{false, true} {
		g := oneCall(ctypes.Prims[ctypes.U32])
		m := graphtest.Importing(graphtest.Module(nil, []byte{0x10, 4}, []byte{0x10, 0}), corewasm.ExternFunc, corewasm.ExternFunc)
		core := graphtest.AddCore(g, m, graph.OfCall(0), graph.OfCall(0))
		g.Cores[core].Owner = caller
		realloc, postReturn := graphtest.Func(core, 2), graphtest.Func(core, 3)
		g.Calls[1].Callee.Opts = graph.Options{Realloc: realloc, PostReturn: postReturn}
		want := map[graph.CoreRef][2]Rule{realloc: {}, postReturn: {ReallocLeaves}}
		if context {
			g.Builtins = []graph.Builtin{{Op: component.CanonContextGet, Inst: caller, ValType: corewasm.I32}}
			g.Cores[core].Args[1] = graph.OfBuiltin(0)
			want[realloc] = [2]Rule{KeepsContext, KeepsContext}
		}
		p, err := Decide(g, Options{})
		if err != nil {
			t.Fatal(err)
		}
		x := &p.Boundary.Exports[0]
		for _, fn := range []Func{x.Realloc, x.PostReturn} {
			if got := [2]Rule{fn.Guard.Leave.Rule, fn.Guard.Context.Rule}; got != want[fn.Ref] {
				t.Errorf("context %v: %v is guarded because %q", context, fn.Ref, got)
			}
		}
		steps := []graph.CoreRef{postReturn, graphtest.Func(core, 4), graph.OfCall(0)}
		if got := x.PostReturn.Guard.Leave.Steps(); !slices.Equal(got, steps) {
			t.Errorf("context %v: %v, want %v", context, got, steps)
		}
	}
}

// TestGuardEnterReason has the host call child 2, which the root calls again before that call ends. The post-return ends
// it; the realloc need not test what cannot be false.
func TestGuardEnterReason(t *testing.T) {
	g := donutGraph()
	child := graphtest.Func(1, 2)
	g.Calls[0].Target, g.Calls[0].Callee = child, graph.Side{Inst: 2, Opts: graph.Options{Realloc: child, PostReturn: child}}
	p, err := Decide(g, Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := &p.Boundary.Exports[0]
	if g := x.PostReturn.Guard; g.Last == 0 || g.EnterReason.Rule != EntersAgain {
		t.Errorf("post-return: leaves %d because %q", g.Last, g.EnterReason.Rule)
	}
	if g := x.Realloc.Guard; g.First != 0 || g.EnterReason.Given() {
		t.Errorf("realloc: enters %d because %q", g.First, g.EnterReason.Rule)
	}
}
