// This file divides instances into groups that cannot be separated.

package partition

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/scc"
)

// maxRounds limits the search for subtrees that need not stay together (see enclose).
const maxRounds = 32

// groups are the strongly connected components of the uses: instances that depend on each other in both directions
// cannot be in different components, because one of two components is instantiated before the other.
type groups struct {
	of      []int32 // by graph.InstID, or -1
	members [][]graph.InstID
	// out has the dependencies of each group's members on other groups, in the reverse of it the dependencies on them.
	out, in [][]use
}

// newGroups returns the groups. What a group depends on precedes it.
func newGroups(u *uses) *groups {
	holders := u.reentered()
	var gs *groups
	for round := 0; ; round++ {
		inside, extra := u.enclose(holders)
		gs = connect(u, extra)
		before := len(holders)
		for h := range holders {
			if round < maxRounds && gs.separate(h, inside) {
				delete(holders, h)
			}
		}
		if len(holders) == before {
			break
		}
	}
	for _, x := range u.list {
		if from, to := gs.of[x.user], gs.of[x.used]; from != to {
			gs.out[from] = append(gs.out[from], x)
			gs.in[to] = append(gs.in[to], x)
		}
	}
	return gs
}

// reentered returns the instances that a call could enter a second time through an ancestor: the children of every
// instance that is called by one inside it. A call to an ancestor enters nothing, so that it may follow an earlier
// entry, but what the ancestor calls in turn enters all instances down to the callee (CanonicalABI.md, "Component
// Instances").
func (u *uses) reentered() map[graph.InstID]bool {
	around := map[graph.InstID]bool{}
	for _, x := range u.list {
		if x.kind == calls && u.g.Within(x.user, x.used) {
			around[x.used] = true
		}
	}
	out := map[graph.InstID]bool{}
	if len(around) == 0 {
		return out
	}
	for i := graph.Root + 1; int(i) < len(u.g.Insts); i++ {
		if around[u.g.Insts[i].Parent] {
			out[i] = true
		}
	}
	return out
}

// enclose returns the outermost of some instances in which each instance is, and dependencies that make all instances
// inside one of them depend on each other.
func (u *uses) enclose(holders map[graph.InstID]bool) (inside []graph.InstID, extra []use) {
	inside = make([]graph.InstID, len(u.g.Insts))
	first := map[graph.InstID]graph.InstID{}
	for i := graph.Root; int(i) < len(inside); i++ {
		switch in := inside[u.g.Insts[i].Parent]; {
		case in != graph.Host:
			inside[i] = in
		case holders[i]:
			inside[i] = i
		}
		in := inside[i]
		if in == graph.Host || !u.runs[i] {
			continue
		}
		if f, ok := first[in]; ok {
			extra = append(extra, use{f, i, encloses}, use{i, f, encloses})
		} else {
			first[in] = i
		}
	}
	return inside, extra
}

// separate reports whether no dependency leads out of an instance and back, so that what is inside it need not stay
// together.
func (gs *groups) separate(holder graph.InstID, inside []graph.InstID) bool {
	if inside[holder] != holder {
		return false // decided once what encloses it has been
	}
	for i, in := range inside {
		if in == holder && gs.of[i] >= 0 {
			return !slices.ContainsFunc(gs.members[gs.of[i]], func(m graph.InstID) bool { return inside[m] != holder })
		}
	}
	return true
}

// connect finds the strongly connected components.
func connect(u *uses, extra []use) *groups {
	n := len(u.runs)
	next := make([][]graph.InstID, n)
	for _, list := range [][]use{u.list, extra} {
		for _, x := range list {
			next[x.user] = append(next[x.user], x.used)
		}
	}
	gs := &groups{of: make([]int32, n)}
	for i := range gs.of {
		gs.of[i] = -1
	}
	edge := func(i graph.InstID, k int) (to graph.InstID, ok bool) {
		if k == len(next[i]) {
			return 0, false
		}
		return next[i][k], true
	}
	scc.Each(n, func(i graph.InstID) bool { return u.runs[i] }, edge, gs.add)
	gs.out, gs.in = make([][]use, len(gs.members)), make([][]use, len(gs.members))
	return gs
}

func (gs *groups) add(members []graph.InstID) {
	for _, m := range members {
		gs.of[m] = int32(len(gs.members))
	}
	gs.members = append(gs.members, members)
}
