package scc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/scc"
)

func TestEach(t *testing.T) {
	for _, c := range []struct {
		name  string
		edges [][]int
		roots []int
		want  [][]int
	}{
		{"nothing", nil, nil, nil},
		{"one", [][]int{nil}, []int{0}, [][]int{{0}}},
		{"itself", [][]int{{0}}, []int{0}, [][]int{{0}}},
		{"what it leads to is first", [][]int{{1, 2}, {2}, nil}, []int{0, 1, 2}, [][]int{{2}, {1}, {0}}},
		{"cycle", [][]int{{2}, {0}, {1}}, []int{0, 1, 2}, [][]int{{0, 1, 2}}},
		{"two cycles", [][]int{{1}, {0, 2}, {3}, {2}}, []int{0}, [][]int{{2, 3}, {0, 1}}},
		{"an edge to a complete one", [][]int{{1, 2}, nil, {1, 0}}, []int{0}, [][]int{{1}, {0, 2}}},
		{"what no root leads to", [][]int{nil, {0}, {1}}, []int{1}, [][]int{{0}, {1}}},
	} {
		var got [][]int
		root := make([]bool, len(c.edges))
		for _, r := range c.roots {
			root[r] = true
		}
		scc.Each(len(c.edges), func(n int) bool { return root[n] }, func(n, edge int) (int, bool) {
			if edge == len(c.edges[n]) {
				return 0, false
			}
			return c.edges[n][edge], true
		}, func(nodes []int) { got = append(got, nodes) })
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
