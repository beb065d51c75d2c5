package instantiate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

func comp(name string, defs ...component.Def) *component.Component {
	return &component.Component{Name: name, Defs: defs}
}

func module(m *corewasm.Module) *component.CoreModule {
	m.Index()
	return &component.CoreModule{Module: m}
}

// functions returns a module with n functions [] -> [], exported under their numbers.
func functions(n int) *corewasm.Module {
	m := &corewasm.Module{Types: []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc}}}}}
	for i := range n {
		m.Funcs = append(m.Funcs, 0)
		m.Code = append(m.Code, corewasm.Body{Code: []byte{0x0b}})
		m.Exports = append(m.Exports, corewasm.Export{Name: fmt.Sprint(i), Index: uint32(i)})
	}
	return m
}

func nested(c *component.Component) component.Def { return &component.NestedComponent{Component: c} }

func instance(c uint32, args ...component.Arg) component.Def {
	return &component.Instance{Component: c, Args: args}
}

func instantiated(t *testing.T, c *component.Component) *graph.Graph {
	t.Helper()
	g, err := Component(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestReexportsAreFollowed(t *testing.T) {
	pass := functions(0)
	pass.Imports = []corewasm.Import{{Module: "m", Name: "0"}}
	pass.Exports = []corewasm.Export{{Name: "again"}}
	user := functions(0)
	user.Imports = []corewasm.Import{{Module: "m", Name: "again"}}
	g := instantiated(t, comp("",
		module(functions(1)), module(pass), module(user),
		&component.CoreInstance{Module: 0},
		&component.CoreInstance{Module: 1, Args: []component.CoreArg{{Name: "m", Instance: 0}}},
		&component.Alias{Sort: component.SortCore, Target: component.AliasCoreExport, Instance: 1, Name: "again"},
		&component.CoreInstance{Inline: true, Exports: []component.CoreInlineExport{{Name: "again"}}},
		&component.CoreInstance{Module: 2, Args: []component.CoreArg{{Name: "m", Instance: 2}}}))
	want := graph.CoreRef{Origin: graph.RefDef, Core: 0, Index: 0}
	if got := g.Cores[2].Args[0]; got != want {
		t.Errorf("the import is supplied by %+v, want %+v", got, want)
	}
}

func TestLoweringsOfOneCallerAreOneCall(t *testing.T) {
	callee := comp("callee", module(functions(1)), &component.CoreInstance{},
		&component.Alias{Sort: component.SortCore, Target: component.AliasCoreExport, Name: "0"},
		&component.Type{Def: &component.FuncDef{}},
		&component.Canon{Op: component.CanonLift},
		&component.Export{Name: component.ExternName{Name: "f"}, Item: component.SortIdx{Sort: component.SortFunc}})
	lower := func(o ...component.CanonOpt) component.Def {
		return &component.Canon{Op: component.CanonLower, Opts: o}
	}
	caller := comp("caller", &component.Type{Def: &component.FuncDef{}},
		&component.Import{Name: component.ExternName{Name: "f"}, Type: component.ExternType{Kind: component.ExternFunc}},
		lower(), lower(), lower(component.CanonOpt{Kind: component.OptUTF16}))
	f := component.Arg{Name: "f", Item: component.SortIdx{Sort: component.SortFunc}}
	g := instantiated(t, comp("", nested(callee), nested(caller), instance(0),
		&component.Alias{Sort: component.SortFunc, Target: component.AliasExport, Name: "f"}, instance(1, f), instance(1, f)))
	var got []string
	for _, c := range g.Calls {
		got = append(got, fmt.Sprintf("%s->%s %d", g.Insts[c.Caller.Inst].Path, g.Insts[c.Callee.Inst].Path, c.Caller.Opts.Encoding))
	}
	want := "[root/caller->root/callee 0 root/caller->root/callee 1 root/caller-2->root/callee 0 root/caller-2->root/callee 1]"
	if fmt.Sprint(got) != want {
		t.Errorf("calls %v, want %v", got, want)
	}
	if name := g.Funcs[0].Name; name != "f" {
		t.Errorf("the function is called %q", name)
	}
}

func TestResourceTypesAreNewInEveryInstance(t *testing.T) {
	c := comp("c", &component.Type{Def: &component.ResourceDef{Rep: corewasm.I32}})
	g := instantiated(t, comp("", nested(c), instance(0), instance(0)))
	if len(g.Resources) != 2 || g.Resources[0].Type == g.Resources[1].Type || g.Resources[0].Impl == g.Resources[1].Impl {
		t.Errorf("resources %+v", g.Resources)
	}
}

func TestLongNamesAreCut(t *testing.T) {
	long := strings.Repeat("é", 5000)
	c := comp(long, module(functions(0)), &component.CoreInstance{})
	for range 20 {
		c = comp(long, nested(c), instance(0), instance(0))
		if len(c.Defs) > 2 {
			c.Defs = c.Defs[:2]
		}
	}
	g := instantiated(t, comp("", nested(c), instance(0), instance(0)))
	seen := map[string]bool{}
	for _, in := range g.Insts {
		if len(in.Path) > maxPath+10 || strings.ContainsRune(in.Path, '\uFFFD') || seen[in.Path] {
			t.Errorf("%d bytes, seen before: %v: path %q", len(in.Path), seen[in.Path], in.Path)
		}
		seen[in.Path] = true
	}
	if len(seen) != 1+1+2*21 { // including the host
		t.Errorf("%d instances", len(seen))
	}
}

func TestUnfoldingIsBounded(t *testing.T) {
	big := functions(1)
	big.Size = maxBytes / 3
	twice := func(depth int) *component.Component {
		c := comp("leaf", module(functions(0)), &component.CoreInstance{})
		for range depth {
			c = comp("twice", nested(c), instance(0), instance(0))
		}
		return c
	}
	deep := comp("leaf")
	for range maxDepth + 1 {
		deep = comp("deep", nested(deep), instance(0))
	}
	wide := &component.ValDef{Kind: component.KindTuple, Types: make([]component.ValType, 50_000)}
	for i := range wide.Types {
		wide.Types[i].Prim = component.PrimU8
	}
	many := comp("", nested(comp("wide", &component.Type{Def: wide})))
	for range 100 {
		many.Defs = append(many.Defs, instance(0))
	}
	for _, tc := range []struct {
		name string
		c    *component.Component
		want string
	}{
		{"instances", twice(30), "component instances"},
		{"depth", deep, "levels deep"},
		{"bytes", comp("", module(big), &component.CoreInstance{}, &component.CoreInstance{}, &component.CoreInstance{},
			&component.CoreInstance{}), "bytes together"},
		{"parts of types", many, "definitions"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := Component(tc.c); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestErrorsSayWhere(t *testing.T) {
	bad := comp("inner", &component.Canon{At: component.At{Offset: 0x123}, Op: component.CanonLower, Func: 7})
	_, err := Component(comp("", nested(bad), instance(0)))
	want := "offset 0x123: component root/inner: definition 0: unknown function 7: function index out of bounds, there are 0 so far"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
