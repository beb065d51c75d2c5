// This file implements walks over types and their comparison. Types share parts; both visit a part once.

package ctypes

import (
	"iter"
	"slices"
)

// Parts returns the types that t refers to directly.
func (t *Type) Parts() iter.Seq[*Type] {
	return func(yield func(*Type) bool) {
		for _, f := range t.Fields {
			if f.Type != nil && !yield(f.Type) {
				return
			}
		}
		for _, u := range t.Types {
			if !yield(u) {
				return
			}
		}
		for _, u := range [...]*Type{t.Elem, t.Err, t.Key} {
			if u != nil && !yield(u) {
				return
			}
		}
	}
}

// Seen has the types that walks have visited.
type Seen map[*Type]bool

// Walk returns t, which may be nil, and all types within it, less those in seen, and adds them to seen.
func (seen Seen) Walk(t *Type) iter.Seq[*Type] {
	return func(yield func(*Type) bool) { seen.walk(t, yield) }
}

// WalkFunc is Walk for the types of a function's parameters and result.
func (seen Seen) WalkFunc(f *Func) iter.Seq[*Type] {
	return func(yield func(*Type) bool) {
		for _, p := range f.Params {
			if !seen.walk(p.Type, yield) {
				return
			}
		}
		seen.walk(f.Result, yield)
	}
}

func (seen Seen) walk(t *Type, yield func(*Type) bool) bool {
	if t == nil || seen[t] {
		return true
	}
	if !t.Shared() { // which has no parts, and costs no more than the look-up
		seen[t] = true
	}
	if !yield(t) {
		return false
	}
	for u := range t.Parts() {
		if !seen.walk(u, yield) {
			return false
		}
	}
	return true
}

// Any reports whether pred holds for t or any type within it.
func (t *Type) Any(pred func(*Type) bool) bool {
	return !Seen{}.walk(t, func(u *Type) bool { return !pred(u) })
}

// Any reports whether pred holds for any type in the function's parameters or result.
func (f *Func) Any(pred func(*Type) bool) bool {
	for t := range (Seen{}).WalkFunc(f) {
		if pred(t) {
			return true
		}
	}
	return false
}

// Equal reports structural equality. Resource types are equal if they have the same identity.
func Equal(a, b *Type) bool {
	return NewComparer(func(r, s *Resource) bool { return r == s }).Types(a, b)
}

// Comparer compares types by their structure.
type Comparer struct {
	same  func(r, s *Resource) bool
	equal map[[2]*Type]bool // pairs of compound types found equal
}

// NewComparer returns a comparer with an equality of resource types, which must not change for equal ones.
func NewComparer(same func(r, s *Resource) bool) *Comparer {
	return &Comparer{same: same, equal: map[[2]*Type]bool{}}
}

// Types reports whether two types are equal; nil is equal to nil.
func (c *Comparer) Types(a, b *Type) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.Len != b.Len || (a.Resource == nil) != (b.Resource == nil) || !slices.Equal(a.Labels, b.Labels) {
		return false
	}
	pair := [2]*Type{a, b}
	if c.equal[pair] {
		return true
	}
	if a.Resource != nil && !c.same(a.Resource, b.Resource) || !c.fields(a.Fields, b.Fields) || !slices.EqualFunc(a.Types, b.Types, c.Types) ||
		!c.Types(a.Elem, b.Elem) || !c.Types(a.Err, b.Err) || !c.Types(a.Key, b.Key) {
		return false
	}
	c.equal[pair] = true
	return true
}

// Funcs reports whether two function types are equal.
func (c *Comparer) Funcs(a, b *Func) bool {
	return a.Async == b.Async && c.fields(a.Params, b.Params) && c.Types(a.Result, b.Result)
}

func (c *Comparer) fields(a, b []Field) bool {
	return slices.EqualFunc(a, b, func(f, g Field) bool { return f.Label == g.Label && c.Types(f.Type, g.Type) })
}
