// This file implements the finest partition.

package partition

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Alone returns the partition with as many domains as possible: instances share one only if they cannot be separated.
func Alone(g *graph.Graph) *Partition {
	g = given(g)
	gs := newGroups(newUses(g, analyse.NewLive(g), true))
	p := &Partition{Of: make([]DomainID, len(g.Insts))}
	for i, gi := range gs.of {
		p.Of[i] = DomainID(gi) // in both, -1 is none
	}
	for _, members := range gs.members {
		p.Domains = append(p.Domains, Domain{Insts: members, Kept: g.Insts[members[0]].Kept != nil})
	}
	return p
}
