// This file implements short names of instances, functions and resource types, for readers of backtraces.

package analyse

import (
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Names are short names for what is live in a graph: the shortest tails of paths that no other has.
//
//	root/shop/cart, root/bank/cart, root/log    shop/cart, bank/cart, log
//	ns:pkg/log@1.0.0#write, ns:pkg/app#run      write, run
type Names struct {
	g         *graph.Graph
	insts     map[graph.InstID]string
	funcs     map[graph.InstID]map[string]string // by callee and graph.Func.Name
	resources map[string]string                  // by graph.Resource.Name
	prefixes  map[graph.CoreID]string
}

// NewNames returns the names for what is live in a graph.
func NewNames(g *graph.Graph, live *Live) *Names {
	n := &Names{g: g, insts: map[graph.InstID]string{}, funcs: map[graph.InstID]map[string]string{}, resources: map[string]string{},
		prefixes: map[graph.CoreID]string{}}
	main := map[graph.InstID]graph.CoreID{} // of each component instance, the core instance with the most functions
	named := func(id graph.InstID) {
		if id != graph.Host {
			n.insts[id] = g.Insts[id].Path
		}
	}
	for id, ci := range live.Cores() {
		if len(ci.Module.Funcs) == 0 {
			continue
		}
		named(ci.Owner)
		if m, ok := main[ci.Owner]; !ok || len(g.Cores[m].Module.Funcs) < len(ci.Module.Funcs) {
			main[ci.Owner] = id
		}
	}
	owners := len(main)
	for _, c := range live.Calls() {
		named(c.Caller.Inst)
		named(c.Callee.Inst)
		if n.funcs[c.Callee.Inst] == nil {
			n.funcs[c.Callee.Inst] = map[string]string{}
		}
		n.funcs[c.Callee.Inst][g.Funcs[c.Func].Name] = g.Funcs[c.Func].Name
	}
	for _, b := range live.Builtins() {
		named(b.Inst)
	}
	n.insts = Shortest(n.insts, "/")
	for i := range g.Resources {
		n.resources[g.Resources[i].Name] = g.Resources[i].Name
	}
	n.resources = Shortest(n.resources, "/#")
	for callee, names := range n.funcs {
		n.funcs[callee] = Shortest(names, "/#")
	}
	for id, ci := range live.Cores() {
		if len(ci.Module.Funcs) == 0 {
			continue
		}
		prefix := ""
		if owners > 1 {
			prefix = n.insts[ci.Owner] + "/"
		}
		if main[ci.Owner] != id {
			inner, inside := strings.CutPrefix(ci.Path, g.Insts[ci.Owner].Path+"/")
			if !inside { // the path is too long to have that of the owner
				prefix = ""
			}
			prefix += inner + "/"
		}
		n.prefixes[id] = prefix
	}
	return n
}

// Shortest returns the shortest tail of each text, after one of some separators, that no other text ends with.
func Shortest[K comparable](texts map[K]string, separators string) map[K]string {
	out := make(map[K]string, len(texts))
	starts := make(map[K]int, len(texts)) // of the tails that have been tried, of texts whose tails are not unique
	for k, text := range texts {
		out[k], starts[k] = text, len(text)+1
	}
	for len(starts) > 0 {
		count := map[string]int{}
		for k, at := range starts {
			at = strings.LastIndexAny(texts[k][:at-1], separators) + 1
			starts[k], out[k] = at, texts[k][at:]
			count[out[k]]++
		}
		for k, at := range starts {
			if count[out[k]] == 1 && out[k] != "" || at == 0 {
				delete(starts, k)
			}
		}
	}
	return out
}

// Inst returns the name of a component instance.
func (n *Names) Inst(id graph.InstID) string {
	if name, ok := n.insts[id]; ok {
		return name
	}
	return n.g.Insts[id].Path
}

// Func returns the name of the function that a live call calls, which no other function of the callee has.
func (n *Names) Func(c *graph.Call) string {
	full := n.g.Funcs[c.Func].Name
	if name, ok := n.funcs[c.Callee.Inst][full]; ok {
		return name
	}
	return full
}

// Resource returns the name of a resource type.
func (n *Names) Resource(r *ctypes.Resource) string {
	if name := n.resources[n.g.Resources[r.ID].Name]; name != "" {
		return name
	}
	return r.Name
}

// Item returns the name of a core function, of a lowered one, or of a built-in. The zero reference, which ways that [Reachable.Path]
// returns can have, stands for a call by reference.
func (n *Names) Item(r graph.CoreRef) string {
	switch r.Origin {
	case graph.RefCall:
		c := &n.g.Calls[r.Call]
		return n.Func(c) + " " + n.Inst(c.Caller.Inst) + ">" + n.Inst(c.Callee.Inst)
	case graph.RefBuiltin:
		b := &n.g.Builtins[r.Builtin]
		return b.Op.String() + " of " + n.Inst(b.Inst)
	case graph.RefDef:
		return n.Prefix(r.Core) + funcName(n.g.Cores[r.Core].Module, r.Index)
	}
	return "(call by reference)"
}

// funcName returns the name of a module's function: that of the name section, of an export, or its number.
func funcName(m *corewasm.Module, f uint32) string {
	if name := m.Names.Func(f); name != "" {
		return name
	}
	for i := range m.Exports {
		if e := &m.Exports[i]; e.Kind == corewasm.ExternFunc && e.Index == f {
			return e.Name
		}
	}
	return "function " + strconv.Itoa(int(f))
}

// Prefix returns what precedes the names of a live core instance's functions: a name of the core instance and a slash, or
// nothing if it is the only one.
func (n *Names) Prefix(id graph.CoreID) string { return n.prefixes[id] }
