package plan

import (
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// donutCalls are those of donutGraph between instances, after the host's call of the root.
var donutCalls = []struct{ caller, callee InstID }{{0, 1}, {1, 0}, {0, 2}}

// donutGraph is a root with two children. The host calls the root, which calls both children; the first calls the root.
func donutGraph() *Graph {
	g := &Graph{Insts: []CompInst{{Parent: Host}, {}, {}}}
	calls := map[InstID][]CoreRef{}
	g.Calls = []Call{{Caller: Side{Inst: Host}, Target: fn(0, 2)}}
	for i, c := range donutCalls {
		g.Calls = append(g.Calls, Call{Caller: Side{Inst: c.caller}, Callee: Side{Inst: c.callee}, Target: fn(CoreID(c.callee), 2)})
		calls[c.caller] = append(calls[c.caller], CoreRef{Kind: RefCall, Sort: corewasm.ExternFunc, Call: CallID(i + 1)})
	}
	g.Funcs = make([]Func, 1)
	for inst := range InstID(3) {
		// Function 2 calls the imports 0 and 1, as far as there are calls.
		var body []byte
		args := []CoreRef{{}, {}}
		for i, c := range calls[inst] {
			args[i] = c
			body = append(body, 0x20, 0, 0x10, byte(i))
		}
		core := addCore(g, importing(newModule(body), corewasm.ExternFunc, corewasm.ExternFunc), args...)
		g.Cores[core].Owner = inst
	}
	return g
}

// donutEnters gives what the calls of donutGraph enter when the searches have a budget.
func donutEnters(t *testing.T, budget int) (out []Enter) {
	t.Helper()
	g := donutGraph()
	e, err := newEntries(g, newReach(g), budget)
	if err != nil {
		t.Fatal(err)
	}
	e.flags()
	for i := range donutCalls {
		out = append(out, g.Calls[i+1].Gate.Enter)
	}
	return out
}

// TestEntriesBudget: where the budget of the searches is used up, flags stay that are not needed, and none goes that is.
func TestEntriesBudget(t *testing.T) {
	same := func(a, b []Enter) bool {
		return slices.EqualFunc(a, b, func(a, b Enter) bool { return slices.Equal(a.Test, b.Test) && slices.Equal(a.Set, b.Set) })
	}
	first, second := Enter{[]InstID{1}, []InstID{1}}, Enter{[]InstID{2}, []InstID{2}}
	exact, all := []Enter{first, {}, {}}, []Enter{first, {}, second}
	if got := donutEnters(t, searchBudget); !same(got, exact) {
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
