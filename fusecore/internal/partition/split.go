// This file divides domains that are too large.

package partition

import (
	"cmp"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Split returns the partition with a synchronous domain divided in two halves, the one that the other depends on first.
// It returns nil for a domain that cannot be divided.
func Split(g *graph.Graph, p *Partition, id DomainID) *Partition {
	dom := &p.Domains[id]
	if dom.Kept || dom.Async != graph.Host {
		return nil
	}
	g = given(g)
	l := analyse.NewLive(g)
	u := newUses(g, l, true)
	out := &Partition{Of: slices.Clone(p.Of), Edges: slices.Clone(p.Edges)}
	lower := Domain{}
	for _, members := range newGroups(u).members { // each after those that it depends on
		if p.Of[members[0]] != id {
			continue
		}
		if n := len(lower.Insts); n > 0 && 2*(n+len(members)) > len(dom.Insts) {
			break
		}
		lower.Insts = append(lower.Insts, members...)
	}
	if n := len(lower.Insts); n == 0 || n == len(dom.Insts) {
		return nil
	}
	slices.Sort(lower.Insts)
	upper := Domain{Insts: slices.DeleteFunc(slices.Clone(dom.Insts), func(i graph.InstID) bool {
		_, found := slices.BinarySearch(lower.Insts, i)
		return found
	})}
	out.Domains = slices.Concat(p.Domains[:id], []Domain{lower, upper}, p.Domains[id+1:])
	for d := range out.Domains {
		for _, i := range out.Domains[d].Insts {
			out.Of[i] = DomainID(d)
		}
	}
	for _, c := range l.Calls() {
		if from, to := c.Caller.Inst, c.Callee.Inst; g.Funcs[c.Func].Type.Async && p.Of[from] == id && p.Of[to] == id && out.Of[from] != out.Of[to] {
			return nil // within one domain it returns at once
		}
	}
	for _, x := range u.list {
		if p.Of[x.user] == id && p.Of[x.used] == id && out.Of[x.user] != out.Of[x.used] && x.kind != starts {
			out.Edges = append(out.Edges, Edge{User: x.user, Used: x.used, Rule: TooLarge})
		}
	}
	slices.SortStableFunc(out.Edges, func(a, b Edge) int { return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Used, b.Used)) })
	out.Edges = slices.CompactFunc(out.Edges, func(a, b Edge) bool { return a.User == b.User && a.Used == b.Used })
	return out
}
