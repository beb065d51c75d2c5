package partition

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// parts describes the graphs of domains: what they import, export and implement, and which core instances, calls and
// built-ins are live.
func parts(g *graph.Graph, p *Partition) (out []string) {
	names := func(items []world.Item) (s []string) {
		for _, it := range items {
			s = append(s, it.Name)
		}
		return s
	}
	cut := Cut(g, p)
	for d := range p.Domains {
		if p.Domains[d].Kept {
			continue
		}
		part := cut.Graph(DomainID(d))
		line := fmt.Sprintf("%d imports %v exports %v:", d, names(part.World.Imports), names(part.World.Exports))
		l := analyse.NewLive(part)
		for _, ci := range l.Cores() {
			line += " " + part.Insts[ci.Owner].Path
		}
		path := func(i graph.InstID) string { return part.Insts[i].Path }
		for _, c := range l.Calls() {
			line += fmt.Sprintf(", %s>%s f%d", path(c.Caller.Inst), path(c.Callee.Inst), c.Func)
		}
		for _, b := range l.Builtins() {
			line += fmt.Sprintf(", %s %v r%d of %s", path(b.Inst), b.Op, b.Resource.ID, path(part.Resources[b.Resource.ID].Impl))
		}
		out = append(out, line)
	}
	return out
}

func TestCut(t *testing.T) {
	for _, tc := range []struct{ name, graph, want string }{
		{"one domain", "host calls a", "0 imports [] exports [f0]: a, host>a f0"},
		{"calls", "host calls a; a calls b; b calls host", `0 imports [f2] exports [f1]: b, b>host f2, host>b f1
1 imports [f1] exports [f0]: a, host>a f0, a>host f1`},
		{"exported and called", "host calls a; a calls b; host calls b", `0 imports [] exports [f1 f2]: b, host>b f2, host>b f1
1 imports [f1] exports [f0]: a, host>a f0, a>host f1`},
		{"not live", "host calls a; b calls a; c starts", `0 imports [] exports [f0]: a, host>a f0
1 imports [] exports []: c`},
		{"together", "host calls a; a calls b; b calls a; b calls c", `0 imports [] exports [f3]: c, host>c f3
1 imports [f3] exports [f0]: a b, host>a f0, a>b f1, b>a f2, b>host f3`},
		{"resource types", "b has r; host calls a; a calls b own r; a drops r", `0 imports [] exports [r0 f1]: b, host>b f1
1 imports [r0 f1] exports [f0]: a, host>a f0, a>host f1, a resource.drop r0 of host`},
		{"resource types that only pass through", "c has r; host calls a own r; a calls b borrow r; b calls c", `0 imports [] exports [r0 f2]: c, host>c f2
1 imports [r0 f2] exports [f1]: b, b>host f2, host>b f1
2 imports [r0 f1] exports [f0]: a, host>a f0, a>host f1`},
		{"resource types of the host", "host calls a; a calls host borrow r; a calls b own r", `0 imports [r0] exports [f2]: b, host>b f2
1 imports [r0 f1 f2] exports [f0]: a, host>a f0, a>host f1, a>host f2`},
		{"exported resource types", "a has r; host names r; host calls a", "0 imports [] exports [r0 f0]: a, host>a f0"},
		{"kept", "host calls a; a calls k; k kept; k given b", `0 imports [] exports [f2]: b, host>b f2
2 imports [f1] exports [f0]: a, host>a f0, a>host f1`},
	} {
		g := build(tc.graph)
		want := strings.Split(tc.want, "\n")
		if d := cmp.Diff(want, parts(g, Alone(g))); d != "" {
			t.Errorf("%s: %s (-want +got):\n%s", tc.name, tc.graph, d)
		}
	}
}

// TestCutTypes checks that value types that need a name are named after their parts, once each, by the imports if these
// use them.
func TestCutTypes(t *testing.T) {
	enum := &ctypes.Type{Kind: ctypes.Enum, Labels: []string{"a"}}
	record := &ctypes.Type{Kind: ctypes.Record, Fields: []ctypes.Field{{Label: "e", Type: &ctypes.Type{Kind: ctypes.List, Elem: enum}}}}
	flags := &ctypes.Type{Kind: ctypes.Flags, Labels: []string{"a"}}
	g := build("host calls a; a calls b")
	takes := func(f int, ts ...*ctypes.Type) {
		for _, u := range ts {
			g.Funcs[f].Type.Params = append(g.Funcs[f].Type.Params, ctypes.Field{Label: "x", Type: u})
		}
	}
	takes(0, record, flags)
	takes(1, record, enum)
	var got []string
	p := Alone(g)
	for d := range p.Domains {
		part := Cut(g, p).Graph(DomainID(d))
		for _, items := range [][]world.Item{part.World.Imports, part.World.Exports} {
			items = slices.DeleteFunc(slices.Clone(items), func(it world.Item) bool { return it.Sort != component.SortType })
			var s []string
			for _, it := range items {
				s = append(s, it.Name+" "+it.Type.Kind.String())
			}
			got = append(got, strings.Join(s, ", "))
		}
	}
	if d := cmp.Diff([]string{"", "t0 enum, t1 record", "t0 enum, t1 record", "t2 flags"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
