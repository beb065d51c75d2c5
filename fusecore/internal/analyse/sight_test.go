package analyse

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

func TestSight(t *testing.T) {
	// Core 0 has a memory and a table, core 1 a function that uses both, core 2 a start function that makes one call,
	// core 3 segments for both.
	user := graphtest.Func(1, 0)
	for _, tc := range []struct {
		name string
		call func(g *graph.Graph) graph.CoreRef // the start function's call
		want bool
	}{
		{"nothing of the kind", func(*graph.Graph) graph.CoreRef { return graphtest.Func(1, 1) }, false},
		{"the function", func(*graph.Graph) graph.CoreRef { return user }, true},
		{"a function that calls it", func(*graph.Graph) graph.CoreRef { return graphtest.Func(1, 2) }, true},
		{"an indirect call", func(g *graph.Graph) graph.CoreRef {
			g.Cores[1].Module.Exports = []corewasm.Export{{Kind: corewasm.ExternFunc, Index: 0}}
			return graphtest.Func(1, 3)
		}, true},
		{"an indirect call where no reference exists", func(*graph.Graph) graph.CoreRef { return graphtest.Func(1, 3) }, false},
		{"an adapter's target", func(g *graph.Graph) graph.CoreRef { return between(g, graph.Call{Target: user}) }, true},
		{"the caller's realloc", func(g *graph.Graph) graph.CoreRef {
			return between(g, graph.Call{Caller: graph.Side{Opts: graph.Options{Realloc: user}}})
		}, true},
		{"the callee's realloc", func(g *graph.Graph) graph.CoreRef {
			return between(g, graph.Call{Callee: graph.Side{Opts: graph.Options{Realloc: user}}})
		}, true},
		{"the callee's post-return", func(g *graph.Graph) graph.CoreRef {
			return between(g, graph.Call{Callee: graph.Side{Opts: graph.Options{PostReturn: user}}})
		}, true},
		{"a call between guests drops nothing", func(g *graph.Graph) graph.CoreRef {
			g.Resources = []graph.Resource{{Dtor: user}}
			return between(g, graph.Call{})
		}, false},
		{"the host drops a resource", func(g *graph.Graph) graph.CoreRef {
			g.Resources = []graph.Resource{{Dtor: user}}
			return graphtest.AddCall(g, graph.Call{Caller: graph.Side{Inst: graph.Root}})
		}, true},
		{"resource.drop", func(g *graph.Graph) graph.CoreRef {
			g.Resources = []graph.Resource{{Dtor: user}}
			g.Builtins = []graph.Builtin{{Op: component.CanonResourceDrop, Resource: &ctypes.Resource{}}}
			return graph.OfBuiltin(0)
		}, true},
		{"a built-in's realloc", func(g *graph.Graph) graph.CoreRef {
			g.Builtins = []graph.Builtin{{Op: component.CanonErrorContextMessage, Opts: graph.Options{Realloc: user}}}
			return graph.OfBuiltin(0)
		}, true},
		{"a later function", func(*graph.Graph) graph.CoreRef { return graphtest.Func(3, 0) }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := graphtest.New()
			mem, table := graphtest.Def(corewasm.ExternMem, 0, 0), graphtest.Def(corewasm.ExternTable, 0, 0)
			owner := graphtest.Module()
			owner.Mems = []corewasm.MemType{{PageSizeLog2: 16}}
			owner.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef}}}
			graphtest.AddCore(g, owner)
			use := []byte{0x3f, 0, 0x1a, 0xfc, 16, 0, 0x1a} // memory.size, table.size
			graphtest.AddCore(g, graphtest.Importing(graphtest.Module(use, nil, []byte{0x10, 0}, []byte{0x11, graphtest.Unary, 1}), corewasm.ExternMem, corewasm.ExternTable, corewasm.ExternTable),
				mem, table, graphtest.Def(corewasm.ExternTable, 1, 0))
			start := graphtest.Importing(graphtest.Module([]byte{0x10, 0}), corewasm.ExternFunc)
			start.Start = new(uint32)
			*start.Start = 1
			graphtest.AddCore(g, start, graph.CoreRef{})
			last := graphtest.AddCore(g, graphtest.Importing(graphtest.Module(use), corewasm.ExternMem, corewasm.ExternTable), mem, table)
			g.Cores[2].Args[0] = tc.call(g)
			s := NewSight(NewLive(g))
			for _, kind := range []corewasm.ExternKind{corewasm.ExternMem, corewasm.ExternTable} {
				if got, err := s.Exposed(1, kind, 0); err != nil || got {
					t.Errorf("%v before any start function: %v, %v", kind, got, err)
				}
				if got, err := s.Exposed(last, kind, 0); err != nil || got != tc.want {
					t.Errorf("%v: %v, %v; want %v", kind, got, err, tc.want)
				}
			}
		})
	}
}

// between adds a call of the root by itself.
func between(g *graph.Graph, c graph.Call) graph.CoreRef {
	c.Caller.Inst, c.Callee.Inst = graph.Root, graph.Root
	return graphtest.AddCall(g, c)
}

// TestSightInOrder checks that a start function sees no memory of a later instance, and that functions that an earlier
// one could not call yet are followed once they exist.
func TestSightInOrder(t *testing.T) {
	g := graphtest.New()
	mem := graphtest.Def(corewasm.ExternMem, 0, 0)
	owner := graphtest.Module()
	owner.Mems = []corewasm.MemType{{PageSizeLog2: 16}}
	graphtest.AddCore(g, owner)
	indirect := func() *corewasm.Module {
		m := graphtest.Module([]byte{0x11, graphtest.Unary, 0})
		m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef}}}
		m.Start = new(uint32)
		return m
	}
	graphtest.AddCore(g, indirect()) // 1
	user := graphtest.Importing(graphtest.Module([]byte{0x3f, 0, 0x1a}), corewasm.ExternMem)
	user.Exports = []corewasm.Export{{Kind: corewasm.ExternFunc, Index: 0}}
	graphtest.AddCore(g, user, mem)                                                        // 2
	g.Resources = []graph.Resource{{Impl: graph.Root, Dtor: graphtest.Func(2, 0)}}         // keeps it live
	graphtest.AddCore(g, graphtest.Importing(graphtest.Module(), corewasm.ExternMem), mem) // 3
	graphtest.AddCore(g, indirect())                                                       // 4
	graphtest.AddCore(g, graphtest.Importing(graphtest.Module(), corewasm.ExternMem), mem) // 5
	s := NewSight(NewLive(g))
	for id, want := range map[graph.CoreID]bool{3: false, 5: true} {
		if got, err := s.Exposed(id, corewasm.ExternMem, 0); err != nil || got != want {
			t.Errorf("before %d: %v, %v; want %v", id, got, err, want)
		}
	}
}
