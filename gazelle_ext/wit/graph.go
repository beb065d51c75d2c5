// This file implements algorithms on graphs, whose nodes are numbers.

package wit

// knots returns the strongly connected components of a graph, by Tarjan's algorithm: a number for each of n nodes, equal for
// those that reach each other. edges calls visit for each successor of a node.
func knots(n int, edges func(at int, visit func(to int))) []int {
	t := tarjan{edges: edges, number: make([]int, n), low: make([]int, n), knot: make([]int, n)}
	for at := range n {
		if t.number[at] == 0 {
			t.visit(at)
		}
	}
	return t.knot
}

type tarjan struct {
	edges       func(at int, visit func(to int))
	number, low []int // from 1, in the order of visits
	visits      int
	stack       []int
	knot        []int // 0 while on the stack, else from 1
	knots       int
}

func (t *tarjan) visit(at int) {
	t.visits++
	t.number[at], t.low[at] = t.visits, t.visits
	t.stack = append(t.stack, at)
	t.edges(at, func(to int) {
		if t.number[to] == 0 {
			t.visit(to)
			t.low[at] = min(t.low[at], t.low[to])
		} else if t.knot[to] == 0 {
			t.low[at] = min(t.low[at], t.number[to])
		}
	})
	if t.low[at] != t.number[at] {
		return
	}
	t.knots++
	for {
		top := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		t.knot[top] = t.knots
		if top == at {
			return
		}
	}
}

// reaches reports whether a path leads from one node to another.
func reaches(edges [][]int, from, to int) bool {
	seen := make([]bool, len(edges))
	todo := []int{from}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if at == to {
			return true
		}
		if !seen[at] {
			seen[at] = true
			todo = append(todo, edges[at]...)
		}
	}
	return false
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
