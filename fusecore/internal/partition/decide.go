// This file implements the decision which instances form which domain.

package partition

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Decide divides the instances of a graph into domains. A graph without async and kept instances is one domain.
func Decide(g *graph.Graph) (*Partition, error) { return Without(g, NoRule) }

// Without is Decide without one of the rules HoldsHandles, LendsHandles, MixesHandles, Yields and StartsBetween.
// The result can be told apart from the graph; it shows that tests of the rule do tell.
func Without(g *graph.Graph, rule Rule) (*Partition, error) {
	g = given(g)
	l := analyse.NewLive(g)
	reach := analyse.NewReach(l)
	async, err := analyse.NewConcurrency(l, reach)
	if err != nil {
		return nil, err
	}
	d := &decider{g: g, async: make([]analyse.Cause, len(g.Insts)), atOnce: make([]analyse.Cause, len(g.Insts)), merger: newMerger(rule)}
	alone := false
	for i := range g.Insts {
		id := graph.InstID(i)
		if g.Insts[i].Kept == nil {
			d.async[i], d.atOnce[i] = async.Of(id), async.AtOnce(id)
		}
		alone = alone || d.special(id)
	}
	if !alone {
		return Whole(g), nil
	}
	d.uses = newUses(g, l, rule != StartsBetween)
	d.groups = newGroups(d.uses)
	if keep := d.inseparable(); keep != nil {
		return &Partition{Keep: keep}, nil
	}
	d.yields = d.uses.yielding(func(i graph.InstID) bool { return g.Insts[i].Kept != nil || async.Yields(i) })
	d.absorb()
	return d.partition(d.divide()), nil
}

// decider is the state of deciding.
type decider struct {
	g      *graph.Graph
	async  []analyse.Cause // by graph.InstID
	atOnce []analyse.Cause // of instances that are not async with those whose async functions they call, and their callers
	uses   *uses
	yields map[graph.InstID]graph.InstID // see uses.yielding
	groups *groups
	in     []*set // by group; nil while undecided
	merger
}

// set is a domain in the making.
type set struct {
	groups []int32
	async  graph.InstID // or the host
	kept   bool
	level  int
	// above is the async or kept set because of which the level is not lower.
	above *set
	id    DomainID
}

// alone reports whether the set cannot be joined with others of this kind.
func (s *set) alone() bool { return s.kept || s.async != graph.Host }

// special reports whether an instance is async or kept.
func (d *decider) special(i graph.InstID) bool { return d.async[i] != "" || d.g.Insts[i].Kept != nil }

// inseparable lists the instances that must be kept because an async or kept instance inside them depends on what
// depends on it: calls into an async instance can only be made by the runtime.
func (d *decider) inseparable() (keep []Keep) {
	for _, members := range d.groups.members {
		at := slices.IndexFunc(members, func(m graph.InstID) bool { return d.special(m) || d.atOnce[m] != "" })
		if at < 0 || len(members) == 1 && (d.g.Insts[members[0]].Kept != nil || !d.uses.self[members[0]]) {
			continue
		}
		whole := members[0]
		for _, m := range members {
			for !d.g.Within(m, whole) {
				whole = d.g.Insts[whole].Parent
			}
		}
		keep = append(keep, Keep{whole, d.inCycle(members, members[at])})
	}
	slices.SortFunc(keep, func(a, b Keep) int { return cmp.Compare(a.Inst, b.Inst) })
	return slices.CompactFunc(keep, func(a, b Keep) bool { return a.Inst == b.Inst })
}

// inCycle says why members of a group cannot be divided, of which one is special.
func (d *decider) inCycle(members []graph.InstID, one graph.InstID) string {
	other := one
	if at := slices.IndexFunc(members, func(m graph.InstID) bool { return m != one }); at >= 0 {
		other = members[at]
	}
	why := cmp.Or(d.async[one], d.atOnce[one])
	if other == one {
		return fmt.Sprintf("%s calls itself, and is async: %s", d.path(one), why)
	}
	if k := d.g.Insts[one].Kept; k != nil {
		return fmt.Sprintf("%s and %s depend on each other, and the former stays composed: %s", d.path(one), d.path(other), k.Why)
	}
	return fmt.Sprintf("%s and %s depend on each other, and the former is async: %s", d.path(one), d.path(other), why)
}

func (d *decider) path(i graph.InstID) string { return d.g.Insts[i].Path }

// divide puts every group into a set, and returns the sets in the order of their instantiation.
//
// Synchronous groups that are not in an async instance's set are joined by levels: their level is the number of times
// that a way down from them leads from an async or kept set to a synchronous group. So a way from a level to itself
// through such a set does not exist, and there are as few synchronous sets as there are such changes on one way.
func (d *decider) divide() []*set {
	sets := d.inOrder()
	for _, s := range sets {
		d.outside(s, func(x use, used *set) {
			level, above := used.level, used.above
			switch {
			case used.alone():
				above = used
			case s.alone():
				level++
			}
			if level > s.level {
				s.level, s.above = level, above
			}
		})
	}
	d.raise(sets)
	var out []*set
	levels := map[int]*set{}
	for _, s := range sets {
		switch at := levels[s.level]; {
		case s.alone():
			out = append(out, s)
		case at == nil:
			levels[s.level] = s
			out = append(out, s)
		default:
			at.groups, at.above = append(at.groups, s.groups...), cmp.Or(at.above, s.above)
			for _, gi := range s.groups {
				d.in[gi] = at
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *set) int {
		return cmp.Or(cmp.Compare(a.level, b.level), compareBool(!a.alone(), !b.alone()))
	})
	return out
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// inOrder gives every undecided group a set, and returns all sets so that what a set depends on precedes it.
func (d *decider) inOrder() (sets []*set) {
	for gi := range d.in {
		if d.in[gi] == nil {
			d.in[gi] = &set{groups: []int32{int32(gi)}}
		}
	}
	seen := map[*set]bool{}
	var visit func(s *set)
	visit = func(s *set) {
		if seen[s] {
			return
		}
		seen[s] = true
		d.outside(s, func(_ use, used *set) { visit(used) })
		sets = append(sets, s)
	}
	for _, s := range d.in {
		visit(s)
	}
	return sets
}

// outside visits what a set's members depend on in other sets.
func (d *decider) outside(s *set, visit func(x use, used *set)) {
	for _, gi := range s.groups {
		for _, x := range d.groups.out[gi] {
			if to := d.in[d.groups.of[x.used]]; to != s {
				visit(x, to)
			}
		}
	}
}

// raise raises the levels of synchronous sets that only sets of higher levels depend on, so that they are with these.
func (d *decider) raise(sets []*set) {
	limit := map[*set]int{}
	sync := map[*set]bool{} // used by a synchronous set
	for _, s := range slices.Backward(sets) {
		if at, ok := limit[s]; ok && sync[s] && !s.alone() && at > s.level {
			s.level, s.above = at, nil
		}
		d.outside(s, func(_ use, used *set) {
			if used.alone() {
				return
			}
			at := s.level
			if s.alone() {
				at--
			} else {
				sync[used] = true
			}
			if old, ok := limit[used]; !ok || at < old {
				limit[used] = at
			}
		})
	}
}

// partition returns the result.
func (d *decider) partition(sets []*set) *Partition {
	p := &Partition{Of: make([]DomainID, len(d.g.Insts))}
	for i := range p.Of {
		p.Of[i] = None
	}
	for id, s := range sets {
		s.id = DomainID(id)
		dom := Domain{Async: s.async, Why: d.async[s.async], Kept: s.kept}
		for _, gi := range s.groups {
			dom.Insts = append(dom.Insts, d.groups.members[gi]...)
		}
		slices.Sort(dom.Insts)
		for _, i := range dom.Insts {
			p.Of[i] = s.id
		}
		p.Domains = append(p.Domains, dom)
	}
	for _, x := range d.uses.list {
		if p.Of[x.user] == p.Of[x.used] || x.kind == starts {
			continue
		}
		if n := len(p.Edges); n > 0 && p.Edges[n-1].User == x.user && p.Edges[n-1].Used == x.used {
			continue
		}
		p.Edges = append(p.Edges, d.edge(x))
	}
	return p
}
