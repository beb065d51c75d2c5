// This file implements the index spaces in which a world is written, and the names of types in them.

package worldtype

import (
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// block is a growing list of definitions or declarators with its index spaces.
type block struct {
	defs   *[]component.Def
	spaces component.IndexSpaces
}

// add appends a definition and returns the index it defines.
func (b *block) add(d component.Def) uint32 {
	*b.defs = append(*b.defs, d)
	_, first, _ := b.spaces.Add(d)
	return first
}

// instRef is an instance: an index, or an export of another instance that is aliased when it is first needed.
type instRef struct {
	made   bool
	index  uint32
	parent *instRef
	name   string
}

func (b *block) instance(r *instRef) uint32 {
	if !r.made {
		parent := b.instance(r.parent)
		r.index = b.add(&component.Alias{Sort: component.SortInstance, Target: component.AliasExport, Instance: parent, Name: r.name})
		r.made = true
	}
	return r.index
}

// typeRef is a named type: an index, or an export of an instance that is aliased when it is first needed.
type typeRef struct {
	made  bool
	index uint32
	inst  *instRef
	name  string
}

func (b *block) typ(r *typeRef) uint32 {
	if !r.made {
		inst := b.instance(r.inst)
		r.index = b.add(&component.Alias{Sort: component.SortType, Target: component.AliasExport, Instance: inst, Name: r.name})
		r.made = true
	}
	return r.index
}

// names are the names of one type in a scope. A type can be both the export of an instance and an import or export of
// the scope itself (WIT: `use` in a world). Other instances refer to the former, the scope's own items to the latter.
type names struct{ own, inst *typeRef }

// add records a name, and reports whether it is the first of its kind.
func (n *names) add(r *typeRef) bool {
	switch {
	case r.inst == nil && n.own == nil:
		n.own = r
	case r.inst != nil && n.inst == nil:
		n.inst = r
	default:
		return false
	}
	return true
}

func (n *names) forScope() *typeRef {
	if n.own != nil {
		return n.own
	}
	return n.inst
}

func (n *names) forInstances() *typeRef {
	if n.inst != nil {
		return n.inst
	}
	return n.own
}

// scope converts resolved types to type indices in one block. Named types keep their names wherever they are used;
// others are defined structurally, once each.
type scope struct {
	*block
	parent *scope // of an instance type; its types are reached by outer aliases
	shim   *shim  // of a shim component; types around it are reached by imports
	// types has the names of types by identity, including resource types. res has the names of resource types whatever
	// their identity.
	types map[*ctypes.Type]*names
	res   map[*ctypes.Resource]*names
	// near has the first of the new names that the scope gives to types; see rename.
	near map[*ctypes.Type]*names
	// of has the types that named types rename, in all scopes of a world, where the types themselves do not record it.
	of map[*ctypes.Type]*ctypes.Type
	// order lists the keys of types in order of naming.
	order  []*ctypes.Type
	plain  map[*ctypes.Type]uint32 // types without a name, written with the current names in the scope
	defs   map[string]uint32       // type definitions by their content
	outers map[[2]uint32]uint32    // outer aliases by count and index
	// declared are the resource types that items of the scope, or of instance types in it, declare as new ones.
	declared []*ctypes.Resource
	// exports reports whether the scope describes what exists: a resource type in it is never a new one.
	exports bool
	// missingType, if not nil, supplies a record, variant, enum or flags type that has no name in the scope;
	// missingResource supplies a resource type.
	missingType     func(*ctypes.Type) uint32
	missingResource func(*ctypes.Resource) (uint32, error)
	err             error
}

func newScope(b *block, parent *scope, of map[*ctypes.Type]*ctypes.Type) *scope {
	return &scope{block: b, parent: parent, types: map[*ctypes.Type]*names{}, res: map[*ctypes.Resource]*names{},
		near: map[*ctypes.Type]*names{}, plain: map[*ctypes.Type]uint32{}, defs: map[string]uint32{},
		outers: map[[2]uint32]uint32{}, of: of, exports: parent != nil && parent.exports}
}

func (s *scope) nameType(t *ctypes.Type, r *typeRef) {
	if t == nil || t.Shared() {
		return
	}
	n := s.types[t]
	if n == nil {
		n = &names{}
		s.types[t] = n
	}
	if n.own == nil && n.inst == nil {
		s.order = append(s.order, t)
	}
	s.addName(n, r)
}

// addName adds a name of a type. Types that use the type are written with that name from then on.
func (s *scope) addName(n *names, r *typeRef) {
	if n.add(r) && len(s.plain) > 0 {
		s.plain = map[*ctypes.Type]uint32{} // not cleared, which would take as long as the map has ever been large
	}
}

// nameResource names a resource type; ident may be nil.
func (s *scope) nameResource(t *ctypes.Resource, ident *ctypes.Type, r *typeRef) {
	n := s.res[t]
	if n == nil {
		n = &names{}
		s.res[t] = n
	}
	s.addName(n, r)
	s.nameType(ident, r)
}

// rename records r as a new name of the types that the type with identity t renames: of, and those that of renames.
func (s *scope) rename(t, of *ctypes.Type, r *typeRef) {
	if s.near[t] == nil {
		s.near[t] = &names{}
	}
	s.near[t].add(r)
	if of == nil || t == of {
		return
	}
	s.of[t] = of
	s.renamings(of, func(u *ctypes.Type) bool {
		if s.near[u] != nil || u.Shared() {
			return true // then all types that it renames have names too
		}
		s.near[u] = &names{}
		s.near[u].add(r)
		return false
	})
}

// find returns the index of the type selected by key among those with a name in the scope, or else around it.
func (s *scope) find(key func(*scope) *ctypes.Type) (uint32, bool) {
	for out, p := uint32(0), s; p != nil; out, p = out+1, p.parent {
		if t := key(p); t != nil {
			r := p.named(t).forInstances()
			if out == 0 {
				r = p.named(t).forScope()
			}
			return s.outer(out, p.typ(r)), true
		}
		if p.shim == nil {
			continue
		}
		if t := key(p.shim.outer); t != nil {
			return s.outer(out, p.shim.outside(t)), true
		}
	}
	return 0, false
}

// named returns the names of a type in the scope, or else its new ones.
func (s *scope) named(t *ctypes.Type) *names {
	if n := s.types[t]; n != nil {
		return n
	}
	return s.near[t]
}

// findType returns the index of a type that has a name here or in an enclosing scope.
func (s *scope) findType(t *ctypes.Type) (uint32, bool) {
	return s.find(func(p *scope) *ctypes.Type {
		if p.types[t] == nil {
			return nil
		}
		return t
	})
}

// findUse is findType for a use of a type inside another type or in a function. Any name of the type in the scope takes
// precedence over names in enclosing scopes, which WIT cannot express there.
func (s *scope) findUse(t *ctypes.Type) (uint32, bool) {
	return s.find(func(p *scope) (found *ctypes.Type) {
		p.renamings(t, func(u *ctypes.Type) bool {
			if p.named(u) != nil {
				found = u
			}
			return found != nil
		})
		return found
	})
}

// findEqual returns the index of a type with another identity and the same structure.
func (s *scope) findEqual(t *ctypes.Type) (uint32, bool) {
	return s.find(func(p *scope) *ctypes.Type {
		for _, u := range p.order {
			if u.Kind == t.Kind && ctypes.Equal(t, u) {
				return u
			}
		}
		return nil
	})
}

// findResource returns the index of any name of a resource type here or in an enclosing scope.
func (s *scope) findResource(r *ctypes.Resource) (uint32, bool) {
	for out, p := uint32(0), s; p != nil; out, p = out+1, p.parent {
		n := p.res[r]
		switch {
		case n == nil:
		case out == 0:
			return s.typ(n.forScope()), true
		default:
			return s.outer(out, p.typ(n.forInstances())), true
		}
	}
	return 0, false
}

// maxRenamings limits how many renamings of a type are followed. A type with more is written as a new one.
const maxRenamings = 1000

// renamings calls f for a type and those that it renames, nearest first, until f returns true.
func (s *scope) renamings(t *ctypes.Type, f func(*ctypes.Type) bool) bool {
	for n := 0; t != nil && n < maxRenamings; n++ {
		if f(t) {
			return true
		}
		if of, ok := s.of[t]; ok {
			t = of
		} else {
			t = t.Of
		}
	}
	return false
}

// findRenamed is findType for the nearest renamed type that has a name.
func (s *scope) findRenamed(t *ctypes.Type) (i uint32, ok bool) {
	return i, s.renamings(t, func(t *ctypes.Type) bool {
		i, ok = s.findType(t)
		return ok
	})
}

// outer returns the index of a type in the enclosing scope that is out scopes further out.
func (s *scope) outer(out, index uint32) uint32 {
	if out == 0 {
		return index
	}
	i, ok := s.outers[[2]uint32{out, index}]
	if !ok {
		i = s.add(&component.Alias{Sort: component.SortType, Target: component.AliasOuter, Outer: out, Index: index})
		s.outers[[2]uint32{out, index}] = i
	}
	return i
}

// typeIndex returns the index of a value type.
func (s *scope) typeIndex(t *ctypes.Type) uint32 {
	if i, ok := s.findUse(t); ok {
		return i
	}
	if i, ok := s.plain[t]; ok {
		return i
	}
	if t.NeedsName() {
		// A function may be lifted with one definition of a type and exported under another, equal one.
		if i, ok := s.findEqual(t); ok {
			return i
		}
		for out, p := uint32(0), s; p != nil; out, p = out+1, p.parent {
			switch {
			case p.missingType == nil:
			case out == 0:
				return p.missingType(t)
			default:
				return s.outer(out, p.typeIndex(t))
			}
		}
	}
	d := s.structure(t)
	i := s.define(valKey(d), d)
	s.plain[t] = i
	return i
}

// resource returns the index of a resource type that is used under the name ident, which may be nil.
func (s *scope) resource(r *ctypes.Resource, ident *ctypes.Type) uint32 {
	if i, ok := s.findUse(ident); ok {
		return i
	}
	if i, ok := s.findResource(r); ok {
		return i
	}
	for out, p := uint32(0), s; p != nil; out, p = out+1, p.parent {
		if p.shim != nil {
			if i, ok := p.shim.around(r); ok {
				return s.outer(out, i)
			}
		}
	}
	return s.suppliedResource(r)
}

// suppliedResource returns the index of a resource type that the source of the exports supplies.
func (s *scope) suppliedResource(r *ctypes.Resource) uint32 {
	for out, p := uint32(0), s; p != nil; out, p = out+1, p.parent {
		if p.missingResource == nil {
			continue
		}
		i, err := p.missingResource(r)
		if err != nil {
			s.fail(err)
		}
		return s.outer(out, i)
	}
	s.fail(errResource(r))
	return 0
}

// fail keeps the first error of the outermost scope.
func (s *scope) fail(err error) {
	for s.parent != nil {
		s = s.parent
	}
	if s.err == nil {
		s.err = err
	}
}

// use returns a use of a value type, nil for nil.
func (s *scope) use(t *ctypes.Type) *component.ValType {
	if t == nil {
		return nil
	}
	if t.Kind <= ctypes.ErrorContext {
		if i, named := s.findUse(t); named {
			return &component.ValType{Index: i}
		}
		return &component.ValType{Prim: prims[t.Kind]}
	}
	return &component.ValType{Index: s.typeIndex(t)}
}

var prims = [...]component.Prim{
	ctypes.Bool: component.PrimBool, ctypes.S8: component.PrimS8, ctypes.U8: component.PrimU8, ctypes.S16: component.PrimS16,
	ctypes.U16: component.PrimU16, ctypes.S32: component.PrimS32, ctypes.U32: component.PrimU32, ctypes.S64: component.PrimS64,
	ctypes.U64: component.PrimU64, ctypes.F32: component.PrimF32, ctypes.F64: component.PrimF64, ctypes.Char: component.PrimChar,
	ctypes.String: component.PrimString, ctypes.ErrorContext: component.PrimErrorContext,
}

var kinds = map[ctypes.Kind]component.ValKind{
	ctypes.Record: component.KindRecord, ctypes.Variant: component.KindVariant, ctypes.List: component.KindList,
	ctypes.FixedList: component.KindFixedList, ctypes.Tuple: component.KindTuple, ctypes.Flags: component.KindFlags,
	ctypes.Enum: component.KindEnum, ctypes.Option: component.KindOption, ctypes.Result: component.KindResult,
	ctypes.Own: component.KindOwn, ctypes.Borrow: component.KindBorrow, ctypes.Stream: component.KindStream,
	ctypes.Future: component.KindFuture, ctypes.Map: component.KindMap,
}

// fresh defines a value type that is about to be named: equal types under different names need different definitions.
func (s *scope) fresh(t *ctypes.Type) uint32 { return s.add(&component.Type{Def: s.structure(t)}) }

// structure writes a value type structurally, even if the type has a name.
func (s *scope) structure(t *ctypes.Type) *component.ValDef {
	d := &component.ValDef{Kind: kinds[t.Kind], Labels: t.Labels, Len: t.Len, Elem: s.use(t.Elem), Err: s.use(t.Err), Key: s.use(t.Key)}
	if t.Kind <= ctypes.ErrorContext {
		d.Kind, d.Prim = component.KindPrim, prims[t.Kind]
	}
	d.Fields = s.fields(t.Fields)
	for _, u := range t.Types {
		d.Types = append(d.Types, *s.use(u))
	}
	if t.Resource != nil {
		d.Resource = s.resource(t.Resource, t.Ident)
	}
	return d
}

func (s *scope) fields(fs []ctypes.Field) []component.Field {
	var out []component.Field
	for _, f := range fs {
		out = append(out, component.Field{Label: f.Label, Type: s.use(f.Type)})
	}
	return out
}

// funcType returns the index of a function type.
func (s *scope) funcType(f *ctypes.Func) uint32 {
	d := &component.FuncDef{Async: f.Async, Params: s.fields(f.Params), Result: s.use(f.Result)}
	return s.define(funcKey(d), d)
}

// define adds a type definition unless the scope has the same one.
func (s *scope) define(key string, d component.TypeDef) uint32 {
	if i, ok := s.defs[key]; ok {
		return i
	}
	i := s.add(&component.Type{Def: d})
	s.defs[key] = i
	return i
}

// valKey and funcKey spell out a definition: in one scope, equal keys mean equal definitions.
func valKey(d *component.ValDef) string {
	var b keyBuilder
	b.num(uint32(d.Kind), uint32(d.Prim), d.Len, d.Resource)
	b.fields(d.Fields)
	b.num(uint32(len(d.Labels)))
	for _, l := range d.Labels {
		b.text(l)
	}
	b.use(d.Elem)
	b.use(d.Err)
	b.use(d.Key)
	for i := range d.Types {
		b.use(&d.Types[i])
	}
	return b.String()
}

func funcKey(d *component.FuncDef) string {
	var b keyBuilder
	if d.Async {
		b.WriteByte('a')
	}
	b.WriteByte('f')
	b.fields(d.Params)
	b.use(d.Result)
	return b.String()
}

type keyBuilder struct{ strings.Builder }

func (b *keyBuilder) num(vs ...uint32) {
	for _, v := range vs {
		b.WriteString(strconv.FormatUint(uint64(v), 36))
		b.WriteByte(' ')
	}
}

func (b *keyBuilder) text(s string) { b.WriteString(strconv.Quote(s)) }

func (b *keyBuilder) use(v *component.ValType) {
	if v == nil {
		b.WriteByte('-')
		return
	}
	b.num(uint32(v.Prim), v.Index)
}

func (b *keyBuilder) fields(fs []component.Field) {
	b.num(uint32(len(fs)))
	for _, f := range fs {
		b.text(f.Label)
		b.use(f.Type)
	}
}
