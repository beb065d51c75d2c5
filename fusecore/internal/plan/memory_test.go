package plan

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/stub"
)

// bare are the options of a bare module.
var bare = Options{OneMemory: true, Flags: true, Named: true}

// talk returns a graph in which the host calls function 0 of an instance, as call 0, which calls function 1 of the host, as
// call 1. Both take a value of a type, in memory 0 of core instance 0, with its function 1 as realloc.
func talk(t *ctypes.Type) *graph.Graph {
	g := graphtest.New("a")
	m := graphtest.Importing(graphtest.Module(nil, nil, []byte{0x10, 0}), corewasm.ExternFunc)
	m.Mems = []corewasm.MemType{{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: pageSizeLog2}}
	graphtest.AddCore(g, m, graph.OfCall(1))
	g.Cores[0].Owner = caller
	ft := &ctypes.Func{Params: []ctypes.Field{{Label: "x", Type: t}}, Result: t}
	g.Funcs = []graph.Func{{Name: "run", Type: ft, Inst: caller}, {Name: "log", Type: ft, Import: []string{"log"}}}
	side := graph.Side{Inst: caller, Opts: graph.Options{Memory: graphtest.Def(corewasm.ExternMem, 0, 0), Realloc: graphtest.Func(0, 2)}}
	g.Calls = []graph.Call{{Func: 0, Callee: side, Target: graphtest.Func(0, 3)}, {Func: 1, Caller: side}}
	return g
}

// TestHostsMemory checks which memory the host accesses.
func TestHostsMemory(t *testing.T) {
	str, flat := ctypes.Prims[ctypes.String], ctypes.Prims[ctypes.U32]
	bytes := &ctypes.Type{Kind: ctypes.List, Elem: ctypes.Prims[ctypes.U8]}
	const none, own, host = 0, 1, 2
	for _, tc := range []struct {
		name   string
		typ    *ctypes.Type
		change func(g *graph.Graph)
		want   int
	}{
		{"flat", flat, nil, none},
		{"string", str, nil, own},
		{"UTF-16", str, func(g *graph.Graph) { g.Calls[0].Callee.Opts.Encoding = cabi.UTF16 }, host},
		{"encoding of no string", bytes, func(g *graph.Graph) { g.Calls[0].Callee.Opts.Encoding = cabi.UTF16 }, own},
		{"64 bits", bytes, func(g *graph.Graph) { g.Calls[1].Caller.Opts.Ptr64 = true }, host},
		{"two reallocs", str, func(g *graph.Graph) { g.Calls[1].Caller.Opts.Realloc = graphtest.Func(0, 1) }, host},
		{"two memories", str, func(g *graph.Graph) {
			g.Cores[0].Module.Mems = append(g.Cores[0].Module.Mems, g.Cores[0].Module.Mems[0])
			g.Calls[1].Caller.Opts.Memory.Index = 1
		}, host},
		{"shared", str, func(g *graph.Graph) { g.Cores[0].Module.Mems[0].Limits.Shared = true }, host},
		{"small pages", str, func(g *graph.Graph) { g.Cores[0].Module.Mems[0].PageSizeLog2 = 0 }, host},
		{"exported import", str, func(g *graph.Graph) { g.Calls = append(g.Calls, graph.Call{Func: 1}) }, host},
		{"exported flat import", flat, func(g *graph.Graph) { g.Calls = append(g.Calls, graph.Call{Func: 1}) }, none},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := talk(tc.typ)
			if tc.change != nil {
				tc.change(g)
			}
			p, err := Decide(g, bare)
			if err != nil {
				t.Fatal(err)
			}
			b := &p.Boundary
			want := [...]Memory{none: {}, own: memoryOf(graphtest.Def(corewasm.ExternMem, 0, 0)), host: {Host: true}}[tc.want]
			realloc := [...]FuncKind{none: NoFunc, own: Core, host: HostRealloc}[tc.want]
			if b.Memory != want || b.Realloc.Kind != realloc {
				t.Errorf("memory %+v, realloc %+v", b.Memory, b.Realloc)
			}
			for i, c := range p.Calls {
				if c.HostMemory.Given() != (tc.want == host) || c.Enter == 0 && g.Calls[i].ByHost() {
					t.Errorf("call %d: %+v", i, c)
				}
			}
			if got, want := p.Calls[1].HostResults.Given(), tc.want == own; got != want || b.Realloc.Guard.Lowers.Given() != want {
				t.Errorf("lowers %v, realloc is guarded %v, want %v", got, b.Realloc.Guard.Lowers.Given(), want)
			}
			if len(g.Calls) == 2 {
				return
			}
			// Both calls of the host's function are by one import, and the host can call it by an adapter.
			if p.Calls[1].Import != p.Calls[2].Import || len(b.Imports) != 1 || len(b.Exports) != 2 || b.Exports[1].Core.Kind != Adapter {
				t.Errorf("imports %+v, exports %+v", b.Imports, b.Exports)
			}
		})
	}
}

// TestNamedTypes checks that an instance whose resource type the world does not export has a generated table, where the runtime
// could only be asked for one by name.
func TestNamedTypes(t *testing.T) {
	for _, exported := range []bool{false, true} {
		g := talk(ctypes.Prims[ctypes.U32])
		r := &ctypes.Resource{Name: "r"}
		g.Resources = []graph.Resource{{Type: r, Impl: caller}}
		g.Builtins = []graph.Builtin{{Op: component.CanonResourceNew, Inst: caller, Resource: r}}
		graphtest.AddCore(g, graphtest.Importing(graphtest.Module(), corewasm.ExternFunc), graph.OfBuiltin(0))
		g.Cores[1].Module.Start, g.Cores[1].Owner = new(uint32), caller
		if exported {
			g.World.Exports = append(g.World.Exports, stub.Instance("i", stub.Resource("r", r)))
		}
		for _, o := range []Options{{}, bare} {
			p, err := Decide(g, o)
			if err != nil {
				t.Fatal(err)
			}
			want := RuntimeTable
			if !exported && o.Named {
				want = OwnTables
			}
			if p.Tables != want {
				t.Errorf("exported %v, %+v: tables %d because %q", exported, o, p.Tables, p.TablesReason.Rule)
			}
		}
	}
}
