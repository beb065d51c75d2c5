// This file implements the names that WIT's `use` needs.
//
// A component type can use a type by its index alone. wit-component takes that for a type of the scope that uses it, unless
// the scope is that of an imported interface with a path, and fails. So the type gets a name there first:
//
//	(alias export $types "r" (type $r))              (alias export $types "r" (type $r))
//	(import "f" (func (param "x" $r)))               (import "r" (type $r' (eq $r)))         ;; use ns:p/types.{r};
//	                                                 (import "f" (func (param "x" $r')))

package coreabi

import (
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
)

// nameUses gives names to types of interfaces with paths that the world's own functions, its exported interfaces, and imported
// ones without paths, use without one. It changes the definitions of the world.
func nameUses(world *component.ComponentDef) {
	u := &uses{}
	root := newNamer(world.Decls, func(n component.ExternName, t component.ExternType) component.Def {
		return &component.Import{Name: n, Type: t}
	})
	scopes := map[uint32]bool{} // instance types of such interfaces
	imported := 0
	for _, d := range world.Decls {
		name, t := externOf(d)
		_, imported := d.(*component.Import)
		if t != nil && t.Kind == component.ExternInstance && (!imported || !isPath(name)) {
			scopes[t.Index] = true
		}
	}
	for _, d := range world.Decls {
		switch d := d.(type) {
		case *component.Alias:
			of := typeOf{u.instances[d.Instance], d.Name}
			root.alias(d, of, isPath(of.instance) && int(d.Instance) < imported)
			u.types = append(u.types, of)
			continue
		case *component.Type:
			if in, ok := d.Def.(*component.InstanceDef); ok {
				nameInside(in, u.types, scopes[uint32(len(u.types))], root.alone)
			}
			u.types = append(u.types, typeOf{})
		default:
			name, t := externOf(d)
			switch t.Kind {
			case component.ExternInstance:
				u.instances = append(u.instances, name)
				if _, ok := d.(*component.Import); ok {
					imported++
				}
			case component.ExternTypeBound:
				u.types = append(u.types, typeOf{"", name})
			}
		}
		root.add(d)
	}
	world.Decls = root.out
}

// nameInside is nameUses for an instance type, which needs names or not. types are those of the scope around it, at gives
// their indices.
func nameInside(d *component.InstanceDef, types []typeOf, names bool, at []uint32) {
	n := newNamer(d.Decls, func(n component.ExternName, t component.ExternType) component.Def {
		return &component.Export{Name: n, Type: &t}
	})
	for _, in := range d.Decls {
		a, ok := in.(*component.Alias)
		if !ok {
			n.add(in)
			continue
		}
		of := types[a.Index]
		a.Index = at[a.Index]
		n.alias(a, of, names && isPath(of.instance))
	}
	d.Decls = n.out
}

// externOf returns the name and type of an import or export, or nil.
func externOf(d component.Def) (string, *component.ExternType) {
	switch d := d.(type) {
	case *component.Import:
		return d.Name.Name, &d.Type
	case *component.Export:
		return d.Name.Name, d.Type
	}
	return "", nil
}

// namer copies the declarators of a scope.
type namer struct {
	out    []component.Decl
	spaces component.IndexSpaces
	names  map[string]bool // in lower case
	extern func(component.ExternName, component.ExternType) component.Def
	// alone has the index of each type of the original, named the one for uses in the scope. unnamed has the names to give
	// to types before they are used.
	alone, named []uint32
	unnamed      map[uint32]string
}

func newNamer(decls []component.Decl, extern func(component.ExternName, component.ExternType) component.Def) *namer {
	n := &namer{names: map[string]bool{}, unnamed: map[uint32]string{}, extern: extern}
	for _, d := range decls {
		if name, t := externOf(d); t != nil {
			n.names[strings.ToLower(name)] = true
		}
	}
	return n
}

// put appends a declarator.
func (n *namer) put(d component.Decl) uint32 {
	n.out = append(n.out, d)
	_, first, _ := n.spaces.Add(d)
	return first
}

// alias appends the alias of a type. needsName means that uses in the scope need another name of it.
func (n *namer) alias(a *component.Alias, of typeOf, needsName bool) {
	if needsName {
		n.unnamed[uint32(len(n.alone))] = of.name
	}
	n.typ(n.put(a))
}

func (n *namer) typ(i uint32) { n.alone, n.named = append(n.alone, i), append(n.named, i) }

// add appends any other declarator.
func (n *namer) add(d component.Decl) {
	if t, ok := d.(*component.Type); ok {
		eachIndex(t.Def, n.use)
		n.typ(n.put(d))
		return
	}
	_, t := externOf(d)
	was := t.Index
	if t.Kind == component.ExternTypeBound && t.SubResource {
		n.typ(n.put(d))
		return
	}
	t.Index = n.alone[was]
	i := n.put(d)
	if t.Kind != component.ExternTypeBound {
		return
	}
	n.typ(i)
	if _, ok := n.unnamed[was]; ok { // this is its name
		delete(n.unnamed, was)
		n.named[was] = i
	}
}

// use replaces an index of a type by the index for its use in the scope.
func (n *namer) use(i *uint32) {
	if name, ok := n.unnamed[*i]; ok {
		delete(n.unnamed, *i)
		for n.names[strings.ToLower(name)] {
			name = "used-" + name
		}
		n.names[strings.ToLower(name)] = true
		n.named[*i] = n.put(n.extern(component.ExternName{Name: name}, component.ExternType{Kind: component.ExternTypeBound, Index: n.alone[*i]}))
	}
	*i = n.named[*i]
}

// eachIndex visits the indices of types in the definition of a function or value type.
func eachIndex(d component.TypeDef, visit func(*uint32)) {
	use := func(v *component.ValType) {
		if v != nil && v.Prim == 0 {
			visit(&v.Index)
		}
	}
	fields := func(fields []component.Field) {
		for i := range fields {
			use(fields[i].Type)
		}
	}
	switch d := d.(type) {
	case *component.FuncDef:
		fields(d.Params)
		use(d.Result)
	case *component.ValDef:
		if d.Kind == component.KindOwn || d.Kind == component.KindBorrow {
			visit(&d.Resource)
		}
		fields(d.Fields)
		for i := range d.Types {
			use(&d.Types[i])
		}
		for _, v := range []*component.ValType{d.Elem, d.Err, d.Key} {
			use(v)
		}
	}
}
