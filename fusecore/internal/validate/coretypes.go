package validate

import (
	"encoding/binary"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// coreTypeID names a core type up to equality: recursion groups that are equal by the core specification's rule ("Type
// equivalence": the same after rolling up) get the same IDs, whichever module or component they come from.
type coreTypeID int

// coreTypes interns core types. In an interned type, type indices of the heap types and supertypes are coreTypeIDs.
type coreTypes struct {
	types  []corewasm.SubType
	depths []int                 // of the declared supertypes above each type
	groups map[string]coreTypeID // rolled-up group to the ID of its first type
}

// intern gives the IDs of a recursion group's types; space is the index space the group stands in, without the group.
func (c *coreTypes) intern(g corewasm.Group, space []coreEntry) ([]coreTypeID, error) {
	if c.groups == nil {
		c.groups = map[string]coreTypeID{}
	}
	r := roller{space: space, n: g.N}
	for i := range g.N {
		r.sub(g.At(i), len(space)+i)
	}
	if r.err != nil {
		return nil, r.err
	}
	key := string(r.key)
	first, ok := c.groups[key]
	if !ok {
		first = coreTypeID(len(c.types))
		if err := c.define(g, first, space); err != nil {
			return nil, err
		}
		c.groups[key] = first
	}
	ids := make([]coreTypeID, g.N)
	for i := range ids {
		ids[i] = first + coreTypeID(i)
	}
	return ids, nil
}

// define adds a group's types with their indices replaced by IDs and checks their declared supertypes.
func (c *coreTypes) define(g corewasm.Group, first coreTypeID, space []coreEntry) error {
	id := func(i uint32) coreTypeID {
		if int64(i) >= int64(len(space)) {
			return first + coreTypeID(int64(i)-int64(len(space)))
		}
		return space[i].id
	}
	val := func(t corewasm.ValType) corewasm.ValType {
		if t.IsRef() && t.Heap >= 0 {
			t.Heap = corewasm.HeapType(id(uint32(t.Heap)))
		}
		return t
	}
	for i := range g.N {
		s := *g.At(i)
		s.Func = corewasm.FuncType{Params: mapTypes(s.Func.Params, val), Results: mapTypes(s.Func.Results, val)}
		s.Fields = append([]corewasm.FieldType(nil), s.Fields...)
		for k := range s.Fields {
			s.Fields[k].Storage = val(s.Fields[k].Storage)
		}
		s.Supers = append([]uint32(nil), s.Supers...)
		for k := range s.Supers {
			s.Supers[k] = uint32(id(s.Supers[k]))
		}
		c.types, c.depths = append(c.types, s), append(c.depths, 0)
	}
	for i := range g.N {
		if err := c.checkSupers(first + coreTypeID(i)); err != nil {
			c.types, c.depths = c.types[:first], c.depths[:first]
			return err
		}
	}
	return nil
}

func mapTypes(ts []corewasm.ValType, f func(corewasm.ValType) corewasm.ValType) []corewasm.ValType {
	out := make([]corewasm.ValType, len(ts))
	for i, t := range ts {
		out[i] = f(t)
	}
	return out
}

// function gives the ID of a final function type that refers to no other type.
func (c *coreTypes) function(params, results []corewasm.ValType) coreTypeID {
	ft := corewasm.FuncType{Params: params, Results: results}
	g := &corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: ft}}}
	ids, err := c.intern(g.Group(0), nil)
	if err != nil {
		panic(err) // no index can be out of range
	}
	return ids[0]
}

// funcType gives an interned function type; ok is false when the type is no function.
func (c *coreTypes) funcType(id coreTypeID) (ft corewasm.FuncType, ok bool) {
	t := &c.types[id]
	return t.Func, t.Kind == corewasm.CompFunc
}

// roller writes a recursion group in a form that is the same for equal groups.
type roller struct {
	space []coreEntry
	n     int // types in the group
	key   []byte
	err   error
}

func (r *roller) num(n int) { r.key = binary.AppendVarint(r.key, int64(n)) }

// index writes a type index: relative to the group for its own types, else the ID.
func (r *roller) index(i uint32, limit int) {
	k := int64(i) - int64(len(r.space))
	switch {
	case k >= 0 && int64(i) < int64(limit):
		r.num(-1 - int(k))
	case k >= 0:
		r.fail("unknown type %d: type index out of bounds", i)
	case r.space[i].mod != nil:
		r.fail("type %d is a module type, not a type of core values", i)
	default:
		r.num(int(r.space[i].id))
	}
}

func (r *roller) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *roller) val(t corewasm.ValType) {
	r.key = append(r.key, t.Code)
	if !t.IsRef() {
		return
	}
	if t.Heap >= 0 {
		r.key = append(r.key, 1)
		r.index(uint32(t.Heap), len(r.space)+r.n)
	} else {
		r.key = append(r.key, 0)
		r.num(int(t.Heap))
	}
}

func (r *roller) vals(ts []corewasm.ValType) {
	r.num(len(ts))
	for _, t := range ts {
		r.val(t)
	}
}

// sub writes one type, whose index is at.
func (r *roller) sub(s *corewasm.SubType, at int) {
	final := byte(0)
	if s.Final {
		final = 1
	}
	r.key = append(r.key, byte(s.Kind), final)
	if len(s.Supers) > 1 {
		r.fail("a type can have at most one supertype, found %d", len(s.Supers))
	}
	r.num(len(s.Supers))
	for _, i := range s.Supers {
		r.index(i, at) // a supertype must come before its subtype
	}
	switch s.Kind {
	case corewasm.CompFunc:
		r.vals(s.Func.Params)
		r.vals(s.Func.Results)
	default:
		r.num(len(s.Fields))
		for _, f := range s.Fields {
			mut := byte(0)
			if f.Mutable {
				mut = 1
			}
			r.key = append(r.key, mut)
			r.val(f.Storage)
		}
	}
}

// checkSupers checks a type against its declared supertype (core specification, "Sub Types").
func (c *coreTypes) checkSupers(id coreTypeID) error {
	s := &c.types[id]
	for _, i := range s.Supers {
		super := &c.types[i]
		if c.depths[id] = c.depths[i] + 1; c.depths[id] > limits.SubtypeDepth {
			return fmt.Errorf("declared supertypes are nested too deeply: the limit is %d", limits.SubtypeDepth)
		}
		if super.Final {
			return fmt.Errorf("a type cannot extend a final type")
		}
		if s.Kind != super.Kind || !c.extends(s, super) {
			return fmt.Errorf("a type must match its declared supertype")
		}
	}
	return nil
}

func (c *coreTypes) extends(s, super *corewasm.SubType) bool {
	if s.Kind == corewasm.CompFunc {
		return c.allMatch(super.Func.Params, s.Func.Params) && c.allMatch(s.Func.Results, super.Func.Results)
	}
	if len(s.Fields) < len(super.Fields) || s.Kind == corewasm.CompArray && len(s.Fields) != len(super.Fields) {
		return false
	}
	for i, want := range super.Fields {
		got := s.Fields[i]
		if got.Mutable != want.Mutable || !c.matches(got.Storage, want.Storage) {
			return false
		}
		if got.Mutable && !c.matches(want.Storage, got.Storage) {
			return false
		}
	}
	return true
}

func (c *coreTypes) allMatch(as, bs []corewasm.ValType) bool {
	if len(as) != len(bs) {
		return false
	}
	for i := range as {
		if !c.matches(as[i], bs[i]) {
			return false
		}
	}
	return true
}

// matches says whether interned value type a is a subtype of b.
func (c *coreTypes) matches(a, b corewasm.ValType) bool {
	if a == b {
		return true
	}
	if !a.IsRef() || !b.IsRef() {
		return false
	}
	if a.Code == corewasm.CodeRefNull && b.Code == corewasm.CodeRef {
		return false
	}
	return c.heapMatches(a.Heap, b.Heap)
}

// heapSupers gives each abstract heap type's direct supertype.
var heapSupers = map[corewasm.HeapType]corewasm.HeapType{
	corewasm.HeapI31: corewasm.HeapEq, corewasm.HeapStruct: corewasm.HeapEq, corewasm.HeapArray: corewasm.HeapEq,
	corewasm.HeapEq: corewasm.HeapAny,
}

// heapBottoms gives the bottom type of each abstract heap type's hierarchy.
func heapBottom(h corewasm.HeapType) corewasm.HeapType {
	switch h {
	case corewasm.HeapFunc, corewasm.HeapNoFunc:
		return corewasm.HeapNoFunc
	case corewasm.HeapExtern, corewasm.HeapNoExtern:
		return corewasm.HeapNoExtern
	case corewasm.HeapExn, corewasm.HeapNoExn:
		return corewasm.HeapNoExn
	}
	return corewasm.HeapNone
}

func (c *coreTypes) abstract(h corewasm.HeapType) corewasm.HeapType {
	if h < 0 {
		return h
	}
	switch c.types[h].Kind {
	case corewasm.CompFunc:
		return corewasm.HeapFunc
	case corewasm.CompStruct:
		return corewasm.HeapStruct
	}
	return corewasm.HeapArray
}

func (c *coreTypes) heapMatches(a, b corewasm.HeapType) bool {
	if a == b {
		return true
	}
	if a < 0 && a == heapBottom(a) {
		return heapBottom(c.abstract(b)) == a
	}
	if a >= 0 && b >= 0 {
		return c.idMatches(coreTypeID(a), coreTypeID(b))
	}
	if b >= 0 {
		return false
	}
	for h, ok := c.abstract(a), true; ok; h, ok = heapSupers[h] {
		if h == b {
			return true
		}
	}
	return false
}

// idMatches says whether a is b or declares it, through any number of steps, as its supertype.
func (c *coreTypes) idMatches(a, b coreTypeID) bool {
	for a != b {
		supers := c.types[a].Supers
		if len(supers) == 0 || supers[0] >= uint32(a) {
			return false
		}
		a = coreTypeID(supers[0])
	}
	return true
}
