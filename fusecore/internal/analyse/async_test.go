package analyse

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

// TestConcurrency has the host call f of the root, which calls g of a second instance.
func TestConcurrency(t *testing.T) {
	const other = graph.Root + 1
	stream := &ctypes.Type{Kind: ctypes.Stream}
	lifted := func(g *graph.Graph, inst graph.InstID, f graph.FuncID, ref graph.CoreRef) {
		graphtest.AddCall(g, graph.Call{Func: f, Callee: graph.Side{Inst: inst}, Target: ref})
	}
	builtin := func(g *graph.Graph, op component.CanonOp) graph.CoreRef {
		g.Builtins = append(g.Builtins, graph.Builtin{Op: op, Inst: graph.Root})
		return graph.OfBuiltin(graph.BuiltinID(len(g.Builtins) - 1))
	}
	for _, test := range []struct {
		name        string
		change      func(g *graph.Graph)
		root, other Cause
	}{
		{name: "synchronous", change: func(*graph.Graph) {}},
		{"async export", func(g *graph.Graph) { g.Funcs[0].Type = &ctypes.Func{Async: true} }, "it lifts the async function f", ""},
		{"async call", func(g *graph.Graph) { g.Funcs[1].Type = &ctypes.Func{Async: true} }, "", ""},
		{"async call of an async lift", func(g *graph.Graph) {
			g.Funcs[1].Type, g.Funcs[1].Lift = &ctypes.Func{Async: true}, &graph.Lift{Opts: graph.Options{Async: true}}
		}, "it calls the async function g", "it lifts the async function g"},
		{"async call from a start function", func(g *graph.Graph) {
			g.Funcs[1].Type = &ctypes.Func{Async: true}
			g.Cores[0].Module.Start = new(uint32)
			*g.Cores[0].Module.Start = 1
		}, "it calls the async function g", "it lifts the async function g"},
		{"async call of an instance that waits", func(g *graph.Graph) {
			g.Funcs[1].Type = &ctypes.Func{Async: true}
			lifted(g, other, 0, builtin(g, component.CanonThreadYield))
			g.Builtins[0].Inst = other
		}, "it calls the async function g", "it lifts the async function g"},
		{"async call of a parent", func(g *graph.Graph) {
			g.Funcs[1].Type = &ctypes.Func{Async: true}
			g.Insts[graph.Root].Parent = other
		}, "it calls the async function g", "it lifts the async function g"},
		{"stream", func(g *graph.Graph) {
			g.Funcs[0].Type = &ctypes.Func{Result: &ctypes.Type{Kind: ctypes.List, Elem: stream}}
		},
			"it lifts the function f, which passes a value of type stream", ""},
		{"call of the host", func(g *graph.Graph) {
			g.Funcs[1].Type, g.Calls[1].Callee.Inst = &ctypes.Func{Params: []ctypes.Field{{Label: "s", Type: stream}}}, graph.Host
		}, "it calls the function g, which passes a value of type stream", ""},
		{"unused call", func(g *graph.Graph) {
			g.Funcs[1].Type, g.Cores[0].Args = &ctypes.Func{Async: true}, []graph.CoreRef{graphtest.Func(1, 0)}
		}, "", ""},
		{"waitable set", func(g *graph.Graph) { lifted(g, graph.Root, 0, builtin(g, component.CanonWaitableSetNew)) }, "", ""},
		{"new stream", func(g *graph.Graph) { lifted(g, graph.Root, 0, builtin(g, component.CanonStreamNew)) }, "it uses stream.new", ""},
		{"new stream in post-return", func(g *graph.Graph) { g.Calls[0].Callee.Opts.PostReturn = builtin(g, component.CanonStreamNew) }, "", ""},
		{"thread index", func(g *graph.Graph) { lifted(g, graph.Root, 0, builtin(g, component.CanonThreadIndex)) }, "", ""},
		{"thread index in a destructor", func(g *graph.Graph) {
			g.Resources = append(g.Resources, graph.Resource{Type: &ctypes.Resource{}, Impl: graph.Root, Dtor: builtin(g, component.CanonThreadIndex)})
		}, "it uses thread.index", ""},
		{"untyped thread", func(g *graph.Graph) { g.Calls[0].Callee.Opts.PostReturn = builtin(g, component.CanonThreadNewIndirect) },
			"it uses thread.new-indirect", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := graphtest.New("root/other")
			g.Funcs = []graph.Func{{Name: "f", Type: &ctypes.Func{}, Inst: graph.Root}, {Name: "g", Type: &ctypes.Func{}, Inst: other}}
			graphtest.AddCore(g, graphtest.Importing(graphtest.Module([]byte{0x10, 0}), corewasm.ExternFunc), graph.OfCall(1))
			g.Cores[graphtest.AddCore(g, graphtest.Module(nil))].Owner = other
			lifted(g, graph.Root, 0, graphtest.Func(0, 1))
			g.Calls = append(g.Calls, graph.Call{Func: 1, Caller: graph.Side{Inst: graph.Root}, Callee: graph.Side{Inst: other},
				Target: graphtest.Func(1, 0)})
			test.change(g)
			l := NewLive(g)
			c, err := NewConcurrency(l, NewReach(l))
			if err != nil || c.Of(graph.Root) != test.root || c.Of(other) != test.other || c.Of(graph.Host) != "" {
				t.Errorf("root: %q, other: %q (%v); want %q and %q", c.Of(graph.Root), c.Of(other), err, test.root, test.other)
			}
		})
	}
}
