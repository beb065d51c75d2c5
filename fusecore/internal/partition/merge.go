// This file decides which synchronous instances join the domain of an async one.

package partition

import (
	"cmp"
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// searchBudget is the number of steps of all searches for ways back into a domain.
const searchBudget = 1 << 26

// merger is the state of merging.
type merger struct {
	budget  int
	refused map[attempt]*refusal
	impls   map[graph.InstID][]int // resource types by implementing instance
	without Rule                   // see Without
}

func newMerger(without Rule) merger {
	return merger{
		budget: searchBudget, refused: map[attempt]*refusal{}, impls: map[graph.InstID][]int{}, without: without,
	}
}

// attempt is the question whether a group joins a set, refusal the answer no: by a rule, with what it is about.
type attempt struct {
	into  *set
	group int32
}

type refusal struct {
	rule  Rule
	about About
}

// absorb makes a set of each async and kept instance, and joins synchronous groups to sets of async instances that use
// them. Users precede what they use, so that all users of a group have been decided about before it.
func (d *decider) absorb() {
	d.in = make([]*set, len(d.groups.members))
	for gi, members := range d.groups.members {
		if i := members[0]; d.special(i) {
			s := &set{groups: []int32{int32(gi)}, kept: d.g.Insts[i].Kept != nil}
			if !s.kept {
				s.async = i
			}
			d.in[gi] = s
		}
	}
	for i := range d.g.Resources {
		impl := d.g.Resources[i].Impl
		d.impls[impl] = append(d.impls[impl], i)
	}
	for gi := int32(len(d.in)) - 1; gi >= 0; gi-- {
		if d.in[gi] == nil {
			d.place(gi)
		}
	}
}

// place finds a set for a group, or leaves it undecided.
func (d *decider) place(gi int32) {
	for _, s := range d.users(gi) {
		joined, no := d.join(s, gi)
		if no == nil {
			d.put(s, joined)
			return
		}
		d.refused[attempt{s, gi}] = no
	}
	i := d.groups.members[gi][0]
	if d.atOnce[i] == "" {
		return
	}
	if together := d.together(gi); together != nil {
		d.put(&set{}, together)
		return
	}
	d.async[i] = d.atOnce[i]
	d.put(&set{async: i}, []int32{gi})
}

// put puts groups into a set.
func (d *decider) put(s *set, groups []int32) {
	s.groups = append(s.groups, groups...)
	for _, gi := range groups {
		d.in[gi] = s
	}
}

// together returns the groups with which a group forms a synchronous set, because all calls of their async functions
// are among them, or nil.
func (d *decider) together(first int32) []int32 {
	list, joined := []int32{first}, map[int32]bool{first: true}
	for at := 0; at < len(list); at++ {
		for _, m := range d.groups.members[list[at]] {
			for _, other := range slices.Concat(d.uses.awaits[m], d.uses.awaited[m]) {
				switch gi := d.groups.of[other]; {
				case d.in[gi] != nil:
					return nil
				case !joined[gi]:
					list, joined[gi] = append(list, gi), true
				}
			}
		}
	}
	if d.reenters(&set{}, joined) != nil {
		return nil
	}
	return list
}

// users returns the sets of async instances that use a group, in the order of these.
func (d *decider) users(gi int32) (out []*set) {
	for _, x := range d.groups.in[gi] {
		if s := d.in[d.groups.of[x.user]]; x.kind != starts && s != nil && s.async != graph.Host && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *set) int { return int(a.async) - int(b.async) })
	return out
}

// join returns the groups that join a set if one does, or why they do not: the group, what implements the types whose
// handles they hold, and what they call by async functions. The set depends on all of them.
func (d *decider) join(s *set, first int32) (list []int32, no *refusal) {
	list, joined := []int32{first}, map[int32]bool{first: true}
	among := func(i graph.InstID) bool {
		gi := d.groups.of[i]
		return i != graph.Host && i != s.async && (d.in[gi] == s || joined[gi])
	}
	// refuse records the first rule that is broken, about a resource type.
	refuse := func(rule Rule, r int) {
		if no == nil && rule != d.without {
			no = &refusal{rule, About{Text: "the resource type " + cmp.Or(d.g.Resources[r].Name, d.g.Resources[r].Type.Name)}}
		}
	}
	for at := 0; at < len(list) && no == nil; at++ {
		for _, m := range d.groups.members[list[at]] {
			for _, other := range d.uses.awaits[m] {
				switch gi := d.groups.of[other]; {
				case joined[gi] || d.in[gi] == s:
				case d.in[gi] == nil:
					list, joined[gi] = append(list, gi), true
				case no == nil:
					no = &refusal{Awaits, About{Inst: other}}
				}
			}
			for _, r := range d.uses.resources(m) {
				impl := d.g.Resources[r].Impl
				switch gi := d.groups.of[impl]; {
				case among(impl):
				case impl == graph.Host || d.in[gi] != nil:
					refuse(HoldsHandles, r)
				default:
					list, joined[gi] = append(list, gi), true
				}
			}
		}
	}
	for _, gi := range list {
		for _, m := range d.groups.members[gi] {
			for _, other := range d.uses.awaited[m] {
				if gi := d.groups.of[other]; no == nil && !joined[gi] && d.in[gi] != s {
					no = &refusal{Awaits, About{Inst: other}}
				}
			}
			for _, r := range d.impls[m] {
				namers := d.uses.namers[r]
				if d.uses.mixed[mixed{s.async, r}] {
					refuse(MixesHandles, r)
				}
				if slices.ContainsFunc(namers, func(by graph.InstID) bool { return by != s.async && !among(by) }) {
					refuse(LendsHandles, r)
				}
			}
		}
	}
	outside := func(by graph.InstID) bool { return by != s.async && !among(by) }
	for _, gi := range list {
		for _, m := range d.groups.members[gi] {
			if to, ok := d.yields[m]; ok && no == nil && d.without != Yields && slices.ContainsFunc(d.uses.callers[m], outside) {
				no = &refusal{Yields, About{Inst: to}}
			}
		}
	}
	if no == nil {
		no = d.reenters(s, joined)
	}
	return list, no
}

// resources returns the resource types that an instance uses, in order.
func (u *uses) resources(i graph.InstID) []int { return slices.Sorted(maps.Keys(u.names[i])) }

// reenters returns why groups cannot join a set because a way leads from it to another set and back to a group. No way
// leads from a group to the set, because the set depends on the groups.
func (d *decider) reenters(s *set, joined map[int32]bool) *refusal {
	type step struct {
		group int32
		last  use // of the way from group to one that joins
	}
	var work []step
	for _, gi := range slices.Sorted(maps.Keys(joined)) {
		for _, x := range d.groups.in[gi] {
			if user := d.groups.of[x.user]; !joined[user] && d.in[user] != s {
				work = append(work, step{user, x})
			}
		}
	}
	seen, seenSet := map[int32]bool{}, map[*set]bool{}
	for len(work) > 0 {
		at := work[len(work)-1]
		work = work[:len(work)-1]
		other := d.in[at.group]
		if seen[at.group] || seenSet[other] {
			continue
		}
		among := []int32{at.group}
		if seen[at.group] = true; other != nil {
			seenSet[other], among = true, other.groups
		}
		for _, gi := range among {
			if d.budget -= 1 + len(d.groups.in[gi]); d.budget < 0 {
				return &refusal{rule: NotSearched}
			}
			for _, x := range d.groups.in[gi] {
				user := d.groups.of[x.user]
				switch {
				case !joined[user] && d.in[user] != s:
					work = append(work, step{user, at.last})
				case at.last.kind == starts:
					return &refusal{StartsBetween, About{Inst: at.last.user}}
				default:
					return &refusal{UsedBetween, About{Inst: at.last.user}}
				}
			}
		}
	}
	return nil
}

// between is the async or kept instance because of which a set's level is not lower.
func (d *decider) between(s *set) About {
	if s.above == nil {
		return About{Text: "what stays composed"}
	}
	return About{Inst: d.groups.members[s.above.groups[0]][0]}
}

// edge says why a dependency stays one.
func (d *decider) edge(x use) Edge {
	e := Edge{User: x.user, Used: x.used}
	from, to := d.in[d.groups.of[x.user]], d.in[d.groups.of[x.used]]
	switch no := d.refused[attempt{from, d.groups.of[x.used]}]; {
	case to.kept:
		e.Rule, e.About.Text = StaysKept, d.g.Insts[x.used].Kept.Why
	case from.kept:
		e.Rule, e.About.Text = StaysKept, d.g.Insts[x.user].Kept.Why
	case to.async == x.used:
		e.Rule, e.About.Text = IsAsync, string(d.async[x.used])
	case to.async != graph.Host:
		e.Rule, e.About.Inst = FusedElsewhere, to.async
	case no != nil:
		e.Rule, e.About = no.rule, no.about
	default:
		e.Rule, e.About = Between, d.between(from)
	}
	return e
}
