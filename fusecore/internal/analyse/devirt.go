// This file implements devirtualisation.

package analyse

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Devirtualise returns a graph in which references to functions that only forward their parameters to a known function
// are replaced by references to that function. Component tools break the cycle between a module and the lowered
// functions that need its memory with a shim module of such functions. Each calls the content of a table slot or of a
// global, which a later module fills.
func Devirtualise(g *graph.Graph) *graph.Graph {
	k, abi := newCells(g), cabi.New()
	forwarders := map[*corewasm.Module][]forwarder{}
	to := map[graph.CoreRef]graph.CoreRef{}
	var order []graph.CoreRef
	for i := range g.Cores {
		m, id := g.Cores[i].Module, graph.CoreID(i)
		fs, ok := forwarders[m]
		if !ok {
			fs = findForwarders(m)
			forwarders[m] = fs
		}
		for i := range fs {
			target, ok := k.target(id, &fs[i])
			if ok && sameType(g, abi, m, fs[i].index, target) {
				r := graph.CoreRef{Origin: graph.RefDef, Kind: corewasm.ExternFunc, Core: id, Index: fs[i].index}
				to[r], order = target, append(order, r)
			}
		}
	}
	if len(to) == 0 {
		return g
	}
	resolve(to, order)
	return g.Replace(func(r graph.CoreRef) graph.CoreRef {
		if target, ok := to[r]; ok {
			return target
		}
		return r
	})
}

// resolve replaces targets that are trampolines themselves by their final targets. Trampolines that lead to each other
// in a cycle all become one of them, which calls itself forever.
func resolve(to map[graph.CoreRef]graph.CoreRef, order []graph.CoreRef) {
	on := map[graph.CoreRef]bool{}
	var path []graph.CoreRef
	for _, r := range order {
		path = path[:0]
		for next, ok := to[r]; ok && next != r && !on[r]; next, ok = to[r] {
			on[r] = true
			path = append(path, r)
			r = next
		}
		for _, p := range path {
			to[p], on[p] = r, false
		}
	}
}

// sameType reports whether a function and a target have the same type, so that a call with the function's own type
// finds it in the target. It is false for types whose equality is not visible in the function types: members of larger
// recursion groups and of subtype hierarchies.
func sameType(g *graph.Graph, abi *cabi.Types, m *corewasm.Module, index uint32, target graph.CoreRef) bool {
	ft := m.FuncTypeOf(index)
	tt, ok := g.CoreType(abi, target)
	if !ok || ft == nil || !tt.Equal(*ft) || graph.UsesIndices(*ft) || !m.PlainFunc(index) {
		return false
	}
	return target.Origin != graph.RefDef || g.Cores[target.Core].Module.PlainFunc(target.Index)
}
