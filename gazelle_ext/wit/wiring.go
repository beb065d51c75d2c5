// This file implements the choice of suppliers without cycles, as a problem on numbers.

package wit

import "slices"

// wiring decides which component supplies which import, so that all components can be instantiated one after the other.
//
// A want is satisfied by one of a group of components, other than the one that has the want. Components are placed one
// by one, each once all its wants can be satisfied by those placed before it. All that can be placed have a wiring
// without a cycle, and the others do not. If a component cannot be placed without X, it cannot supply X, because that
// would close a cycle.
type wiring struct {
	comps  int
	wants  []wiringWant
	groups [][]int // components that have the same export
	// byComp has the wants of each component, byGroup the wants for each group, in order, and those that were for it before
	// they were restricted. in has the groups of each component.
	byComp, byGroup, in [][]int
}

// wiringWant is an import of a component. It is optional if it need not be satisfied.
type wiringWant struct {
	comp, group int
	optional    bool
}

func newWiring(comps int) *wiring {
	return &wiring{comps: comps, byComp: make([][]int, comps), in: make([][]int, comps)}
}

// group adds a group of components.
func (w *wiring) group(members []int) int {
	id := len(w.groups)
	w.groups = append(w.groups, members)
	w.byGroup = append(w.byGroup, nil)
	for _, m := range members {
		w.in[m] = append(w.in[m], id)
	}
	return id
}

// want adds a want.
func (w *wiring) want(comp, group int, optional bool) int {
	id := len(w.wants)
	w.wants = append(w.wants, wiringWant{comp, group, optional})
	w.byComp[comp] = append(w.byComp[comp], id)
	w.byGroup[group] = append(w.byGroup[group], id)
	return id
}

// restrict leaves a want only one component that can satisfy it.
func (w *wiring) restrict(want, to int) {
	w.wants[want].group = w.group([]int{to})
	w.byGroup[w.wants[want].group] = []int{want}
}

// knots returns the strongly connected components of the graph that has an edge from each component to all that can
// satisfy one of its wants. The result numbers them; knots[i] is the number of component i. A cycle of suppliers is
// always within one knot.
func (w *wiring) knots() []int {
	// Groups are nodes of the graph too, so that its edges are not more than wants and members.
	return knots(w.comps+len(w.groups), func(at int, visit func(int)) {
		if at >= w.comps {
			for _, m := range w.groups[at-w.comps] {
				visit(m)
			}
			return
		}
		for _, i := range w.byComp[at] {
			visit(w.comps + w.wants[i].group)
		}
	})[:w.comps]
}

// within returns the problem of a knot, whose components it numbers in the order of members, given which of all can be
// placed. Whether a component outside of a knot can be placed does not depend on those in it, unless that component needs
// one of the knot, and then none of the knot needs it.
func (w *wiring) within(members []int, placed []bool) *wiring {
	sub := newWiring(len(members))
	number := map[int]int{}
	for i, c := range members {
		number[c] = i
	}
	groups := map[int]int{} // -1 if a component outside of the knot satisfies the group's wants
	for i, c := range members {
		for _, id := range w.byComp[c] {
			x := w.wants[id]
			if x.optional {
				continue
			}
			if _, ok := groups[x.group]; !ok {
				groups[x.group] = w.part(x.group, number, placed, sub)
			}
			if groups[x.group] >= 0 {
				sub.want(i, groups[x.group], false)
			}
		}
	}
	return sub
}

// part adds to sub the part of a group that is in a knot, or returns -1 if one outside of it can be placed.
func (w *wiring) part(group int, number map[int]int, placed []bool, sub *wiring) int {
	var part []int
	for _, m := range w.groups[group] {
		if i, ok := number[m]; ok {
			part = append(part, i)
		} else if placed[m] {
			return -1
		}
	}
	return sub.group(part)
}

// placed reports which components can be placed, without the banned ones.
func (w *wiring) placed(banned ...int) []bool {
	done := make([]bool, w.comps)
	open := make([]int, w.comps)            // wants that are not satisfied yet
	supplied := make([]bool, len(w.groups)) // groups with a placed member
	var queue []int
	for c := range w.comps {
		for _, i := range w.byComp[c] {
			if !w.wants[i].optional {
				open[c]++
			}
		}
		if open[c] == 0 && !slices.Contains(banned, c) {
			done[c] = true
			queue = append(queue, c)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, g := range w.in[queue[0]] {
			if supplied[g] {
				continue
			}
			// A want of the first member itself cannot use that member, but then the member is already placed.
			supplied[g] = true
			for _, i := range w.byGroup[g] {
				want := w.wants[i]
				if want.optional || want.group != g {
					continue
				}
				if open[want.comp]--; open[want.comp] == 0 && !slices.Contains(banned, want.comp) && !done[want.comp] {
					done[want.comp] = true
					queue = append(queue, want.comp)
				}
			}
		}
	}
	return done
}
