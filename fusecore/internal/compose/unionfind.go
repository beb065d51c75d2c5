package compose

// unionFind joins values that stand for one another (a disjoint-set forest). The representative of a set is the one that
// was first in it.
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

// join makes b's set part of a's.
func (u *unionFind[T]) join(a, b T) {
	if a, b = u.find(a), u.find(b); a != b {
		u.parent[b] = a
	}
}
