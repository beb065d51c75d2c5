// This file implements the choice among exports that can satisfy an import.

package wit

import (
	"slices"

	"github.com/bazelbuild/bazel-gazelle/label"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

// wirer chooses among the exports that can satisfy imports.
type wirer struct {
	comps  []*component // by label
	number map[*component]int
	knot   []int         // of each component, see [wiring.knots]
	knots  map[int][]int // the components of knots that have several
}

func newWirer(l *lang) *wirer {
	w := &wirer{number: map[*component]int{}}
	for _, comp := range l.ix.sorted() {
		if !comp.unread {
			w.number[comp] = len(w.comps)
			w.comps = append(w.comps, comp)
		}
	}
	return w
}

// solve satisfies all wants that have one best choice. An export that would close a cycle is not a choice.
func (w *wirer) solve() {
	g, ids := w.wiring()
	placed := w.rings(g, ids)
	w.findKnots(g)
	passable := map[*candidates]bool{} // those of which any offer closes no cycle
	for i, comp := range w.comps {
		var later func(int) bool // whether a component can be placed without comp
		for _, x := range comp.wants {
			if x.from == nil || w.simple(x.from, i, placed, passable) || !x.several() {
				continue
			}
			if later == nil {
				later = w.later(g, i, placed)
			}
			barred, left := map[*component]bool{}, false
			for o := range x.fits() {
				if later(w.number[o.comp]) {
					left = true
				} else {
					barred[o.comp] = true
				}
			}
			if left {
				x.barred = barred
			}
		}
	}
	w.prefer()
	w.advise(g, ids, placed)
}

// findKnots finds the sets of components within which there can be cycles.
func (w *wirer) findKnots(g *wiring) {
	w.knot, w.knots = g.knots(), map[int][]int{}
	for i, k := range w.knot {
		w.knots[k] = append(w.knots[k], i)
	}
	for k, members := range w.knots {
		if len(members) == 1 {
			delete(w.knots, k)
		}
	}
}

// simple reports whether no candidate of component i can close a cycle: all can be placed, and none is in the knot of i.
// passable has the answer for components without a knot.
func (w *wirer) simple(from *candidates, i int, placed []bool, passable map[*candidates]bool) bool {
	all, known := passable[from]
	if !known {
		all = !slices.ContainsFunc(from.fits, func(o offer) bool { return !placed[w.number[o.comp]] })
		passable[from] = all
	}
	return all && w.knots[w.knot[i]] == nil
}

// later returns a function that reports whether a component can be placed without component i, if that can be placed.
func (w *wirer) later(g *wiring, i int, placed []bool) func(int) bool {
	members := w.knots[w.knot[i]]
	if !placed[i] || members == nil {
		return func(c int) bool { return placed[c] }
	}
	within := g.within(members, placed).placed(slices.Index(members, i))
	return func(c int) bool {
		if w.knot[c] != w.knot[i] {
			return placed[c]
		}
		n, _ := slices.BinarySearch(members, c)
		return within[n]
	}
}

// wiring returns the wants that have a choice, or one made by a directive, as a problem on numbers; ids are the wants'.
func (w *wirer) wiring() (*wiring, map[*want]int) {
	g := newWiring(len(w.comps))
	ids := map[*want]int{}
	for i, comp := range w.comps {
		for _, x := range comp.wants {
			switch {
			case x.by != nil:
				ids[x] = g.want(i, g.group([]int{w.number[x.by]}), false)
			case x.any():
				ids[x] = g.want(i, w.group(g, x.from), x.imp.TypesOnly)
			}
		}
	}
	return g, ids
}

// group returns the group of all components that can satisfy wants with some candidates.
func (w *wirer) group(g *wiring, from *candidates) int {
	if from.group < 0 {
		var members []int
		for _, o := range from.fits {
			members = append(members, w.number[o.comp])
		}
		from.group = g.group(members)
	}
	return from.group
}

// rings finds cycles among the components that cannot be placed, one after the other, each as if the host supplied the
// import that closes the previous one. It returns what can be placed then.
func (w *wirer) rings(g *wiring, ids map[*want]int) []bool {
	for {
		placed := g.placed()
		edges := make([][]int, len(w.comps))
		through := map[[2]int]*want{}
		for i, comp := range w.comps {
			if placed[i] {
				continue
			}
			for _, x := range comp.wants {
				for _, to := range w.needs(x, placed) {
					if through[[2]int{i, to}] == nil {
						edges[i] = append(edges[i], to)
						through[[2]int{i, to}] = x
					}
				}
			}
		}
		ring := circular(edges)
		if ring == nil {
			return placed
		}
		last := through[[2]int{ring[len(ring)-1], ring[0]}]
		for _, i := range ring {
			last.ring = append(last.ring, w.comps[i])
		}
		// The last edge that could be removed is, and a choice made by a directive is undone.
		last.by, last.target = nil, label.NoLabel
		g.wants[ids[last]].optional = true
	}
}

// needs returns the components that can satisfy a want, if none of them can be placed.
func (w *wirer) needs(x *want, placed []bool) (out []int) {
	if x.ring != nil || x.imp.TypesOnly && !x.said {
		return nil
	}
	if x.by != nil {
		out = []int{w.number[x.by]}
	}
	for o := range x.fits() {
		out = append(out, w.number[o.comp])
	}
	if slices.ContainsFunc(out, func(i int) bool { return placed[i] }) {
		return nil
	}
	return out
}

// prefer takes the best offer of each want that has one, unless they close a cycle together.
func (w *wirer) prefer() {
	var free []*want // chosen by preference
	for _, comp := range w.comps {
		for _, x := range comp.wants {
			if x.ring != nil || x.imp.TypesOnly || x.target != label.NoLabel {
				continue
			}
			if best := x.best(); len(best) == 1 {
				x.take(best[0])
				if x.several() {
					free = append(free, x)
				}
			}
		}
	}
	for {
		ring := circular(w.edges())
		if ring == nil {
			break
		}
		on := map[int]int{}
		for i, c := range ring {
			on[c] = ring[(i+1)%len(ring)]
		}
		undone := false
		for _, x := range free {
			if to, ok := on[w.number[x.comp]]; ok && x.by != nil && w.number[x.by] == to {
				x.by, x.target, x.export = nil, label.NoLabel, ""
				undone = true
			}
		}
		if !undone {
			break // a cycle that was found before
		}
	}
	w.preferTypes()
}

// preferTypes takes offers of interfaces with only types, which need no supplier, unless they close a cycle.
func (w *wirer) preferTypes() {
	edges := w.edges()
	for i, comp := range w.comps {
		for _, x := range comp.wants {
			if !x.imp.TypesOnly || x.target != label.NoLabel || x.host {
				continue
			}
			best := x.best()
			if len(best) != 1 {
				continue
			}
			to := w.number[best[0].comp]
			if w.knot[to] == w.knot[i] && !slices.Contains(edges[i], to) && reaches(edges, to, i) {
				continue
			}
			x.take(best[0])
			edges[i] = append(edges[i], to)
		}
	}
}

func (x *want) take(o offer) { x.by, x.target, x.export = o.comp, o.comp.label, o.extern.Name }

// edges returns the chosen suppliers of each component.
func (w *wirer) edges() [][]int {
	edges := make([][]int, len(w.comps))
	for i, comp := range w.comps {
		for _, x := range comp.wants {
			if x.by != nil && x.ring == nil {
				edges[i] = append(edges[i], w.number[x.by])
			}
		}
	}
	return edges
}

// advise suggests an offer for each open want, one after the other, so that all suggestions can be followed together.
// It prefers components that import the interface themselves to those that only export it, and to those that already
// supply another one, so that no component is left out.
func (w *wirer) advise(g *wiring, ids map[*want]int, placed []bool) {
	var open []*want
	for _, comp := range w.comps {
		for _, x := range comp.wants {
			if x.open() && x.ring == nil && x.any() {
				open = append(open, x)
			}
		}
	}
	if len(open) == 0 {
		return
	}
	taken := map[*component]bool{}
	for x, id := range ids {
		if x.by != nil && x.ring == nil {
			g.restrict(id, w.number[x.by])
			taken[x.by] = true
		}
	}
	for _, x := range open {
		later := w.later(g, w.number[x.comp], placed)
		var rest []offer
		for o := range x.fits() {
			if later(w.number[o.comp]) {
				rest = append(rest, o)
			}
		}
		stuck := len(rest) == 0
		if stuck {
			rest = slices.Collect(x.fits())
		}
		best := rest[0]
		i := slices.IndexFunc(rest, func(o offer) bool { return passesOn(o.comp, x.imp) && !taken[o.comp] })
		if i < 0 {
			i = slices.IndexFunc(rest, func(o offer) bool { return passesOn(o.comp, x.imp) })
		}
		if i >= 0 {
			best = rest[i]
		}
		x.advice, taken[best.comp] = best.comp.label, true
		g.restrict(ids[x], w.number[best.comp])
		if stuck {
			placed = g.placed() // what depends on x cannot be placed either
		}
	}
}

// passesOn reports whether a component imports what it also exports, as a member of a chain does.
func passesOn(comp *component, imp iface.Extern) bool {
	return slices.ContainsFunc(comp.imports, func(x iface.Extern) bool { return x.ID == imp.ID })
}
