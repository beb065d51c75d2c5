// Package scc finds the strongly connected components of a graph: the largest sets of nodes of which each leads to all others.
//
//	a -> b, b -> a, b -> c      {c}, {a, b}
package scc

import "slices"

// Each calls found for every component that some roots lead to, with its nodes in ascending order. Components that it leads to
// come first. The n nodes are numbered from 0 on. next returns the end of a node's edge with a number, if it has that many.
func Each[N ~int32 | ~int](n int, root func(node N) bool, next func(node N, edge int) (to N, ok bool), found func(nodes []N)) {
	s := &search[N]{visits: make([]visit, n)}
	for i := range n {
		if s.visits[i].order == 0 && root(N(i)) {
			s.from(N(i), next, found)
		}
	}
}

// search is Tarjan's algorithm, without recursion.
type search[N ~int32 | ~int] struct {
	visits  []visit // of each node
	entered int
	path    []N // from a root to the node that is visited
	open    []N // nodes whose components are not complete, in the order of their visits
}

// visit is the visit of a node. Before it, order is zero.
type visit struct {
	order, low int
	edge       int // the next one
	complete   bool
}

func (s *search[N]) enter(node N) {
	s.entered++
	s.visits[node] = visit{order: s.entered, low: s.entered}
	s.path, s.open = append(s.path, node), append(s.open, node)
}

func (s *search[N]) from(root N, next func(node N, edge int) (N, bool), found func([]N)) {
	s.enter(root)
	for len(s.path) > 0 {
		node := s.path[len(s.path)-1]
		v := &s.visits[node]
		if to, ok := next(node, v.edge); ok {
			v.edge++
			if w := &s.visits[to]; w.order == 0 {
				s.enter(to)
			} else if !w.complete {
				v.low = min(v.low, w.order)
			}
			continue
		}
		s.path = s.path[:len(s.path)-1]
		if len(s.path) > 0 {
			before := &s.visits[s.path[len(s.path)-1]]
			before.low = min(before.low, v.low)
		}
		if v.low != v.order {
			continue
		}
		at := len(s.open) - 1
		for s.open[at] != node {
			at--
		}
		nodes := slices.Sorted(slices.Values(s.open[at:]))
		s.open = s.open[:at]
		for _, n := range nodes {
			s.visits[n].complete = true
		}
		found(nodes)
	}
}
