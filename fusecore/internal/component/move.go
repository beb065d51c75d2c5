// This file implements moving definitions behind others.

package component

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
)

// Mover copies the definitions of a component, to be preceded by others.
type Mover struct {
	// By has the number of items that precede in each index space. Only core types, core modules, types and components
	// can precede.
	By IndexSpaces
	// Outer returns what an outer alias that leads out of the component becomes. It is depth scopes inside.
	Outer func(a *Alias, depth int) *Alias
}

// LeadsOut reports whether definitions that are depth scopes inside a component have an outer alias that leads out of
// it.
func LeadsOut(defs []Def, depth int) bool {
	return slices.ContainsFunc(defs, func(d Def) bool {
		switch d := d.(type) {
		case *Alias:
			return d.Target == AliasOuter && int(d.Outer) > depth
		case *NestedComponent:
			return LeadsOut(d.Component.Defs, depth+1)
		case *CoreType:
			return d.Module != nil && slices.ContainsFunc(d.Module.Decls, func(m ModuleDecl) bool {
				return m.Alias != nil && int(m.Alias.Outer) > depth+1
			})
		case *Type:
			switch t := d.Def.(type) {
			case *ComponentDef:
				return LeadsOut(t.Decls, depth+1)
			case *InstanceDef:
				return LeadsOut(t.Decls, depth+1)
			}
		}
		return false
	})
}

// Defs returns the definitions of the component itself.
func (m *Mover) Defs(defs []Def) []Def {
	out := make([]Def, len(defs))
	for i, d := range defs {
		out[i] = m.def(d)
	}
	return out
}

func (m *Mover) def(d Def) Def {
	switch d := d.(type) {
	case *CoreInstance:
		c := *d
		if !c.Inline {
			c.Module += m.By[SpaceCoreModule]
		}
		return &c
	case *CoreType:
		if d.Rec != nil {
			return &CoreType{At: d.At, Rec: m.rec(d.Rec)}
		}
	case *Instance:
		c := *d
		if !c.Inline {
			c.Component += m.By[SpaceComponent]
		}
		c.Args, c.Exports = slices.Clone(d.Args), slices.Clone(d.Exports)
		for i := range c.Args {
			m.item(&c.Args[i].Item)
		}
		for i := range c.Exports {
			m.item(&c.Exports[i].Item)
		}
		return &c
	case *Type:
		return &Type{d.At, m.typeDef(d.Def)}
	case *Canon:
		c := *d
		c.Type += m.By[SpaceType]
		c.CoreType += m.By[SpaceCoreType]
		c.Result = m.use(c.Result)
		return &c
	case *Import:
		c := *d
		m.externType(&c.Type)
		return &c
	case *Export:
		c := *d
		m.item(&c.Item)
		if d.Type != nil {
			t := *d.Type
			m.externType(&t)
			c.Type = &t
		}
		return &c
	case *Value:
		c := *d
		c.Type = *m.use(&d.Type)
		return &c
	}
	return m.inside(d, 0)
}

// Type returns a definition of a type whose own scope takes the place of the component.
func (m *Mover) Type(d Def) Def { return m.inside(d, -1) }

// inside returns a definition that is depth scopes inside the component.
func (m *Mover) inside(d Def, depth int) Def {
	switch d := d.(type) {
	case *Alias:
		return m.alias(d, depth)
	case *NestedComponent:
		if !LeadsOut(d.Component.Defs, depth) {
			return d
		}
		c := *d.Component
		c.Bytes, c.Defs = nil, m.inner(c.Defs, depth+1)
		return &NestedComponent{d.At, &c}
	case *CoreType:
		if d.Module == nil {
			return d
		}
		t := &ModuleType{Decls: slices.Clone(d.Module.Decls)}
		for i := range t.Decls {
			if a := t.Decls[i].Alias; a != nil {
				t.Decls[i].Alias = m.alias(a, depth+1)
			}
		}
		return &CoreType{At: d.At, Module: t}
	case *Type:
		switch t := d.Def.(type) {
		case *ComponentDef:
			return &Type{d.At, &ComponentDef{m.inner(t.Decls, depth+1)}}
		case *InstanceDef:
			return &Type{d.At, &InstanceDef{m.inner(t.Decls, depth+1)}}
		}
	}
	return d
}

func (m *Mover) inner(defs []Def, depth int) []Def {
	out := make([]Def, len(defs))
	for i, d := range defs {
		out[i] = m.inside(d, depth)
	}
	return out
}

func (m *Mover) alias(a *Alias, depth int) *Alias {
	switch {
	case a.Target != AliasOuter || int(a.Outer) < depth:
		return a
	case int(a.Outer) > depth:
		return m.Outer(a, depth)
	}
	out := *a
	if s, ok := SpaceOf(a.Sort, a.Core); ok {
		out.Index += m.By[s]
	}
	return &out
}

func (m *Mover) rec(g *corewasm.RecGroup) *corewasm.RecGroup {
	out := &corewasm.RecGroup{}
	for i := range g.Types {
		t, _ := typing.Renumber(&g.Types[i], func(i uint32) (uint32, error) { return i + m.By[SpaceCoreType], nil })
		out.Types = append(out.Types, t)
	}
	return out
}

func (m *Mover) typeDef(def TypeDef) TypeDef {
	switch d := def.(type) {
	case *ValDef:
		c := *d
		c.Elem, c.Err, c.Key, c.Fields = m.use(d.Elem), m.use(d.Err), m.use(d.Key), m.fields(d.Fields)
		c.Types = slices.Clone(d.Types)
		for i := range c.Types {
			c.Types[i] = *m.use(&d.Types[i])
		}
		if d.Kind == KindOwn || d.Kind == KindBorrow {
			c.Resource += m.By[SpaceType]
		}
		return &c
	case *FuncDef:
		return &FuncDef{d.Async, m.fields(d.Params), m.use(d.Result)}
	}
	return m.inside(&Type{Def: def}, 0).(*Type).Def
}

func (m *Mover) fields(fs []Field) []Field {
	out := slices.Clone(fs)
	for i := range out {
		out[i].Type = m.use(out[i].Type)
	}
	return out
}

func (m *Mover) use(v *ValType) *ValType {
	if v == nil || v.Prim != 0 {
		return v
	}
	return &ValType{Index: v.Index + m.By[SpaceType]}
}

func (m *Mover) item(x *SortIdx) {
	if s, ok := SpaceOf(x.Sort, x.Core); ok {
		x.Index += m.By[s]
	}
}

func (m *Mover) externType(t *ExternType) {
	switch t.Kind {
	case ExternModule:
		t.Index += m.By[SpaceCoreType]
	case ExternFunc, ExternComponent, ExternInstance:
		t.Index += m.By[SpaceType]
	case ExternTypeBound:
		if !t.SubResource {
			t.Index += m.By[SpaceType]
		}
	case ExternValue:
		t.Value = m.use(t.Value)
	}
}
