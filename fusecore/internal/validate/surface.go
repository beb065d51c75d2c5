// This file implements surfaces of validated components.

package validate

import (
	"iter"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// Surface has the imports and exports of a valid component, with the identities of types: which import or export
// renames a type of which other. WIT shows this as `use`; nothing at run time depends on it.
type Surface struct {
	Imports, Exports Externs

	core  *coreTypes
	types map[*typ]*ctypes.Type
	funcs map[*funcType]*ctypes.Func
	res   map[*resource]*ctypes.Resource
	all   []*ctypes.Type
}

// Surface validates a component and returns its surface.
func (o Options) Surface(c *component.Component) (*Surface, error) {
	v := o.validator()
	ct, err := v.root(c)
	if err != nil {
		return nil, err
	}
	s := &Surface{core: &v.core, types: map[*typ]*ctypes.Type{}, funcs: map[*funcType]*ctypes.Func{}, res: map[*resource]*ctypes.Resource{}}
	s.Imports, s.Exports = Externs{s, &ct.imports}, Externs{s, &ct.exports}
	return s, nil
}

// Externs are the imports or exports of a surface, or the exports of an instance in it.
type Externs struct {
	s  *Surface
	in *items
}

// Get returns the import or export with a name.
func (x Externs) Get(name string) (Extern, bool) {
	if x.in == nil {
		return Extern{}, false
	}
	e, ok := x.in.get(name)
	return Extern{x.s, e}, ok
}

// Near is like Get for a name that is probably the one at position i, where it is found without an index of all names.
func (x Externs) Near(i int, name string) (Extern, bool) {
	if x.in != nil && i < len(x.in.list) && x.in.list[i].name == name {
		return Extern{x.s, x.in.list[i].ent}, true
	}
	return x.Get(name)
}

// All ranges over the names in order, with the import or export of each.
func (x Externs) All() iter.Seq2[string, Extern] {
	return func(yield func(string, Extern) bool) {
		if x.in == nil {
			return
		}
		for i := range x.in.list {
			if it := &x.in.list[i]; !yield(it.name, Extern{x.s, it.ent}) {
				return
			}
		}
	}
}

// Extern is one import or export. Equal ones have the same type with the same identities.
type Extern struct {
	s *Surface
	e entity
}

// Sort returns the sort of the item. Core items are modules.
func (x Extern) Sort() component.Sort { return entSorts[x.e.kind] }

// Func returns the type of a function, or nil for other sorts.
func (x Extern) Func() *ctypes.Func {
	if x.e.kind != entFunc {
		return nil
	}
	return x.s.fn(x.e.fn)
}

// Type returns the identity of a value type or (ctypes.ResourceType) resource type, or nil for other sorts.
func (x Extern) Type() *ctypes.Type {
	if x.e.kind != entType || x.e.typ.kind != kindValue && x.e.typ.kind != kindResource {
		return nil
	}
	return x.s.typ(x.e.typ)
}

// Of returns the type that a type item renames, or nil if that is unknown.
func (x Extern) Of() *ctypes.Type {
	if x.Type() == nil || x.e.ref == nil {
		return nil
	}
	return x.s.typ(x.e.ref)
}

// Named returns what a type of functions, instances or components is the type of. ok is false for other types and other
// sorts.
func (x Extern) Named() (named Extern, ok bool) {
	if x.e.kind != entType {
		return x, false
	}
	switch t := x.e.typ; t.kind {
	case kindFunc:
		named.e = entity{kind: entFunc, fn: t.fn}
	case kindInstance:
		named.e = entity{kind: entInstance, inst: t.inst}
	case kindComponent:
		named.e = entity{kind: entComponent, comp: t.comp}
	default:
		return x, false
	}
	named.s = x.s
	return named, true
}

// Component returns the imports and exports of a component; both are empty for other sorts.
func (x Extern) Component() (imports, exports Externs) {
	if x.e.kind != entComponent {
		return imports, exports
	}
	return Externs{x.s, &x.e.comp.imports}, Externs{x.s, &x.e.comp.exports}
}

// Items returns the exports of an instance; it is empty for other sorts.
func (x Extern) Items() Externs {
	if x.e.kind != entInstance {
		return Externs{}
	}
	return Externs{x.s, &x.e.inst.exports}
}

// Bind replaces the resource types, which are specific to the surface, in all types returned so far.
func (s *Surface) Bind(to map[*ctypes.Resource]*ctypes.Resource) {
	for _, t := range s.all {
		if r, ok := to[t.Resource]; ok {
			t.Resource = r
		}
	}
}

var surfaceKinds = map[component.ValKind]ctypes.Kind{
	component.KindRecord: ctypes.Record, component.KindVariant: ctypes.Variant, component.KindList: ctypes.List,
	component.KindFixedList: ctypes.FixedList, component.KindTuple: ctypes.Tuple, component.KindFlags: ctypes.Flags,
	component.KindEnum: ctypes.Enum, component.KindOption: ctypes.Option, component.KindResult: ctypes.Result,
	component.KindOwn: ctypes.Own, component.KindBorrow: ctypes.Borrow, component.KindStream: ctypes.Stream,
	component.KindFuture: ctypes.Future, component.KindMap: ctypes.Map,
}

func (s *Surface) typ(t *typ) *ctypes.Type {
	if t == nil {
		return nil
	}
	if t.kind == kindValue && t.val.kind == component.KindPrim && t == primTypes[t.val.prim] {
		return ctypes.Prims[ctypes.PrimKind(t.val.prim)]
	}
	if out, ok := s.types[t]; ok {
		return out
	}
	out := &ctypes.Type{}
	s.types[t] = out
	s.all = append(s.all, out)
	// A loop, because a component can make a chain of renamings arbitrarily long.
	for at := out; ; {
		s.fill(at, t)
		if t = t.of; t == nil {
			return out
		}
		next, known := s.types[t]
		if !known {
			next = &ctypes.Type{}
			s.types[t] = next
			s.all = append(s.all, next)
		}
		if at.Of = next; known {
			return out
		}
		at = next
	}
}

// fill converts a type without its chain of renamings.
func (s *Surface) fill(out *ctypes.Type, t *typ) {
	if t.kind == kindResource {
		out.Kind, out.Resource = ctypes.ResourceType, s.resource(t.res)
		return
	}
	v := t.val
	out.Labels, out.Len = v.labels, v.len
	out.Elem, out.Err, out.Key, out.Fields = s.typ(v.elem), s.typ(v.err), s.typ(v.key), s.fields(v.fields)
	for _, p := range v.types {
		out.Types = append(out.Types, s.typ(p))
	}
	if out.Kind = surfaceKinds[v.kind]; v.kind == component.KindPrim {
		out.Kind = ctypes.PrimKind(v.prim)
	}
	if v.resource != nil {
		out.Ident, out.Resource = s.typ(v.resource), s.resource(v.resource.res)
	}
}

func (s *Surface) fields(fs []field) []ctypes.Field {
	var out []ctypes.Field
	for _, f := range fs {
		out = append(out, ctypes.Field{Label: f.label, Type: s.typ(f.t)})
	}
	return out
}

func (s *Surface) fn(f *funcType) *ctypes.Func {
	out, ok := s.funcs[f]
	if !ok {
		out = &ctypes.Func{Async: f.async, Params: s.fields(f.params), Result: s.typ(f.result)}
		s.funcs[f] = out
	}
	return out
}

func (s *Surface) resource(r *resource) *ctypes.Resource {
	out, ok := s.res[r]
	if !ok {
		out = &ctypes.Resource{Name: r.name}
		s.res[r] = out
	}
	return out
}
