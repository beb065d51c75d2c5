// This file implements the layouts of resolved types.

package cabi

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"

// Types computes layouts and caches them by type identity, so that shared types cost the size of their definition
// rather than of their expansion. It is not safe for concurrent use.
type Types struct {
	memo   [2]map[*ctypes.Type]*Layout
	pairs  map[*ctypes.Type]*ctypes.Type // map type -> tuple<key, value>
	tuples map[*ctypes.Func]*ctypes.Type
}

// New returns an empty cache.
func New() *Types {
	return &Types{
		memo:   [2]map[*ctypes.Type]*Layout{{}, {}},
		pairs:  map[*ctypes.Type]*ctypes.Type{},
		tuples: map[*ctypes.Func]*ctypes.Type{},
	}
}

// Of returns the layout of a type.
func (ts *Types) Of(t *ctypes.Type, ptr64 bool) *Layout {
	memo := ts.memo[0]
	if ptr64 {
		memo = ts.memo[1]
	}
	l, ok := memo[t]
	if !ok {
		l = ts.compute(t, ptr64)
		memo[t] = l
	}
	return l
}

func (ts *Types) compute(t *ctypes.Type, ptr64 bool) *Layout {
	parts := ts.parts(t)
	layouts := make([]*Layout, len(parts))
	if t.Kind != ctypes.List && t.Kind != ctypes.Map { // whose layout does not depend on their elements
		for i, p := range parts {
			if p != nil {
				layouts[i] = ts.Of(p, ptr64)
			}
		}
	}
	l := compose(t, layouts, ptr64)
	l.Parts = parts
	return l
}

// parts returns Layout.Parts for a type.
func (ts *Types) parts(t *ctypes.Type) []*ctypes.Type {
	switch t.Kind {
	case ctypes.Record, ctypes.Variant:
		parts := make([]*ctypes.Type, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Type
		}
		return parts
	case ctypes.Tuple:
		return t.Types
	case ctypes.Enum:
		return make([]*ctypes.Type, len(t.Labels))
	case ctypes.Option:
		return []*ctypes.Type{nil, t.Elem}
	case ctypes.Result:
		return []*ctypes.Type{t.Elem, t.Err}
	case ctypes.List, ctypes.FixedList:
		return []*ctypes.Type{t.Elem}
	case ctypes.Map:
		return []*ctypes.Type{ts.mapEntry(t)}
	}
	return nil
}

func compose(t *ctypes.Type, parts []*Layout, ptr64 bool) *Layout {
	switch t.Kind {
	case ctypes.Flags:
		return Flags(len(t.Labels))
	case ctypes.Record, ctypes.Tuple:
		return Record(parts)
	case ctypes.Variant, ctypes.Enum, ctypes.Option, ctypes.Result:
		return Variant(parts)
	case ctypes.FixedList:
		return FixedList(parts[0], t.Len)
	case ctypes.List, ctypes.Map:
		return List(ptr64)
	case ctypes.Own, ctypes.Borrow, ctypes.Stream, ctypes.Future:
		return Handle()
	}
	return Prim(t.Kind, ptr64)
}

// mapEntry returns the element type of the list that a map despecializes to (CanonicalABI.md, "Despecialization").
func (ts *Types) mapEntry(t *ctypes.Type) *ctypes.Type {
	e, ok := ts.pairs[t]
	if !ok {
		e = &ctypes.Type{Kind: ctypes.Tuple, Types: []*ctypes.Type{t.Key, t.Elem}}
		ts.pairs[t] = e
	}
	return e
}
