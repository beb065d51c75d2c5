package link

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// classes joins values that stand for one another (union-find). The representative of a class is the one that was
// first in it.
type classes[T comparable] struct{ parent map[T]T }

func newClasses[T comparable]() *classes[T] { return &classes[T]{parent: map[T]T{}} }

func (c *classes[T]) find(t T) T {
	root := t
	for p, ok := c.parent[root]; ok; p, ok = c.parent[root] {
		root = p
	}
	for t != root {
		t, c.parent[t] = c.parent[t], root
	}
	return root
}

// join makes b's class part of a's.
func (c *classes[T]) join(a, b T) {
	if a, b = c.find(a), c.find(b); a != b {
		c.parent[b] = a
	}
}

type typePair struct{ a, b *ctypes.Type }

// equalTypes is structural equality where resource types of one class are the same.
func (l *linker) equalTypes(a, b *ctypes.Type) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.Len != b.Len ||
		len(a.Fields) != len(b.Fields) || len(a.Labels) != len(b.Labels) || len(a.Types) != len(b.Types) {
		return false
	}
	key := typePair{a, b}
	if eq, known := l.equal[key]; known {
		return eq
	}
	eq := l.equalParts(a, b)
	l.equal[key] = eq
	return eq
}

func (l *linker) equalParts(a, b *ctypes.Type) bool {
	if a.Resource != nil && l.resources.find(a.Resource) != l.resources.find(b.Resource) {
		return false
	}
	for i := range a.Labels {
		if a.Labels[i] != b.Labels[i] {
			return false
		}
	}
	for i := range a.Types {
		if !l.equalTypes(a.Types[i], b.Types[i]) {
			return false
		}
	}
	return l.equalFields(a.Fields, b.Fields) && l.equalTypes(a.Elem, b.Elem) && l.equalTypes(a.Err, b.Err) && l.equalTypes(a.Key, b.Key)
}

func (l *linker) equalFields(a, b []ctypes.Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Label != b[i].Label || !l.equalTypes(a[i].Type, b[i].Type) {
			return false
		}
	}
	return true
}

func (l *linker) equalFuncs(a, b *ctypes.Func) bool {
	return a.Async == b.Async && l.equalFields(a.Params, b.Params) && l.equalTypes(a.Result, b.Result)
}

// canonType gives the one type that stands for t and all that are joined to it; its parts are canonical too.
func (l *linker) canonType(t *ctypes.Type) *ctypes.Type {
	if t == nil {
		return nil
	}
	t = l.types.find(t)
	if c, ok := l.canonical[t]; ok {
		return c
	}
	if shared(t) {
		return t
	}
	c := *t
	l.canonical[t] = &c
	c.Fields = l.canonFields(t.Fields)
	c.Types = nil
	for _, u := range t.Types {
		c.Types = append(c.Types, l.canonType(u))
	}
	c.Elem, c.Err, c.Key = l.canonType(t.Elem), l.canonType(t.Err), l.canonType(t.Key)
	if t.Resource != nil {
		c.Resource = l.resources.find(t.Resource)
	}
	c.Of, c.Ident = l.canonType(t.Of), l.canonType(t.Ident)
	return &c
}

func (l *linker) canonFields(fs []ctypes.Field) []ctypes.Field {
	var out []ctypes.Field
	for _, f := range fs {
		out = append(out, ctypes.Field{Label: f.Label, Type: l.canonType(f.Type)})
	}
	return out
}

func (l *linker) canonFunc(f *ctypes.Func) *ctypes.Func {
	return &ctypes.Func{Async: f.Async, Params: l.canonFields(f.Params), Result: l.canonType(f.Result)}
}

// walk calls visit for every type inside a type, once for each in seen.
func walk(t *ctypes.Type, seen map[*ctypes.Type]bool, visit func(*ctypes.Type)) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	visit(t)
	parts(t, func(t *ctypes.Type) { walk(t, seen, visit) })
}

// parts calls visit for the types that a type refers to directly.
func parts(t *ctypes.Type, visit func(*ctypes.Type)) {
	for _, f := range t.Fields {
		if f.Type != nil {
			visit(f.Type)
		}
	}
	for _, u := range append(t.Types[:len(t.Types):len(t.Types)], t.Elem, t.Err, t.Key) {
		if u != nil {
			visit(u)
		}
	}
}

func walkFunc(f *ctypes.Func, seen map[*ctypes.Type]bool, visit func(*ctypes.Type)) {
	for _, p := range f.Params {
		walk(p.Type, seen, visit)
	}
	walk(f.Result, seen, visit)
}
