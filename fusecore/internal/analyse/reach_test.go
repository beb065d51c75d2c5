package analyse

import (
	"fmt"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
)

func TestReach(t *testing.T) {
	call := graph.OfCall(0)
	build := func(elem bool) *graph.Graph {
		// 0 is imported; 1 calls it, 2 calls 1, 3 and 4 call each other, 5 calls through the table, 6 calls 5.
		m := graphtest.Importing(graphtest.Module([]byte{0x10, 0}, []byte{0x10, 1}, []byte{0x10, 4}, []byte{0x10, 3},
			[]byte{0x20, 0, 0x41, 0, 0x11, graphtest.Unary, 0}, []byte{0x10, 5}), corewasm.ExternFunc)
		m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}}}}
		if elem {
			m.Elems = []corewasm.Elem{{Mode: corewasm.SegDeclarative, Funcs: []uint32{2}}}
		}
		g := graphtest.New()
		g.Calls = []graph.Call{{Caller: graph.Side{Inst: graph.Root}, Callee: graph.Side{Inst: graph.Host}}}
		g.Resources = []graph.Resource{{Impl: graph.Root, Dtor: graphtest.Func(0, 1)}} // keeps the core instance live
		graphtest.AddCore(g, m, call)
		return g
	}
	for _, tc := range []struct {
		elem bool
		want string // by function from 1 on
	}{
		{false, "[true true false false false false]"},
		{true, "[true true false false true true]"},
	} {
		for _, order := range [][]uint32{{1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1}} {
			r := NewReach(NewLive(build(tc.elem)))
			got := make([]bool, 6)
			for _, f := range order {
				leaves, err := r.Leaves(graphtest.Func(0, f))
				if err != nil {
					t.Fatal(err)
				}
				out, err := r.From(graphtest.Func(0, f))
				if err != nil || (len(out.Calls) > 0) != leaves {
					t.Errorf("function %d leaves: %v, but reaches %v (%v)", f, leaves, out.Calls, err)
				}
				if path := out.Path(call); (len(path) > 0) != leaves || leaves && (path[0] != graphtest.Func(0, f) || path[len(path)-1] != call) {
					t.Errorf("function %d leaves: %v, by %v", f, leaves, path)
				}
				got[f-1] = leaves
			}
			if fmt.Sprint(got) != tc.want {
				t.Errorf("element segment: %v: %v, want %s", tc.elem, got, tc.want)
			}
		}
	}
}
