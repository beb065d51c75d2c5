// This file implements disjoint sets.

package compose

// unionFind joins equivalent values (a disjoint-set forest). The representative of a set is its first element.
type unionFind[T comparable] struct{ parent map[T]T }

func newUnionFind[T comparable]() *unionFind[T] { return &unionFind[T]{parent: map[T]T{}} }

func (u *unionFind[T]) find(t T) T {
	root := t
	for p, ok := u.parent[root]; ok; p, ok = u.parent[root] {
		root = p
	}
	for t != root {
		t, u.parent[t] = u.parent[t], root
	}
	return root
}

// join adds b's set to a's.
func (u *unionFind[T]) join(a, b T) {
	if a, b = u.find(a), u.find(b); a != b {
		u.parent[b] = a
	}
}
