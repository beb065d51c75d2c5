// This file implements the evaluation of definitions and types, in the index spaces of components and types.

package inspect

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
)

// maxDepth limits the depth of evaluation of nested components and types. Valid ones stay below it.
const maxDepth = 200

// maxItems limits the number of items that a description evaluates, because instance types may unfold to far more than
// the file contains.
const maxItems = 200_000

// typ is a type definition, or a resource type. Importing or exporting a type names it.
type typ struct {
	name  string // the latest name, or empty
	of    string // the interface that has it under that name, or empty
	used  string // its name in another interface that it was taken from, in WIT syntax, or empty
	def   component.TypeDef
	scope *scope // of def's indices
}

// instance has the exports of an instance.
type instance struct {
	exports []entry
	with    map[*typ]*typ // the types substituted for those that its component imports
}

// closed has the imports and exports of a component or a component type.
type closed struct{ imports, exports []entry }

// coreModule is a core module or a module type; only one is set.
type coreModule struct {
	def *component.CoreModule
	typ *component.ModuleType
}

// entry is an item with a name.
type entry struct {
	name string
	item item
}

// item is an item in an index space. Its kind determines which fields are set.
type item struct {
	kind component.ExternKind
	typ  *typ        // for functions and types
	inst *instance   // for instances
	comp *closed     // for components
	mod  *coreModule // for core modules
	val  *component.ValType
	at   *scope // the scope of val
}

// budget is what one description may still evaluate.
type budget struct{ items, depth int }

// enter increments the depth and reports whether that is allowed. The caller must call leave.
func (b *budget) enter() bool {
	b.depth++
	return b.depth <= maxDepth && b.items > 0
}

func (b *budget) leave() { b.depth-- }

// scope has the index spaces that a description needs, of a component or of a component or instance type.
type scope struct {
	outer    *scope
	budget   *budget
	space    component.Items[item]
	modTypes []*coreModule // among the core types
	closed
}

func newScope(outer *scope) *scope {
	s := &scope{outer: outer}
	if outer != nil {
		s.budget = outer.budget
	} else {
		s.budget = &budget{items: maxItems}
	}
	return s
}

// spend accounts for an item and reports whether there is room for it.
func (s *scope) spend() bool {
	s.budget.items--
	return s.budget.items >= 0
}

// pick returns an entry of an index space, or the zero value if the index is out of range, as in no valid component.
func pick[T any](space []T, i uint32) (zero T) {
	if int64(i) < int64(len(space)) {
		return space[i]
	}
	return zero
}

// define evaluates a definition.
func (s *scope) define(d component.Def) {
	if !s.spend() {
		return
	}
	switch d := d.(type) {
	case *component.CoreModule:
		s.bind(item{kind: component.ExternModule, mod: &coreModule{def: d}})
	case *component.CoreType:
		if d.Module != nil {
			s.modTypes = append(s.modTypes, &coreModule{typ: d.Module})
		} else if d.Rec != nil {
			s.modTypes = append(s.modTypes, make([]*coreModule, len(d.Rec.Types))...)
		}
	case *component.NestedComponent:
		s.bind(item{kind: component.ExternComponent, comp: &s.component(d.Component).closed})
	case *component.Instance:
		s.bind(item{kind: component.ExternInstance, inst: s.instance(d)})
	case *component.Type:
		s.bind(item{kind: component.ExternTypeBound, typ: &typ{def: d.Def, scope: s}})
	case *component.Canon:
		if d.Op == component.CanonLift {
			s.bind(item{kind: component.ExternFunc, typ: s.typeAt(d.Type)})
		}
	case *component.Alias:
		s.alias(d)
	case *component.Start:
		for range min(d.Results, 1000) {
			s.bind(item{kind: component.ExternValue})
		}
	case *component.Value:
		s.bind(item{kind: component.ExternValue, val: &d.Type, at: s})
	case *component.Import:
		it := s.extern(d.Name.Name, d.Type)
		s.imports = append(s.imports, entry{d.Name.Name, it})
		s.bind(it)
	case *component.Export:
		s.export(d)
	}
}

func (s *scope) export(d *component.Export) {
	var it item
	if d.Type != nil {
		it = s.extern(d.Name.Name, *d.Type)
	} else {
		it = s.lookup(d.Item).named(d.Name.Name)
	}
	s.exports = append(s.exports, entry{d.Name.Name, it})
	s.bind(it)
}

// component evaluates a nested component.
func (s *scope) component(c *component.Component) *scope {
	in := newScope(s)
	for _, d := range c.Defs {
		in.define(d)
	}
	return in
}

func (s *scope) instance(d *component.Instance) *instance {
	if !d.Inline {
		c := s.at(component.SortComponent, d.Component).comp
		if c == nil {
			return &instance{}
		}
		in := &instance{exports: c.exports, with: map[*typ]*typ{}}
		args := map[string]item{}
		for i := range d.Args {
			args[d.Args[i].Name] = s.lookup(d.Args[i].Item)
		}
		for i := range c.imports {
			if from, to := c.imports[i].item.typ, args[c.imports[i].name].typ; from != nil && to != nil {
				in.with[from] = to
			}
		}
		return in
	}
	in := &instance{}
	for i := range d.Exports {
		in.exports = append(in.exports, entry{d.Exports[i].Name.Name, s.lookup(d.Exports[i].Item).named(d.Exports[i].Name.Name)})
	}
	return in
}

// named returns a type its name.
func (it item) named(name string) item {
	if it.kind == component.ExternTypeBound && it.typ != nil {
		t := *it.typ
		if t.of != "" {
			t.used = t.of + ".{" + t.name + "}"
			if t.name != name {
				t.used = t.of + ".{" + t.name + " as " + name + "}"
			}
		}
		t.name, t.of = name, ""
		it.typ = &t
	}
	return it
}

// extern returns the item that an external type describes.
func (s *scope) extern(name string, t component.ExternType) item {
	it := item{kind: t.Kind}
	switch t.Kind {
	case component.ExternFunc:
		it.typ = s.typeAt(t.Index)
	case component.ExternTypeBound:
		if t.SubResource {
			it.typ = &typ{name: name, def: &component.ResourceDef{}, scope: s}
		} else {
			it.typ = s.typeAt(t.Index)
			it = it.named(name)
		}
	case component.ExternInstance:
		it.inst = &instance{}
		if def := s.typeAt(t.Index); def != nil {
			it.inst = def.instance(name)
		}
	case component.ExternComponent:
		it.comp = &closed{}
		if def := s.typeAt(t.Index); def != nil {
			it.comp = def.component()
		}
	case component.ExternModule:
		it.mod = pick(s.modTypes, t.Index)
	case component.ExternValue:
		if it.val, it.at = t.Value, s; t.Value == nil {
			it = s.at(component.SortValue, t.Index)
		}
	}
	return it
}

// instance evaluates an instance type; name is the interface that its types belong to.
func (t *typ) instance(name string) *instance {
	def, ok := t.def.(*component.InstanceDef)
	defer t.scope.budget.leave()
	if !t.scope.budget.enter() || !ok {
		return &instance{}
	}
	in := newScope(t.scope)
	for _, d := range def.Decls {
		in.define(d)
	}
	for i := range in.exports {
		if x := in.exports[i].item; x.kind == component.ExternTypeBound && x.typ != nil && x.typ.of == "" {
			x.typ.of = name
		}
	}
	return &instance{exports: in.exports}
}

// component evaluates a component type.
func (t *typ) component() *closed {
	def, ok := t.def.(*component.ComponentDef)
	defer t.scope.budget.leave()
	if !t.scope.budget.enter() || !ok {
		return &closed{}
	}
	in := newScope(t.scope)
	for _, d := range def.Decls {
		in.define(d)
	}
	return &in.closed
}

// bind adds an item to its index space.
func (s *scope) bind(it item) { s.space.Bind(it.kind.Sort(), it) }

// at returns the item with an index, or one of which only the kind is known if the index is out of range, as in no valid
// component.
func (s *scope) at(sort component.Sort, i uint32) item {
	it, err := s.space.At(sort, i)
	if err != nil {
		it.kind = component.ExternKind(sort)
	}
	return it
}

func (s *scope) typeAt(i uint32) *typ { return s.at(component.SortType, i).typ }

// lookup returns the item that a sortidx refers to.
func (s *scope) lookup(x component.SortIdx) item { return s.at(x.Sort, x.Index) }

// alias adds the target of an alias to its index space.
func (s *scope) alias(d *component.Alias) {
	switch d.Target {
	case component.AliasExport:
		if in := s.at(component.SortInstance, d.Instance).inst; in != nil {
			for i := range in.exports {
				if in.exports[i].name == d.Name {
					s.bind(in.exports[i].item)
					return
				}
			}
		}
		s.bind(item{kind: component.ExternKind(d.Sort)})
	case component.AliasOuter:
		from := s
		for range d.Outer {
			if from = from.outer; from == nil {
				from = newScope(nil)
				break
			}
		}
		switch {
		case d.Sort == component.SortCore && d.Core == component.CoreTypeSort:
			s.modTypes = append(s.modTypes, pick(from.modTypes, d.Index))
		default:
			s.bind(from.lookup(component.SortIdx{Sort: d.Sort, Core: d.Core, Index: d.Index}))
		}
	}
}
