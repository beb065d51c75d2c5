package compose

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// This file implements equality of types, and their canonical forms, in which joined types are one.

type typePair struct{ a, b *ctypes.Type }

// equalTypes is structural equality, with joined resource types equal.
func (c *composer) equalTypes(a, b *ctypes.Type) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.Len != b.Len ||
		len(a.Fields) != len(b.Fields) || len(a.Labels) != len(b.Labels) || len(a.Types) != len(b.Types) {
		return false
	}
	key := typePair{a, b}
	if eq, known := c.equal[key]; known {
		return eq
	}
	eq := c.equalParts(a, b)
	c.equal[key] = eq
	return eq
}

func (c *composer) equalParts(a, b *ctypes.Type) bool {
	if a.Resource != nil && c.resources.find(a.Resource) != c.resources.find(b.Resource) {
		return false
	}
	for i := range a.Labels {
		if a.Labels[i] != b.Labels[i] {
			return false
		}
	}
	for i := range a.Types {
		if !c.equalTypes(a.Types[i], b.Types[i]) {
			return false
		}
	}
	return c.equalFields(a.Fields, b.Fields) && c.equalTypes(a.Elem, b.Elem) && c.equalTypes(a.Err, b.Err) && c.equalTypes(a.Key, b.Key)
}

func (c *composer) equalFields(a, b []ctypes.Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Label != b[i].Label || !c.equalTypes(a[i].Type, b[i].Type) {
			return false
		}
	}
	return true
}

func (c *composer) equalFuncs(a, b *ctypes.Func) bool {
	return a.Async == b.Async && c.equalFields(a.Params, b.Params) && c.equalTypes(a.Result, b.Result)
}

// canonType returns the representative of t and all types joined to it. Its parts are canonical too.
func (c *composer) canonType(t *ctypes.Type) *ctypes.Type {
	if t == nil {
		return nil
	}
	t = c.types.find(t)
	if known, ok := c.canonical[t]; ok {
		return known
	}
	if shared(t) {
		return t
	}
	out := *t
	c.canonical[t] = &out
	out.Fields = c.canonFields(t.Fields)
	out.Types = nil
	for _, u := range t.Types {
		out.Types = append(out.Types, c.canonType(u))
	}
	out.Elem, out.Err, out.Key = c.canonType(t.Elem), c.canonType(t.Err), c.canonType(t.Key)
	if t.Resource != nil {
		out.Resource = c.resources.find(t.Resource)
	}
	out.Of, out.Ident = c.canonType(t.Of), c.canonType(t.Ident)
	return &out
}

func (c *composer) canonFields(fs []ctypes.Field) []ctypes.Field {
	var out []ctypes.Field
	for _, f := range fs {
		out = append(out, ctypes.Field{Label: f.Label, Type: c.canonType(f.Type)})
	}
	return out
}

func (c *composer) canonFunc(f *ctypes.Func) *ctypes.Func {
	return &ctypes.Func{Async: f.Async, Params: c.canonFields(f.Params), Result: c.canonType(f.Result)}
}

// walk calls visit once for every type inside a type, skipping those in seen.
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
