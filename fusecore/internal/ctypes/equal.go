package ctypes

import "slices"

// Equal reports structural equality. Resource types are equal if they have the same identity.
func Equal(a, b *Type) bool {
	c := comparer{}
	return c.equal(a, b)
}

// comparer records pairs of compound types found equal, so that shared parts are compared once.
type comparer map[[2]*Type]bool

func (c comparer) equal(a, b *Type) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.Len != b.Len || a.Resource != b.Resource || !slices.Equal(a.Labels, b.Labels) {
		return false
	}
	pair := [2]*Type{a, b}
	if c[pair] {
		return true
	}
	if !c.fields(a.Fields, b.Fields) || !slices.EqualFunc(a.Types, b.Types, c.equal) ||
		!c.equal(a.Elem, b.Elem) || !c.equal(a.Err, b.Err) || !c.equal(a.Key, b.Key) {
		return false
	}
	c[pair] = true
	return true
}

func (c comparer) fields(a, b []Field) bool {
	return slices.EqualFunc(a, b, func(f, g Field) bool { return f.Label == g.Label && c.equal(f.Type, g.Type) })
}
