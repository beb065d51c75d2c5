package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

func TestClasses(t *testing.T) {
	of := func(k ctypes.Kind) *ctypes.Type { return ctypes.Prims[k] }
	list := &ctypes.Type{Kind: ctypes.List, Elem: of(ctypes.U8)}
	many := &ctypes.Type{Kind: ctypes.Tuple}
	for range cabi.MaxFlatParams + 1 {
		many.Types = append(many.Types, of(ctypes.U32))
	}
	for _, tc := range []struct {
		name   string
		param  *ctypes.Type
		change func(g *graph.Graph, c *graph.Call)
		want   Class
		reason string
	}{
		{"plain", of(ctypes.U32), nil, Direct, "nothing to guard"},
		{"float", of(ctypes.F64), nil, Direct, "nothing to guard"},
		{"bool", of(ctypes.Bool), nil, Scalar, "normalised"},
		{"char", of(ctypes.Char), nil, Scalar, "normalised"},
		{"list", list, nil, Copy, "memory"},
		{"too many", many, nil, Copy, "memory"},
		{"string", of(ctypes.String), nil, Copy, "memory"},
		{"encodings", of(ctypes.String), func(_ *graph.Graph, c *graph.Call) { c.Callee.Opts.Encoding = cabi.UTF16 }, Transcode, "encode"},
		{"post-return", of(ctypes.U32), func(_ *graph.Graph, c *graph.Call) { c.Callee.Opts.PostReturn = graphtest.Func(0, 0) }, Scalar, "post-return"},
		{"realloc that calls it", of(ctypes.U32), func(g *graph.Graph, c *graph.Call) {
			m := graphtest.Importing(graphtest.Module([]byte{0x10, 0}), corewasm.ExternFunc)
			c.Caller.Opts.Realloc = graphtest.Func(graphtest.AddCore(g, m, graph.OfCall(0)), 1)
			g.Cores[2].Owner = caller
		}, Scalar, "could reach the call"},
		{"tag", of(ctypes.U32), func(g *graph.Graph, _ *graph.Call) { g.Cores[0].Module.Tags = []uint32{graphtest.Nullary} }, Scalar, "exception"},
		{"tag of the caller", of(ctypes.U32), func(g *graph.Graph, _ *graph.Call) { g.Cores[1].Module.Tags = []uint32{graphtest.Nullary} },
			Direct, "nothing to guard"},
		{"child", of(ctypes.U32), func(g *graph.Graph, _ *graph.Call) { g.Insts[callee].Parent = caller }, Direct, "nothing to guard"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := oneCall(tc.param)
			if tc.change != nil {
				tc.change(g, &g.Calls[0])
			}
			d := newDecider(g)
			if c, err := decideCall(d); err != nil || c.Class != tc.want || !strings.Contains(c.Reason.Rule.String(), tc.reason) {
				t.Errorf("%v because %q (%v), want %v because of %q", c.Class, c.Reason.Rule, err, tc.want, tc.reason)
			}
		})
	}
	d := newDecider(oneCall(of(ctypes.U32)))
	d.Calls[0].Enter, d.Calls[0].EnterReason = d.intern(Enter{Test: []graph.InstID{callee}}), Because(EntersAgain)
	if c, err := decideCall(d); err != nil || c.Class != Scalar || c.Reason.Rule != EntersAgain {
		t.Errorf("entered again: %v because %q (%v)", c.Class, c.Reason.Rule, err)
	}
}

// TestStagedReason has an instance call itself.
func TestStagedReason(t *testing.T) {
	for _, param := range []ctypes.Kind{ctypes.U32, ctypes.String} {
		g := oneCall(ctypes.Prims[param])
		g.Calls[0].Callee.Inst = caller
		var staged, memory Rule
		if param == ctypes.String {
			staged, memory = OneInstance, InMemory
		}
		if c, err := decideCall(newDecider(g)); err != nil || c.Staged.Rule != staged || c.HostMemory.Rule != memory {
			t.Errorf("%v: staged because %q, in the host memory because %q (%v)", param, c.Staged.Rule, c.HostMemory.Rule, err)
		}
	}
}

// TestTableReasons checks why handle tables are generated or not when calls pass handles.
func TestTableReasons(t *testing.T) {
	for _, test := range []struct {
		caller, callee graph.InstID
		want           TableMode
		why            Rule
	}{
		{graph.Host, callee, RuntimeTable, OneHolder},
		{caller, callee, OwnTables, SeveralHolders},
		{caller, caller, OwnTables, OneInstance},
	} {
		g := oneCall(&ctypes.Type{Kind: ctypes.Own, Resource: &ctypes.Resource{}})
		g.Calls[0].Callee.Inst = test.callee
		if test.caller != graph.Host {
			g.Funcs = append(g.Funcs, graph.Func{Type: &ctypes.Func{}})
			g.Calls[1].Func = 1
		} else {
			g.Calls[1].Target, g.Calls[1].Callee.Inst = g.Calls[0].Target, test.callee
		}
		d := newDecider(g)
		if got, why := d.tableMode(); got != test.want || why.Rule != test.why {
			t.Errorf("%d calls %d: mode %d because %q, want %d because %q", test.caller, test.callee, got, why.Rule, test.want, test.why)
		}
	}
	if got, why := newDecider(oneCall(ctypes.Prims[ctypes.U32])).tableMode(); got != NoTables || why.Given() {
		t.Errorf("without handles: mode %d because %q", got, why.Rule)
	}
}

// Instances of oneCall.
const caller, callee = graph.Root + 1, graph.Root + 2

// oneCall returns a graph in which call 0 is from caller, which the host calls, to callee, with one parameter.
func oneCall(param *ctypes.Type) *graph.Graph {
	g := graphtest.New("caller", "callee")
	g.Funcs = []graph.Func{{Name: "f", Type: &ctypes.Func{Params: []ctypes.Field{{Type: param}}}, Inst: callee}}
	g.Calls = []graph.Call{
		{Caller: graph.Side{Inst: caller}, Callee: graph.Side{Inst: callee}, Target: graphtest.Func(0, 0)},
		{Callee: graph.Side{Inst: caller}, Target: graphtest.Func(1, 1)},
	}
	graphtest.AddCore(g, graphtest.Module(nil))
	graphtest.AddCore(g, graphtest.Importing(graphtest.Module([]byte{0x10, 0}), corewasm.ExternFunc), graph.OfCall(0))
	g.Cores[0].Owner, g.Cores[1].Owner = callee, caller
	return g
}

func decideCall(d *decider) (*Call, error) {
	err := d.leaving()
	if err == nil {
		err = d.call(0, &d.g.Calls[0])
	}
	return &d.Calls[0], err
}

// TestReasonSteps checks that a reason lists the functions that lead from a realloc to the call that it must not make.
func TestReasonSteps(t *testing.T) {
	g := oneCall(ctypes.Prims[ctypes.U32])
	m := graphtest.Importing(graphtest.Module([]byte{0x10, 2}, []byte{0x10, 0}), corewasm.ExternFunc)
	core := graphtest.AddCore(g, m, graph.OfCall(0))
	g.Cores[core].Owner = caller
	g.Calls[0].Caller.Opts.Realloc = graphtest.Func(core, 1)
	c, err := decideCall(newDecider(g))
	if err != nil {
		t.Fatal(err)
	}
	want := []graph.CoreRef{graphtest.Func(core, 1), graphtest.Func(core, 2), graph.OfCall(0)}
	if got := c.Reason.Steps(); c.Reason.Rule != MayNotLeave || !slices.Equal(got, want) {
		t.Errorf("%v: %v, want %v", c.Reason.Rule, got, want)
	}
	if got := Because(InMemory).Steps(); got != nil {
		t.Errorf("a rule about the call alone has steps %v", got)
	}
}

// TestRefusals checks that values that cannot be passed are rejected.
func TestRefusals(t *testing.T) {
	g := oneCall(ctypes.Prims[ctypes.U32])
	g.Funcs[0].Type.Result = &ctypes.Type{Kind: ctypes.FixedList, Elem: ctypes.Prims[ctypes.U64], Len: 1 << 28}
	if _, err := Decide(g, Options{}); err == nil || !strings.Contains(err.Error(), "2 GiB") || !strings.Contains(err.Error(), "call of f") {
		t.Error(err)
	}
}
