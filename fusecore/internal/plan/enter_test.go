package plan

import (
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

// donutCalls are those of donutGraph between instances, after the host's call of the root.
var donutCalls = []struct{ caller, callee graph.InstID }{{graph.Root, 2}, {2, graph.Root}, {graph.Root, 3}}

// donutGraph returns a root with two children. The host calls the root, which calls both children; the first calls the
// root.
func donutGraph() *graph.Graph {
	g := graphtest.New("first", "second")
	core := func(inst graph.InstID) graph.CoreID { return graph.CoreID(inst - graph.Root) }
	calls := map[graph.InstID][]graph.CoreRef{}
	g.Calls = []graph.Call{{Callee: graph.Side{Inst: graph.Root}, Target: graphtest.Func(0, 2)}}
	for _, c := range donutCalls {
		calls[c.caller] = append(calls[c.caller], graphtest.AddCall(g, graph.Call{
			Caller: graph.Side{Inst: c.caller}, Callee: graph.Side{Inst: c.callee}, Target: graphtest.Func(core(c.callee), 2),
		}))
	}
	g.Funcs = []graph.Func{{Type: &ctypes.Func{}}}
	for inst := graph.Root; inst <= 3; inst++ {
		// Function 2 calls the imports 0 and 1, if there are such calls.
		var body []byte
		args := []graph.CoreRef{{}, {}}
		for i, c := range calls[inst] {
			args[i] = c
			body = append(body, 0x20, 0, 0x10, byte(i))
		}
		id := graphtest.AddCore(g, graphtest.Importing(graphtest.Module(body), corewasm.ExternFunc, corewasm.ExternFunc), args...)
		g.Cores[id].Owner = inst
	}
	return g
}

// donutEnters returns what the calls of donutGraph enter when the searches have a budget.
func donutEnters(t *testing.T, budget int) (out []Enter) {
	t.Helper()
	d := newDecider(donutGraph())
	e, err := analyse.NewEntries(d.Live, d.reach, budget)
	if err != nil {
		t.Fatal(err)
	}
	w := &ways{calls: make([]way, len(d.g.Calls))}
	(&flags{Entries: e, d: d, w: w}).decide()
	for _, way := range w.calls[1:] {
		if (len(way.Test) > 0) != (way.why.Rule != NoRule) {
			t.Errorf("%v because %q", way.Enter, way.why.Rule)
		}
		out = append(out, way.Enter)
	}
	return out
}

// TestEnterReason has the root call its child 2 again from within a call by that child.
func TestEnterReason(t *testing.T) {
	d := newDecider(donutGraph())
	if err := d.entering(); err != nil {
		t.Fatal(err)
	}
	c := &d.Calls[1]
	want := []graph.CoreRef{graphtest.Func(1, 2), graphtest.Func(0, 2), graph.OfCall(1)}
	if got := c.EnterReason.Steps(); c.EnterReason.Rule != EntersAgain || !slices.Equal(got, want) {
		t.Errorf("%q: %v, want %v", c.EnterReason.Rule, got, want)
	}
	if r := d.Calls[3].EnterReason; r.Rule != NoRule || r.Steps() != nil {
		t.Errorf("a call that enters nothing: %q", r.Rule)
	}
}

// TestEntriesBudget checks that when the budget of the searches is used up, unneeded flags stay, and needed ones are
// not removed.
func TestEntriesBudget(t *testing.T) {
	same := func(a, b []Enter) bool {
		return slices.EqualFunc(a, b, func(a, b Enter) bool { return slices.Equal(a.Test, b.Test) && slices.Equal(a.Set, b.Set) })
	}
	first, second := Enter{[]graph.InstID{2}, []graph.InstID{2}}, Enter{[]graph.InstID{3}, []graph.InstID{3}}
	exact, all := []Enter{first, {}, {}}, []Enter{first, {}, second}
	if got := donutEnters(t, analyse.SearchBudget); !same(got, exact) {
		t.Errorf("with enough steps %v, want %v", got, exact)
	}
	if got := donutEnters(t, 0); !same(got, all) {
		t.Errorf("without steps %v, want %v", got, all)
	}
	proved := false
	for budget := range 500 {
		switch got := donutEnters(t, budget); {
		case same(got, exact):
			proved = true
		case proved || !same(got, all):
			t.Errorf("%d steps: %v", budget, got)
		}
	}
	if !proved {
		t.Error("500 steps are too few")
	}
}
