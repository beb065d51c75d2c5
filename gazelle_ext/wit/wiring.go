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
	// byComp has the wants of each component, byGroup the wants for each group, in order. in has the groups of each
	// component.
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
	old := w.wants[want].group
	w.byGroup[old] = without(w.byGroup[old], want)
	w.wants[want].group = w.group([]int{to})
	w.byGroup[w.wants[want].group] = []int{want}
}

func without(list []int, x int) (out []int) {
	for _, y := range list {
		if y != x {
			out = append(out, y)
		}
	}
	return out
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
				if want.optional {
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

// circular returns a cycle in a graph of components with the given edges, starting with its least component, or nil.
func circular(edges [][]int) []int {
	state := make([]int, len(edges)) // 1 while visited, 2 when done
	for start := range edges {
		if state[start] != 0 {
			continue
		}
		type frame struct{ comp, next int }
		stack := []frame{{start, 0}}
		state[start] = 1
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(edges[top.comp]) {
				state[top.comp] = 2
				stack = stack[:len(stack)-1]
				continue
			}
			to := edges[top.comp][top.next]
			top.next++
			switch state[to] {
			case 0:
				state[to] = 1
				stack = append(stack, frame{to, 0})
			case 1:
				var ring []int
				for i := len(stack) - 1; ; i-- {
					ring = append([]int{stack[i].comp}, ring...)
					if stack[i].comp == to {
						return fromLeast(ring)
					}
				}
			}
		}
	}
	return nil
}

func fromLeast(ring []int) []int {
	least := 0
	for i := range ring {
		if ring[i] < ring[least] {
			least = i
		}
	}
	return append(append([]int{}, ring[least:]...), ring[:least]...)
}
