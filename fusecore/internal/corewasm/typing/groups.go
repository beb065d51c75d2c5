// This file implements the equality of types.

package typing

import (
	"slices"
	"sort"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/intern"
)

// Groups numbers the types of recursion groups, so that equal types have the same number. Two groups are equal if they
// are the same once references within a group are relative to its start ("Types: rolling and unrolling").
//
// The numbers are the types' indices in a type section made of the different groups; see Section.
type Groups struct {
	keys   *intern.Table  // encoded, with references within the group relative to inner
	firsts []uint32       // number of each group's first type
	rolled map[int][]byte // encodings of groups that refer to themselves; nil unless Section is used
	count  uint32
	key    []byte // of the current group
}

// inner is the base of references within a group when groups are compared. No real index is as large.
const inner uint32 = 1 << 30

// NewGroups returns an empty set of groups, with room for size bytes of encoded types.
func NewGroups(size int) *Groups { return &Groups{keys: intern.New(size)} }

// NewSection is like NewGroups, for a set that Section will encode.
func NewSection(size int) *Groups { return &Groups{keys: intern.New(size), rolled: map[int][]byte{}} }

// Add returns the number of the first of a group's types, and whether the group is a new one. number returns the
// numbers of types outside the group, given their indices in the group's index space.
func (gs *Groups) Add(g corewasm.Group, number func(i uint32) (uint32, error)) (n uint32, added bool, err error) {
	self := false
	base := inner
	index := func(i uint32) (uint32, error) {
		if i >= g.First && i-g.First < uint32(g.N) {
			self = true
			return base + (i - g.First), nil
		}
		return number(i)
	}
	if refersToTypes(g) {
		gs.key, err = appendGroup(gs.key[:0], g, index)
	} else {
		gs.key = encode.Group(gs.key[:0], g)
	}
	if err != nil {
		return 0, false, err
	}
	id, added := gs.keys.Add(gs.key)
	if added {
		gs.firsts = append(gs.firsts, gs.count)
		gs.count += uint32(g.N)
	}
	if base = gs.firsts[id]; added && self && gs.rolled != nil {
		gs.rolled[id], err = appendGroup(nil, g, index)
	}
	return gs.firsts[id], added, err
}

func appendGroup(b []byte, g corewasm.Group, number func(uint32) (uint32, error)) ([]byte, error) {
	b = encode.GroupSize(b, g.N)
	for k := range g.N {
		t, err := Renumber(g.At(k), number)
		if err != nil {
			return b, err
		}
		b = encode.SubType(b, &t)
	}
	return b, nil
}

// Func returns the number of a function type that is final, alone in its group and without type indices.
func (gs *Groups) Func(ft corewasm.FuncType) (n uint32, added bool) {
	g := corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: ft}}}
	n, added, _ = gs.Add(g.Group(gs.count), nil) // without type indices, this cannot fail
	return n, added
}

// Section returns the entries of a type section with all different groups, in the order in which they were added. The
// set must be made by NewSection.
func (gs *Groups) Section() corewasm.Coded {
	c := corewasm.Coded{Count: gs.keys.Len(), Bytes: gs.keys.Bytes()}
	if len(gs.rolled) == 0 {
		return c
	}
	c.Bytes = make([]byte, 0, len(c.Bytes))
	for i := range c.Count {
		b, ok := gs.rolled[i]
		if !ok {
			b = gs.keys.At(i)
		}
		c.Bytes = append(c.Bytes, b...)
	}
	return c
}

// Closure returns the type section of a module that has a value type of module m and nothing else, and the type there. It
// consists of the recursion groups that the type refers to.
func Closure(m *corewasm.Module, t corewasm.ValType) (corewasm.Coded, corewasm.ValType, error) {
	if !t.IsRef() || t.Heap < 0 {
		return corewasm.Coded{}, t, nil
	}
	groupOf := func(i uint32) int {
		return sort.Search(m.NumGroups(), func(at int) bool { _, end := m.GroupTypes(at); return i < end })
	}
	last := groupOf(uint32(t.Heap))
	used := make([]bool, last+1)
	used[last] = true
	for at := last; at >= 0; at-- { // a group only refers to itself and to earlier ones
		for g, k := m.GroupAt(at), 0; used[at] && k < g.N; k++ {
			if _, err := Renumber(g.At(k), func(i uint32) (uint32, error) { used[groupOf(i)] = true; return i, nil }); err != nil {
				return corewasm.Coded{}, t, err
			}
		}
	}
	gs, numbers := NewSection(0), map[uint32]uint32{}
	number := func(i uint32) (uint32, error) { return numbers[i], nil }
	for at := range used {
		if !used[at] {
			continue
		}
		g := m.GroupAt(at)
		n, _, err := gs.Add(g, number)
		if err != nil {
			return corewasm.Coded{}, t, err
		}
		for k := range uint32(g.N) {
			numbers[g.First+k] = n + k
		}
	}
	t.Heap = corewasm.HeapType(numbers[uint32(t.Heap)])
	return gs.Section(), t, nil
}

// Renumber returns a type with other type indices. The result shares no memory with t.
func Renumber(t *corewasm.SubType, number func(uint32) (uint32, error)) (corewasm.SubType, error) {
	var err error
	index := func(i uint32) uint32 {
		n := i
		if err == nil {
			n, err = number(i)
		}
		return n
	}
	val := func(t corewasm.ValType) corewasm.ValType {
		if t.IsRef() && t.Heap >= 0 {
			t.Heap = corewasm.HeapType(index(uint32(t.Heap)))
		}
		return t
	}
	vals := func(ts []corewasm.ValType) []corewasm.ValType {
		out := slices.Clone(ts)
		for i, t := range out {
			out[i] = val(t)
		}
		return out
	}
	out := *t
	out.Supers, out.Fields = slices.Clone(t.Supers), slices.Clone(t.Fields)
	for i, s := range out.Supers {
		out.Supers[i] = index(s)
	}
	out.Func = corewasm.FuncType{Params: vals(t.Func.Params), Results: vals(t.Func.Results)}
	for i, f := range out.Fields {
		out.Fields[i].Storage = val(f.Storage)
	}
	return out, err
}

// refersToTypes reports whether a group has type indices.
func refersToTypes(g corewasm.Group) (refers bool) {
	for k := range g.N {
		g.At(k).EachIndex(func(uint32) { refers = true })
	}
	return refers
}
