package plan

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

// asyncCaller returns the graph of oneCall with an async function that the host calls. Its caller also calls an async
// function of the host, as call 2, and uses waitable sets, its context and a new stream, as built-ins 0 to 3.
func asyncCaller() *graph.Graph {
	g := oneCall(ctypes.Prims[ctypes.U32])
	stream := &ctypes.Type{Kind: ctypes.Stream, Elem: ctypes.Prims[ctypes.U8]}
	g.Funcs = append(g.Funcs, graph.Func{Name: "run", Type: &ctypes.Func{Async: true}, Inst: caller},
		graph.Func{Name: "get", Type: &ctypes.Func{Async: true, Result: ctypes.Prims[ctypes.U32]}})
	g.Calls[1].Func = 1
	g.Calls[1].Callee.Opts = graph.Options{Async: true, Callback: graphtest.Func(1, 1)}
	get := graphtest.AddCall(g, graph.Call{Func: 2, Caller: graph.Side{Inst: caller, Opts: graph.Options{Async: true}}})
	g.Builtins = []graph.Builtin{
		{Op: component.CanonWaitableSetNew, Inst: caller},
		{Op: component.CanonContextGet, Inst: caller, ValType: corewasm.I32},
		{Op: component.CanonStreamNew, Inst: caller, Type: stream},
		{Op: component.CanonStreamRead, Inst: caller, Type: stream, Opts: graph.Options{Async: true, Encoding: cabi.UTF16}},
	}
	args := []graph.CoreRef{get}
	kinds := []corewasm.ExternKind{corewasm.ExternFunc}
	for i := range g.Builtins {
		args, kinds = append(args, graph.OfBuiltin(graph.BuiltinID(i))), append(kinds, corewasm.ExternFunc)
	}
	graphtest.AddCore(g, graphtest.Importing(graphtest.Module(), kinds...), args...)
	g.Cores[2].Owner = caller
	g.Cores[2].Module.Start = new(uint32)
	return g
}

// TestAsyncMember checks that an instance keeps the runtime's tasks: its calls and built-ins are the outer component's,
// with its own options.
func TestAsyncMember(t *testing.T) {
	p, err := Decide(asyncCaller(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Async != caller || p.Calls[0].Class != Direct || p.Calls[1].Class != Direct || p.Calls[2].Class != Direct {
		t.Errorf("async instance %d, calls %v", p.Async, p.Calls)
	}
	x := &p.Boundary.Exports[0]
	if !x.Async || x.Callback.Ref != graphtest.Func(1, 1) || x.Core.Kind != Core {
		t.Errorf("lifted as %+v", x)
	}
	get := &p.Boundary.Imports[p.Calls[2].Import.Index()]
	if !get.Async || get.Type.String() != "(func (param i32) (result i32))" {
		t.Errorf("lowered as %+v", get)
	}
	for id := range p.Builtins {
		at := p.Builtins[id].Import
		if !at.Ok() {
			t.Errorf("built-in %d is not imported", id)
			continue
		}
		if im := &p.Boundary.Imports[at.Index()]; im.Of != &p.Graph.Builtins[id] || im.Async != (id == 3) || im.Encoding != im.Of.Opts.Encoding {
			t.Errorf("built-in %d is imported as %+v", id, im)
		}
	}
}

// TestAsyncMirror checks that generated code keeps the may_leave flag of an instance with the runtime's tasks only if
// the instance calls others.
func TestAsyncMirror(t *testing.T) {
	for _, calls := range []bool{false, true} {
		g := asyncCaller()
		m := graphtest.Importing(graphtest.Module([]byte{0x10, 0}), corewasm.ExternFunc)
		realloc := graphtest.Func(graphtest.AddCore(g, m, graph.OfCall(2)), 1)
		g.Cores[3].Owner = caller
		g.Calls[2].Caller.Opts.Realloc = realloc
		if !calls {
			g.Cores[1].Args[0] = graph.OfBuiltin(0)
		}
		p, err := Decide(g, Options{})
		if err != nil {
			t.Fatal(err)
		}
		im := &p.Boundary.Imports[p.Calls[2].Import.Index()]
		if p.Calls[2].CheckLeave.Given() != calls || im.Realloc.Guard.Leave.Given() != calls {
			t.Errorf("calls others: %v, realloc guarded because %q, call because %q", calls, im.Realloc.Guard.Leave.Rule, p.Calls[2].CheckLeave.Rule)
		}
	}
}

// TestAsyncAtOnce has the instance with the runtime's tasks call an async function that returns at once.
func TestAsyncAtOnce(t *testing.T) {
	for _, lowered := range []bool{false, true} {
		g := asyncCaller()
		g.Funcs[0].Type.Async, g.Calls[0].Caller.Opts.Async = true, lowered
		p, err := Decide(g, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if want := [2]bool{true, lowered}; p.Async != caller || [2]bool{p.Calls[0].Class != Forward, p.Calls[0].Reason.Rule == LowersAsync} != want {
			t.Errorf("lowered asynchronously: %v: %v because %v", lowered, p.Calls[0].Class, p.Calls[0].Reason.Rule)
		}
	}
}

// TestAsyncRefusals checks that a graph is rejected if its instance with the runtime's tasks cannot have them for itself.
func TestAsyncRefusals(t *testing.T) {
	own := &ctypes.Type{Kind: ctypes.Own, Resource: &ctypes.Resource{Name: "r"}}
	for _, test := range []struct {
		name   string
		change func(g *graph.Graph)
		want   string
	}{
		{"two", func(g *graph.Graph) {
			g.Funcs[0].Type.Async, g.Funcs[0].Lift = true, &graph.Lift{Opts: graph.Options{Async: true}}
		}, "two instances need the runtime's tasks"},
		{"called", func(g *graph.Graph) {
			g.Builtins[2].Inst = callee
			g.Funcs[1].Type, g.Funcs[2].Type = &ctypes.Func{}, &ctypes.Func{}
			graphtest.AddCall(g, graph.Call{Func: 1, Callee: graph.Side{Inst: callee}, Target: graph.OfBuiltin(2)})
		}, "caller calls the function f, and it uses stream.new"},
		{"handles of others", func(g *graph.Graph) {
			g.Resources = []graph.Resource{{Type: own.Resource}}
			g.Funcs[0].Type.Params[0].Type = own
		}, "its call of f passes handles of r, which the called instance's domain does not implement"},
		{"mixed handles", func(g *graph.Graph) {
			g.Resources = []graph.Resource{{Type: own.Resource, Impl: callee}}
			borrow := &ctypes.Type{Kind: ctypes.Borrow, Resource: own.Resource}
			g.Funcs[0].Type.Params = []ctypes.Field{{Type: own}, {Type: borrow}}
		}, "its call of f passes both owned and borrowed handles of r"},
		{"handles to the host", func(g *graph.Graph) {
			g.Resources = []graph.Resource{{Type: own.Resource, Impl: callee}}
			g.Funcs = append(g.Funcs, graph.Func{Name: "make", Type: &ctypes.Func{Result: own}, Inst: callee})
			graphtest.AddCall(g, graph.Call{Func: 3, Callee: graph.Side{Inst: callee}, Target: graphtest.Func(0, 0)})
		}, "handles pass between another instance and the host, by make"},
		{"entered again", func(g *graph.Graph) { // from the root, which it calls
			g.Insts = append(g.Insts, graph.Inst{Parent: graph.Root, Path: "around"}, graph.Inst{Parent: 4, Path: "around/other"})
			g.Insts[caller].Parent = 4
			g.Calls[0].Callee.Inst = graph.Root
			g.Calls[0].Target = graphtest.AddCall(g, graph.Call{Caller: graph.Side{Inst: graph.Root}, Callee: graph.Side{Inst: 5}, Target: graphtest.Func(0, 0)})
		}, "around can be entered again, and it"},
		{"threads", func(g *graph.Graph) {
			g.Builtins[0].Op = component.CanonThreadSpawnRef
			g.Cores[2].Module.Imports[1].Func = 99
		}, "the type of its built-in thread.spawn-ref refers to other types"},
		{"table of threads", func(g *graph.Graph) {
			g.Builtins[0].Op, g.Builtins[0].Table = component.CanonThreadNewIndirect, graphtest.Def(corewasm.ExternTable, 2, 0)
			g.Cores[2].Module.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef}, Init: &corewasm.Expr{}}}
		}, "its built-in thread.new-indirect uses a table that cannot exist before"},
	} {
		g := asyncCaller()
		test.change(g)
		if _, err := Decide(g, Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
