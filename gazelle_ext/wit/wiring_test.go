package wit

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// graph is a small wiring problem, with the candidates of each want except its own component.
type graph struct {
	w     *wiring
	cands [][]int
}

func randomGraph(r *rand.Rand) graph {
	n := 2 + r.IntN(4)
	g := graph{w: newWiring(n)}
	var groups []int
	for range 1 + r.IntN(3) {
		var members []int
		for c := range n {
			if r.IntN(2) == 0 {
				members = append(members, c)
			}
		}
		groups = append(groups, g.w.group(members))
	}
	for c := range n {
		for range r.IntN(3) {
			group := groups[r.IntN(len(groups))]
			cands := slices.DeleteFunc(slices.Clone(g.w.groups[group]), func(m int) bool { return m == c })
			if len(cands) > 0 && len(g.cands) < 6 {
				g.w.want(c, group, false)
				g.cands = append(g.cands, cands)
			}
		}
	}
	return g
}

// wirings calls yield for each choice of all wants.
func (g graph) wirings(choice []int, yield func([]int)) {
	if len(choice) == len(g.cands) {
		yield(choice)
		return
	}
	for _, c := range g.cands[len(choice)] {
		g.wirings(append(choice[:len(choice):len(choice)], c), yield)
	}
}

// acyclicFrom reports whether no cycle can be reached from a component along the choices of wants.
func (g graph) acyclicFrom(choice []int, comp int) bool {
	edges := make([][]int, g.w.comps)
	for i, c := range choice {
		edges[g.w.wants[i].comp] = append(edges[g.w.wants[i].comp], c)
	}
	seen := map[int]bool{}
	sub := make([][]int, g.w.comps)
	todo := []int{comp}
	for ; len(todo) > 0; todo = todo[1:] {
		if !seen[todo[0]] {
			seen[todo[0]] = true
			sub[todo[0]] = edges[todo[0]]
			todo = append(todo, edges[todo[0]]...)
		}
	}
	return circular(sub) == nil
}

// TestWiring compares which components can be placed, and which candidates close no cycle, with an exhaustive search.
func TestWiring(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	chosen := 0
	for range 3000 {
		g := randomGraph(r)
		placed := make([]bool, g.w.comps)
		possible := make([]map[int]bool, len(g.cands))
		for i := range possible {
			possible[i] = map[int]bool{}
		}
		g.wirings(nil, func(choice []int) {
			for c := range g.w.comps {
				placed[c] = placed[c] || g.acyclicFrom(choice, c)
			}
			for i, c := range choice {
				if g.acyclicFrom(choice, g.w.wants[i].comp) {
					possible[i][c] = true
				}
			}
		})
		if got := g.w.placed(); !slices.Equal(got, placed) {
			t.Fatalf("%+v: placed %v, want %v", g.w, got, placed)
		}
		for i, cands := range g.cands {
			comp := g.w.wants[i].comp
			if !placed[comp] {
				continue
			}
			later := g.w.placed(comp)
			for _, c := range cands {
				if later[c] != possible[i][c] {
					t.Fatalf("%+v: want %d by %d: %v, want %v", g.w, i, c, later[c], possible[i][c])
				}
				if !later[c] {
					chosen++
				}
			}
		}
	}
	if chosen < 50 {
		t.Errorf("only %d candidates would close a circle: the test shows little", chosen)
	}
}

// TestWithin compares which components can be placed without another one, decided within a knot, with the same decided among
// all.
func TestWithin(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	barred := 0
	for range 3000 {
		g := randomGraph(r).w
		w := &wirer{comps: make([]*component, g.comps)}
		w.findKnots(g)
		placed := g.placed()
		for i := range g.comps {
			later, want := w.later(g, i, placed), placed
			if placed[i] {
				want = g.placed(i)
			}
			for _, x := range g.byComp[i] {
				for _, c := range g.groups[g.wants[x].group] {
					if c != i && later(c) != want[c] {
						t.Fatalf("%+v: %d without %d: %v, want %v", g, c, i, later(c), want[c])
					}
					if c != i && placed[c] && !want[c] {
						barred++
					}
				}
			}
		}
	}
	if barred < 50 {
		t.Errorf("only %d candidates would close a circle: the test shows little", barred)
	}
}

func TestCircular(t *testing.T) {
	for _, c := range []struct {
		edges [][]int
		want  []int
	}{
		{[][]int{{1}, {2}, {}}, nil},
		{[][]int{{1}, {2}, {0}}, []int{0, 1, 2}},
		{[][]int{{2}, {0}, {1}}, []int{0, 2, 1}},
		{[][]int{{1, 2}, {3}, {3}, {1}}, []int{1, 3}},
		{[][]int{{0}}, []int{0}},
	} {
		if got := circular(c.edges); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.edges, got, c.want)
		}
	}
}
