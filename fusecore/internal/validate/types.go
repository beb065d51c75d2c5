// This file implements the representation of types.

package validate

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// kind is the kind of a type definition.
type kind uint8

const (
	kindValue kind = iota
	kindFunc
	kindInstance
	kindComponent
	kindResource
)

var kindNames = [...]string{"defined type", "function type", "instance type", "component type", "resource"}

func (k kind) String() string { return kindNames[k] }

// info summarises everything that a type refers to. It is computed when the type is created.
type info struct {
	size  int  // number of nodes as a tree; at most maxTypeSize
	depth int  // of nesting; at most maxTypeDepth
	ident bool // substitution or external visibility depends on some node's identity or resource
}

// add accounts for a part that a type refers to.
func (i *info) add(part info) {
	if i.size += part.size; i.size > maxTypeSize {
		i.size = maxTypeSize + 1 // saturates, so that sums never overflow
	}
	i.depth = max(i.depth, part.depth+1)
	i.ident = i.ident || part.ident
}

// typ is a type definition in an index space. Its pointer is its identity: external visibility is a property of
// identities, since importing or exporting a type creates a new one with the same meaning. Equality is structural.
type typ struct {
	info
	kind kind
	val  *valType
	fn   *funcType
	inst *instanceType
	comp *componentType
	res  *resource
	// of is the type from which an import or export created this one. It is nil for a definition, and if substitution
	// changed the type.
	of *typ
}

// renamed returns the same type with a new identity, as created by an import or export. Substitution replaces it by the
// type supplied under its name, even if it is a primitive type.
func (t *typ) renamed() *typ {
	c := *t
	c.of, c.ident = t, true
	return &c
}

// resource is a resource type: an abstract type variable, or a definition in the component being validated.
type resource struct {
	name     string // for messages; may be empty
	owner    *scope // the scope that introduced it
	imported bool   // the owner imports it
	local    bool   // the owner defines it, with rep
	rep      corewasm.ValType
}

// valType is the structure of a value type. Parts are identities; fields are used as in component.ValDef.
type valType struct {
	kind     component.ValKind
	prim     component.Prim
	fields   []field
	labels   []string
	elem     *typ
	err      *typ
	key      *typ
	types    []*typ
	len      uint32
	resource *typ // of kindResource

	borrow  bool            // contains a borrow
	pointer bool            // contains a string, list or map, so lowering it needs a memory
	layouts [2]*cabi.Layout // in 32- and 64-bit memories, see layout
}

type field struct {
	label string
	t     *typ // nil for a case without payload
}

// funcType is a function type.
type funcType struct {
	info
	async  bool
	params []field
	result *typ
}

// entKind is the sort of an item that is imported, exported or passed.
type entKind uint8

const (
	entFunc entKind = iota
	entType
	entInstance
	entComponent
	entModule
)

var entNames = [...]string{"func", "type", "instance", "component", "module"}

var entSorts = [...]component.Sort{component.SortFunc, component.SortType, component.SortInstance, component.SortComponent, component.SortCore}

func (k entKind) String() string { return entNames[k] }

// entity is the type of an item.
type entity struct {
	kind entKind
	fn   *funcType
	typ  *typ // entType: the identity that the item introduces
	ref  *typ // entType: the type that typ renames, or nil
	inst *instanceType
	comp *componentType
	mod  *moduleType
}

// meaning returns the type that a type item names.
func (e entity) meaning() *typ {
	if e.ref != nil {
		return e.ref
	}
	return e.typ
}

func (e entity) info() info {
	switch e.kind {
	case entFunc:
		return e.fn.info
	case entType:
		i := e.typ.info
		i.ident = true
		return i
	case entInstance:
		return e.inst.info
	case entComponent:
		return e.comp.info
	default:
		return e.mod.info
	}
}

// item is a named entity.
type item struct {
	name string
	ent  entity
}

// items is an ordered map from names to entities.
type items struct {
	list []item
	at   map[string]int // see index
}

// index returns the positions of names, which few items are asked for.
func (m *items) index() map[string]int {
	if m.at == nil {
		m.at = make(map[string]int, len(m.list))
		for i := range m.list {
			m.at[m.list[i].name] = i
		}
	}
	return m.at
}

func (m *items) get(name string) (entity, bool) {
	i, ok := m.index()[name]
	if !ok {
		return entity{}, false
	}
	return m.list[i].ent, true
}

func (m *items) add(name string, e entity) {
	if m.at != nil {
		m.at[name] = len(m.list)
	}
	m.list = append(m.list, item{name, e})
}

func (m *items) info() (i info) {
	i.size = 1
	for k := range m.list {
		i.add(m.list[k].ent.info())
	}
	return i
}

// instanceType is the type of an instance. A declared instance type binds the resources that it introduces. The type of
// an actual instance binds none; its resources belong to the scope that contains the instance.
type instanceType struct {
	info
	exports items
	bound   []*resource
}

// componentType is the type of a component: for all imported resources there are defined resources such that
// instantiation with the imports yields the exports.
type componentType struct {
	info
	imports  items
	exports  items
	exported info // of exports
	imported []*resource
	defined  []*resource
}

// primTypes are the identities of primitive types used directly.
var primTypes = func() map[component.Prim]*typ {
	m := map[component.Prim]*typ{}
	for p := component.PrimErrorContext; p <= component.PrimBool; p++ {
		if p.Valid() {
			m[p] = newValType(&valType{kind: component.KindPrim, prim: p})
			m[p].val.layout(false) // both are computed here, because validations share these types
			m[p].val.layout(true)
		}
	}
	return m
}()

// newValType computes the info of a value type.
func newValType(v *valType) *typ {
	t := &typ{kind: kindValue, val: v, info: info{size: 1}}
	for _, p := range v.parts() {
		if p.kind == kindResource { // a handle is one node
			continue
		}
		t.add(p.info)
		if p.kind == kindValue {
			v.borrow = v.borrow || p.val.borrow
			v.pointer = v.pointer || p.val.pointer
		}
	}
	switch v.kind {
	case component.KindPrim:
		v.pointer = v.prim == component.PrimString
	case component.KindList, component.KindMap:
		v.pointer = true
	case component.KindStream, component.KindFuture:
		// The payload of a stream or future is copied by its own built-ins.
		v.pointer, v.borrow = false, false
	case component.KindBorrow:
		v.borrow = true
	}
	t.ident = t.ident || v.nameable() || v.resource != nil
	return t
}

// nameable reports whether uses of the type require an externally visible name (Explainer.md, "External Visibility of
// Types").
func (v *valType) nameable() bool {
	switch v.kind {
	case component.KindRecord, component.KindVariant, component.KindEnum, component.KindFlags:
		return true
	}
	return false
}

// parts lists the types that the type refers to directly.
func (v *valType) parts() []*typ {
	var ps []*typ
	for _, f := range v.fields {
		if f.t != nil {
			ps = append(ps, f.t)
		}
	}
	ps = append(ps, v.types...)
	for _, p := range []*typ{v.key, v.elem, v.err, v.resource} {
		if p != nil {
			ps = append(ps, p)
		}
	}
	return ps
}

// newFuncType computes the info of a function type.
func newFuncType(f *funcType) *funcType {
	f.info = info{size: 1}
	for _, p := range f.params {
		f.add(p.t.info)
	}
	if f.result != nil {
		f.add(f.result.info)
	}
	return f
}

// typeOf returns a type definition with a new identity.
func typeOf(def any) *typ {
	switch d := def.(type) {
	case *funcType:
		return &typ{kind: kindFunc, fn: d, info: d.info}
	case *instanceType:
		return &typ{kind: kindInstance, inst: d, info: d.info}
	case *componentType:
		return &typ{kind: kindComponent, comp: d, info: d.info}
	case *resource:
		return &typ{kind: kindResource, res: d, info: info{size: 1, ident: true}}
	}
	panic("validate: no type definition")
}
