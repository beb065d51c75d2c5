// This file implements the partition of a graph that becomes one module.

package partition

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"

// Whole returns the partition with one domain.
func Whole(g *graph.Graph) *Partition {
	p := &Partition{Of: make([]DomainID, len(g.Insts))}
	var d Domain
	for i, exists := range atRunTime(g) {
		p.Of[i] = None
		if exists {
			p.Of[i] = 0
			d.Insts = append(d.Insts, graph.InstID(i))
		}
	}
	p.Domains = []Domain{d}
	return p
}

// atRunTime returns, by graph.InstID, whether an instance consists of more than definitions: it has core instances,
// functions, built-ins or resource types.
func atRunTime(g *graph.Graph) []bool {
	exists := make([]bool, len(g.Insts))
	for i := range g.Insts {
		exists[i] = g.Insts[i].Kept != nil
	}
	for i := range g.Cores {
		exists[g.Cores[i].Owner] = true
	}
	for i := range g.Funcs {
		exists[g.Funcs[i].Inst] = true
	}
	for i := range g.Calls {
		exists[g.Calls[i].Caller.Inst] = true
	}
	for i := range g.Builtins {
		exists[g.Builtins[i].Inst] = true
	}
	for i := range g.Resources {
		exists[g.Resources[i].Impl] = true
	}
	exists[graph.Host] = false
	return exists
}
