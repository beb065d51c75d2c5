package partition

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/graphtest"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// model builds a graph from sentences, separated by semicolons. Instances are named by their paths, without "root/",
// and exist from the first sentence that names them on:
//
//	a calls b            a function without parameters; one of them can be the host
//	a calls b own r      the function has a parameter of that type; or borrow, or both
//	a calls b string     the function has a result of that type
//	a awaits b           the function is async
//	a waits              a uses thread.yield, so its async functions can block
//	a yields             thread.yield in a synchronous function that the host calls
//	a drops r            the resource type r
//	a streams r          a makes streams of owning handles
//	b has r              b implements the resource type r
//	a starts             a has a core instance with a start function
//	k kept               k is a kept instance
//	k given b            a function, of k's arguments
//	host names r         the world exports the resource type r
type model struct {
	g         *graph.Graph
	insts     map[string]graph.InstID
	resources map[string]*ctypes.Resource
	cores     map[graph.InstID]graph.CoreID // the first core instance of each
}

func build(text string) *graph.Graph {
	m := &model{
		g: graphtest.New(), insts: map[string]graph.InstID{"host": graph.Host, "root": graph.Root}, resources: map[string]*ctypes.Resource{},
		cores: map[graph.InstID]graph.CoreID{},
	}
	for s := range strings.SplitSeq(text, ";") {
		if w := strings.Fields(s); len(w) > 0 {
			m.sentence(w)
		}
	}
	return m.g
}

// inst returns the instance with a name.
func (m *model) inst(name string) graph.InstID {
	if i, ok := m.insts[name]; ok {
		return i
	}
	parent := graph.Root
	if at := strings.LastIndexByte(name, '/'); at >= 0 {
		parent = m.inst(name[:at])
	}
	i := graph.InstID(len(m.g.Insts))
	m.insts[name] = i
	m.g.Insts = append(m.g.Insts, graph.Inst{Parent: parent, Path: name})
	return i
}

func (m *model) resource(name string) *ctypes.Resource {
	if r, ok := m.resources[name]; ok {
		return r
	}
	r := &ctypes.Resource{ID: len(m.g.Resources), Name: name}
	m.resources[name] = r
	m.g.Resources = append(m.g.Resources, graph.Resource{Type: r})
	return r
}

// core returns a core instance of an instance, whose function is what others call.
func (m *model) core(i graph.InstID) graph.CoreID {
	id, ok := m.cores[i]
	if !ok {
		id = graphtest.AddCore(m.g, graphtest.Module(nil))
		m.g.Cores[id].Owner = i
		m.cores[i] = id
	}
	return id
}

func (m *model) sentence(w []string) {
	g := m.g
	subject := m.inst(w[0])
	switch w[1] {
	case "calls", "awaits":
		m.call(subject, m.inst(w[2]), m.funcType(w[1] == "awaits", w[3:]))
	case "drops":
		g.Builtins = append(g.Builtins, graph.Builtin{Op: component.CanonResourceDrop, Inst: subject, Resource: m.resource(w[2])})
		m.imports(subject, graph.OfBuiltin(graph.BuiltinID(len(g.Builtins)-1)))
	case "waits":
		g.Builtins = append(g.Builtins, graph.Builtin{Op: component.CanonThreadYield, Inst: subject})
		m.imports(subject, graph.OfBuiltin(graph.BuiltinID(len(g.Builtins)-1)))
	case "yields":
		g.Builtins = append(g.Builtins, graph.Builtin{Op: component.CanonThreadYield, Inst: subject})
		id := m.function(subject, m.funcType(false, nil))
		m.imports(subject, graph.OfBuiltin(graph.BuiltinID(len(g.Builtins)-1)))
		g.Funcs[id].Lift.Core = graph.OfBuiltin(graph.BuiltinID(len(g.Builtins) - 1))
		graphtest.AddCall(g, graph.Call{Func: id, Callee: graph.Side{Inst: subject}, Target: g.Funcs[id].Lift.Core})
	case "streams":
		elem := &ctypes.Type{Kind: ctypes.Own, Resource: m.resource(w[2])}
		g.Builtins = append(g.Builtins, graph.Builtin{Op: component.CanonStreamNew, Inst: subject, Type: &ctypes.Type{Kind: ctypes.Stream, Elem: elem}})
		m.imports(subject, graph.OfBuiltin(graph.BuiltinID(len(g.Builtins)-1)))
	case "has":
		g.Resources[m.resource(w[2]).ID].Impl = subject
	case "starts":
		mod := graphtest.Module([]byte{byte(op.Unreachable)})
		mod.Start = new(uint32)
		mod.Funcs[0] = graphtest.Nullary
		g.Cores[graphtest.AddCore(g, mod)].Owner = subject
	case "kept":
		g.Insts[subject].Kept = &graph.Kept{Before: graph.CoreID(len(g.Cores)), Why: "it is not known"}
	case "given":
		k := g.Insts[subject].Kept
		k.Args = append(k.Args, world.Item{Name: w[2], Sort: component.SortFunc, Func: m.function(m.inst(w[2]), m.funcType(false, w[3:]))})
	case "names":
		g.World.Exports = append(g.World.Exports, world.Item{Name: w[2], Sort: component.SortType, Resource: m.resource(w[2])})
	default:
		panic(fmt.Sprint("no such sentence: ", w))
	}
}

func (m *model) funcType(async bool, w []string) *ctypes.Func {
	f := &ctypes.Func{Async: async}
	switch {
	case len(w) == 0:
	case w[0] == "string":
		f.Result = ctypes.Prims[ctypes.String]
	default:
		for _, k := range map[string][]ctypes.Kind{"own": {ctypes.Own}, "borrow": {ctypes.Borrow}, "both": {ctypes.Own, ctypes.Borrow}}[w[0]] {
			f.Params = append(f.Params, ctypes.Field{Type: &ctypes.Type{Kind: k, Resource: m.resource(w[1])}})
		}
	}
	return f
}

func (m *model) function(callee graph.InstID, t *ctypes.Func) graph.FuncID {
	f := graph.Func{Name: "f", Type: t, Inst: callee}
	if callee != graph.Host && m.g.Insts[callee].Kept == nil {
		f.Lift = &graph.Lift{Core: graphtest.Func(m.core(callee), 0)}
	}
	m.g.Funcs = append(m.g.Funcs, f)
	return graph.FuncID(len(m.g.Funcs) - 1)
}

func (m *model) call(caller, callee graph.InstID, t *ctypes.Func) {
	id := m.function(callee, t)
	c := graph.Call{Func: id, Caller: graph.Side{Inst: caller}, Callee: graph.Side{Inst: callee}}
	if l := m.g.Funcs[id].Lift; l != nil {
		c.Target = l.Core
	}
	ref := graphtest.AddCall(m.g, c)
	if caller != graph.Host {
		m.imports(caller, ref)
	}
}

// imports makes a core instance of an instance import an item.
func (m *model) imports(i graph.InstID, ref graph.CoreRef) {
	if m.g.Insts[i].Kept != nil {
		return
	}
	core := &m.g.Cores[m.core(i)]
	core.Args = append(core.Args, ref)
}

// text describes a partition: domains, async instances with a !, kept ones with a ?, and the edges with their rules.
func text(g *graph.Graph, p *Partition) string {
	var out []string
	for _, k := range p.Keep {
		out = append(out, "keep "+g.Insts[k.Inst].Path+": "+k.Reason)
	}
	for _, dom := range p.Domains {
		var names []string
		for _, i := range dom.Insts {
			name := g.Insts[i].Path
			if i == dom.Async {
				name += "!"
			}
			if dom.Kept {
				name += "?"
			}
			names = append(names, name)
		}
		out = append(out, strings.Join(names, " "))
	}
	for _, e := range p.Edges {
		out = append(out, fmt.Sprintf("%s>%s: %v", g.Insts[e.User].Path, g.Insts[e.Used].Path, e.Rule))
	}
	return strings.Join(out, "; ")
}

func TestDecide(t *testing.T) {
	for _, tc := range []struct{ name, graph, want string }{
		{"synchronous", "host calls a; a calls b", "a b"},
		{"library", "host awaits a; a calls b; b calls c", "a! b c"},
		{"library of the host too", "host awaits a; a calls b; host calls b", "a! b"},
		{"middleware", "host awaits a; a awaits b; b waits; a calls l; b calls m", "b! m; a! l; a>b: async"},
		{"shared library", "host awaits a; host awaits b; a calls l; b calls l", "a! l; b!; b>l: fused elsewhere"},
		{"async functions that return at once", "host awaits a; a awaits b; a calls l; b calls l", "a! b l"},
		{"by a synchronous function", "host awaits a; a waits; a calls x; x awaits b; b awaits c", "a! x b c"},
		{"without an async instance", "host awaits a; host calls x; x awaits b; y awaits b; host calls y", "a!; x b y"},
		{"called from outside too", "host awaits a; host awaits b; a calls x; x awaits b; b calls l", "b! l; x!; a!; a>x: async; x>b: async"},
		{"called by two async instances", "host awaits a; host awaits c; a waits; c waits; a awaits b; c awaits b; b awaits d",
			"b! d; a!; c!; a>b: async; c>b: async"},
		{"called by an instance around it", "host calls y; y calls a; host awaits a; a waits; a awaits b; y awaits b",
			"b!; a!; y!; y>a: async; y>b: async; a>b: async"},
		{"start function", "host awaits b; x starts; x awaits c; host calls x", "b!; x c"},
		{"shared along a way", "host awaits a; a awaits b; b waits; a calls l; b calls l",
			"b! l; a!; a>b: async; a>l: fused elsewhere"},
		{"around an async instance", "host calls web; web calls a string; host awaits a; a calls l; web calls l; web calls m",
			"a! l; web m; web>a: async; web>l: fused elsewhere"},
		{"two levels", "host calls x; x calls a; host awaits a; a calls y own r; y has r; host names r; x calls z",
			"y; a!; x z; x>a: async; a>y: handles lent"},
		{"handles of an async caller", "host awaits a; a calls l own r; a drops r; l has r", "a! l"},
		{"mixed handles", "host awaits a; a calls l both r; l has r", "l; a!; a>l: handles mixed"},
		{"handles mixed inside", "host awaits a; a calls l own r; a calls l borrow r; l calls m both r; m has r", "a! l m"},
		{"a level is not repeated", "host calls x; x calls a; host awaits a; host calls y; y calls b; b awaits c; c waits; host awaits b",
			"a!; c!; b!; x y; x>a: async; y>b: async; b>c: async"},
		{"handles inside", "host awaits a; a calls l; l calls m own r; m has r", "a! l m"},
		{"handles to the host", "host awaits a; a calls l; host calls l own r; l has r", "l; a!; a>l: handles lent"},
		{"exported type", "host awaits a; a calls l; l has r; host names r", "l; a!; a>l: handles lent"},
		{"handles of the host", "host awaits a; a calls l; l calls host borrow r", "l; a!; a>l: handles held"},
		{"handles of an async parent", "host awaits a; a has r; a calls a/l own r",
			"keep a: a and a/l depend on each other, and the former is async: it lifts the async function f"},
		{"stream of handles", "host awaits a; a streams r; l has r; a calls l", "a! l"},
		{"library that is on the stack of a yield", "host awaits a; a calls l; l calls c; host awaits c; c yields; host calls l",
			"c!; l; a!; a>l: yields; l>c: async"},
		{"on the stack of its own calls only", "host awaits a; a calls l; l calls c; host awaits c; c yields", "c!; a! l; l>c: async"},
		{"not on the stack of a yield", "host awaits a; a calls l; a yields; host calls l", "a! l"},
		{"order of starts", "l starts; x starts; a starts; host awaits a; a calls l; host calls x", "l x; a!; a>l: starts between"},
		{"order of starts within a domain", "l starts; a starts; host awaits a; a calls l", "l a!"},
		{"starts around an async instance", "l starts; a starts; x starts; host awaits a; host calls l; host calls x", "l; a!; x"},
		{"kept", "k kept; host calls x; x calls k; k given y; x calls z", "y; k?; x z; k>y: kept; x>k: kept"},
		{"library of a kept instance", "k kept; host awaits a; a calls l; k given l; host calls x; x calls k",
			"a! l; k?; x; k>l: kept; x>k: kept"},
		{"between kept instances", "k kept; host awaits a; a awaits k; k given l; a calls l", "l; k?; a!; k>l: kept; a>k: kept; a>l: used between"},
		{"start order of kept instances", "l starts; k kept; a starts; host awaits a; a calls l", "l; k?; a!; a>l: starts between"},
		{"parent and child", "host calls root; root calls c; c calls root; host awaits a; a calls l", "a! l; root c"},
		{"library that is reentered", "host awaits a; a calls p; p calls p/c; p/c calls p", "a! p p/c"},
		{"async child", "host calls root; root calls c; c calls root; host awaits c",
			"keep root: c and root depend on each other, and the former is async: it lifts the async function f"},
		{"async instance that calls itself", "host awaits a; a calls a; host calls b",
			"keep a: a calls itself, and is async: it lifts the async function f"},
		{"back through an ancestor", "host calls p/x; p/x calls root; root calls p/y; host awaits a; a calls q",
			"a! q; root p/x p/y"},
		{"through an ancestor and not back", "host calls p/x; p/x calls root; host calls p/y; host awaits a; a calls p/y", "p/y a!; root p/x"},
		{"starts around a child", "root starts; c starts; root calls c; host calls root; root starts; host awaits a; a calls l", "a! l; root c"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := build(tc.graph)
			p, err := Decide(g)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(g, p); got != tc.want {
				t.Errorf("%s:\n got %s\nwant %s", tc.graph, got, tc.want)
			}
		})
	}
}
