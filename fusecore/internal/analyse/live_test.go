package analyse

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

// TestTables checks that a table counts as used by an instruction of any instance, by an active segment and by a built-in, and
// that segments are counted with the table that they fill.
func TestTables(t *testing.T) {
	g := graphtest.New()
	owner := graphtest.Module(nil, op.Drop.Append(op.TableSize.Append(nil, 0)))
	for range 5 {
		owner.Tables = append(owner.Tables, corewasm.Table{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 3}}})
	}
	owner.Elems = []corewasm.Elem{{Table: 1, Offset: encode.I32Const(0), Funcs: []uint32{0}}, {Mode: corewasm.SegPassive, Funcs: []uint32{0}}}
	a := graphtest.AddCore(g, owner)
	user := graphtest.Importing(graphtest.Module(op.Drop.Append(op.TableSize.Append(nil, 1))), corewasm.ExternTable, corewasm.ExternTable)
	user.Elems = []corewasm.Elem{{Offset: encode.I32Const(0), Funcs: []uint32{0, 0}}}
	b := graphtest.AddCore(g, user, graphtest.Def(corewasm.ExternTable, a, 1), graphtest.Def(corewasm.ExternTable, a, 3))
	g.Builtins = []graph.Builtin{{Table: graphtest.Def(corewasm.ExternTable, a, 4)}}
	for _, f := range []graph.CoreRef{graphtest.Func(a, 0), graphtest.Func(b, 0), graph.OfBuiltin(0)} {
		g.Resources = append(g.Resources, graph.Resource{Dtor: f})
	}
	var got []string
	for _, t := range NewLive(g).Tables() {
		got = append(got, fmt.Sprintf("%d of %d: %d", t.Ref.Index, t.Ref.Core, t.Items))
	}
	if want := []string{"0 of 0: 0", "1 of 0: 3", "3 of 0: 0", "4 of 0: 0"}; !slices.Equal(got, want) {
		t.Errorf("tables %q, want %q", got, want)
	}
}

func TestLive(t *testing.T) {
	memory := func() *corewasm.Module {
		m := graphtest.Module(nil)
		m.Mems = []corewasm.MemType{{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}}
		return m
	}
	data := func(at int32) []corewasm.Data {
		return []corewasm.Data{{Offset: encode.I32Const(at), Bytes: []byte("x")}}
	}
	for _, tc := range []struct {
		name  string
		build func(g *graph.Graph)
		want  string // by core instance; the first has the exported function
	}{
		{"nothing refers to it", func(g *graph.Graph) { graphtest.AddCore(g, memory()) }, "[true false]"},
		{"start", func(g *graph.Graph) {
			m := memory()
			m.Start = new(uint32)
			m.Code[0].Code = []byte{0x10, 0, byte(op.End)}
			graphtest.AddCore(g, m)
		}, "[true true]"},
		{"start that does nothing", func(g *graph.Graph) {
			m := memory()
			m.Start = new(uint32)
			graphtest.AddCore(g, m)
		}, "[true false]"},
		{"data in bounds", func(g *graph.Graph) {
			m := memory()
			m.Data = data(65535)
			graphtest.AddCore(g, m)
		}, "[true false]"},
		{"data out of bounds traps", func(g *graph.Graph) {
			m := memory()
			m.Data = data(65536)
			graphtest.AddCore(g, m)
		}, "[true true]"},
		{"data for a needed memory", func(g *graph.Graph) {
			m := graphtest.Importing(graphtest.Module(), corewasm.ExternMem)
			m.Data = data(0)
			graphtest.AddCore(g, m, graphtest.Def(corewasm.ExternMem, 0, 0))
		}, "[true true]"},
		{"data for a memory that is not needed", func(g *graph.Graph) {
			owner := graphtest.AddCore(g, memory())
			m := graphtest.Importing(graphtest.Module(), corewasm.ExternMem)
			m.Data = data(0)
			graphtest.AddCore(g, m, graphtest.Def(corewasm.ExternMem, owner, 0))
		}, "[true false false]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := graphtest.New()
			g.Calls = []graph.Call{{Callee: graph.Side{Inst: graph.Root}, Target: graphtest.Func(0, 0)}}
			graphtest.AddCore(g, memory())
			tc.build(g)
			l := NewLive(g)
			var got []bool
			for i := range g.Cores {
				got = append(got, l.Core(graph.CoreID(i)))
			}
			if fmt.Sprint(got) != tc.want {
				t.Errorf("live: %v, want %s", got, tc.want)
			}
		})
	}
}

// TestWhy checks that every live item has a root, and that each item on the way refers to the next one.
func TestWhy(t *testing.T) {
	g := graphtest.New("child")
	inner := graphtest.AddCore(g, graphtest.Module(nil))
	called := graphtest.AddCall(g, graph.Call{Caller: graph.Side{Inst: graph.Root}, Callee: graph.Side{Inst: 2}, Target: graphtest.Func(inner, 0)})
	outer := graphtest.AddCore(g, graphtest.Importing(graphtest.Module(nil), corewasm.ExternFunc), called)
	exported := graphtest.AddCall(g, graph.Call{Callee: graph.Side{Inst: graph.Root}, Target: graphtest.Func(outer, 1)})
	unused := graphtest.AddCore(g, graphtest.Module(nil))
	l := NewLive(g)
	root, path := l.Why(graphtest.Func(inner, 0))
	if want := []graph.CoreRef{exported, graphtest.Func(outer, 0), called, graphtest.Func(inner, 0)}; root != Exported || !slices.Equal(path, want) {
		t.Errorf("%v: %v, want %v", root, path, want)
	}
	if root, path := l.Why(graphtest.Func(unused, 0)); root != NoRoot || path != nil {
		t.Errorf("what is not live: %v, %v", root, path)
	}
}
