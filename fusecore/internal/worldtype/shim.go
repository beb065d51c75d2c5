// This file implements exported instances, which are made by shim components.

package worldtype

import (
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// shim is a shim component: a nested one that imports functions and types and exports them again, so that the functions' types
// are written with the types that the instance itself exports. An instance made of bare definitions has the same
// behaviour, but its functions would use types by names that are not visible outside:
//
//	(component
//	  (type $r0 (record ...)) (import "import-type-r" (type $ri (eq $r0)))
//	  (import "import-func-f" (func $fi (param "x" $ri)))
//	  (type $r1 (record ...)) (export $r "r" (type $r1))
//	  (export "f" (func $fi) (func (param "x" $r))))
type shim struct {
	w     *Writer
	outer *scope
	c     *component.Component
	in    *scope // types as the shim component imports them
	out   *scope // types as it exports them
	items []world.Item
	args  []component.Arg
	used  map[string]bool             // names of imports, in lower case
	any   map[*ctypes.Resource]uint32 // see around
}

// Instance builds an instance with items of a source and returns its index. Unlike a bundle of definitions, it may have
// names that refer to resource types, such as `[method]r.f`.
func (w *Writer) Instance(items []world.Item, src Source) (uint32, error) {
	return w.exportInstance(w.root, nil, items, src)
}

// exportInstance builds an instance with items and returns its index.
func (w *Writer) exportInstance(s *scope, path []string, items []world.Item, src Source) (uint32, error) {
	sh := &shim{w: w, outer: s, c: &component.Component{}, items: items, used: map[string]bool{}, any: map[*ctypes.Resource]uint32{}}
	b := &block{defs: &sh.c.Defs}
	sh.in, sh.out = newScope(b, nil, s.of), newScope(b, nil, s.of)
	sh.out.exports = true
	sh.in.missingType = sh.importType
	sh.in.missingResource = sh.importResource
	sh.out.missingType = sh.in.typeIndex
	sh.out.missingResource = func(r *ctypes.Resource) (uint32, error) { return sh.in.suppliedResource(r), sh.in.err }
	sh.in.shim, sh.out.shim = sh, sh
	for i := range items {
		it := &items[i]
		var err error
		switch {
		case it.Sort != component.SortType:
			err = sh.forward(path, it, src)
		case it.Def != nil:
			err = sh.exportDef(it)
		default:
			sh.exportType(it)
		}
		for _, e := range []error{s.err, sh.in.err, sh.out.err} {
			if err == nil {
				err = e
			}
		}
		if err != nil {
			return 0, err
		}
	}
	comp := w.Add(&component.NestedComponent{Component: sh.c})
	return w.Add(&component.Instance{Component: comp, Args: sh.args}), nil
}

// imported adds an import to the shim component, with an item of the outer component as its argument.
func (sh *shim) imported(name string, t component.ExternType, arg component.SortIdx) uint32 {
	name = sh.unique(name)
	sh.args = append(sh.args, component.Arg{Name: name, Item: arg})
	return sh.in.add(&component.Import{Name: component.ExternName{Name: name}, Type: t})
}

// unique returns a name that no import of the shim component has. Names that differ only in case count as equal
// (Explainer.md, "Name Uniqueness").
func (sh *shim) unique(name string) string {
	try := name
	for n := 0; sh.used[strings.ToLower(try)]; n++ {
		try = name + strconv.Itoa(n)
	}
	sh.used[strings.ToLower(try)] = true
	return try
}

// importType imports a value type, or a resource type by its identity, under its name.
func (sh *shim) importType(t *ctypes.Type) uint32 {
	name := "import-type-" + sh.typeName(t)
	if t.Kind == ctypes.ResourceType {
		i := sh.importSame(t.Resource, name, sh.outer.forInstance(t))
		sh.in.nameType(t, &typeRef{made: true, index: i})
		return i
	}
	et := component.ExternType{Kind: component.ExternTypeBound, Index: sh.in.fresh(t)}
	i := sh.imported(name, et, component.SortIdx{Sort: component.SortType, Index: sh.outer.forInstance(t)})
	sh.in.nameType(t, &typeRef{made: true, index: i})
	return i
}

// forInstance returns a type's index for use by instances.
func (s *scope) forInstance(t *ctypes.Type) uint32 {
	if n := s.types[t]; n != nil {
		return s.typ(n.forInstances())
	}
	return s.typeIndex(t)
}

// typeName returns the name of a type in the instance's items.
func (sh *shim) typeName(t *ctypes.Type) string {
	for _, same := range []func(*ctypes.Type) bool{
		func(u *ctypes.Type) bool { return u == t },
		func(u *ctypes.Type) bool { return ctypes.Equal(u, t) },
	} {
		for i := range sh.items {
			if it := &sh.items[i]; it.Sort == component.SortType && (it.Type != nil && same(it.Type) || it.Ident != nil && same(it.Ident)) {
				return it.Name
			}
		}
	}
	return t.Kind.String()
}

// importResource imports a resource type that has no name around the shim component, or none by a known identity.
func (sh *shim) importResource(r *ctypes.Resource) (uint32, error) {
	if i, ok := sh.in.findResource(r); ok {
		return i, nil
	}
	var arg uint32
	if n := sh.outer.res[r]; n != nil && sh.w.imported[r] {
		arg = sh.outer.typ(n.forInstances())
	} else {
		arg = sh.outer.suppliedResource(r)
	}
	name := "resource"
	for i := range sh.items {
		if sh.items[i].Resource == r {
			name = sh.items[i].Name
			break
		}
	}
	return sh.importSame(r, "import-type-"+name, arg), sh.outer.err
}

// exportType exports a type: as another name of one that the instance already exports or that has a name around the
// shim component, or else as a new one.
func (sh *shim) exportType(it *world.Item) {
	index, ok := sh.out.renamed(it)
	switch {
	case ok:
	case it.Resource != nil:
		index = sh.out.suppliedResource(it.Resource)
	default:
		index = sh.out.defined(it)
	}
	index = sh.out.add(&component.Export{Name: externName(it), Item: component.SortIdx{Sort: component.SortType, Index: index}})
	sh.w.bind(sh.out, it, index)
}

// exportDef exports a type of functions, instances or components, which is equal wherever it is defined.
func (sh *shim) exportDef(it *world.Item) error {
	i, err := sh.w.definition(sh.out, it.Def)
	sh.out.add(&component.Export{Name: externName(it), Item: component.SortIdx{Sort: it.Sort, Index: i}})
	return err
}

// outside returns the index in the shim component of a type that has a name around it.
func (sh *shim) outside(t *ctypes.Type) uint32 {
	if n := sh.in.types[t]; n != nil {
		return sh.in.typ(n.forScope())
	}
	return sh.importType(t)
}

// around returns the index in the shim component of a resource type that has any name around it.
func (sh *shim) around(r *ctypes.Resource) (uint32, bool) {
	n := sh.outer.res[r]
	if n == nil {
		return 0, false
	}
	i, ok := sh.any[r]
	if !ok {
		i = sh.importSame(r, "import-type-resource", sh.outer.typ(n.forInstances()))
		sh.any[r] = i
	}
	return i, true
}

// importSame imports a resource type that the shim component may already have under other names.
func (sh *shim) importSame(r *ctypes.Resource, name string, arg uint32) uint32 {
	et := component.ExternType{Kind: component.ExternTypeBound, SubResource: true}
	if first, again := sh.in.findResource(r); again {
		et.SubResource, et.Index = false, first
	}
	i := sh.imported(name, et, component.SortIdx{Sort: component.SortType, Index: arg})
	sh.in.nameResource(r, nil, &typeRef{made: true, index: i})
	return i
}

// forward passes an item that is not a type through the shim component.
func (sh *shim) forward(path []string, it *world.Item, src Source) error {
	index, err := sh.w.export(sh.outer, path, it, src)
	if err != nil {
		return err
	}
	if it.Sort == component.SortInstance {
		whole := *it
		whole.Items = sh.w.world.ItemsOf(it)
		it = &whole
	}
	inType, err := sh.w.externType(sh.in, it)
	if err != nil {
		return err
	}
	index = sh.imported(importName(it), inType, it.Sort.Item(index))
	sh.w.bind(sh.in, it, index)
	d := &component.Export{Name: externName(it), Item: it.Sort.Item(index)}
	outType, err := sh.w.externType(sh.out, it)
	if err != nil {
		return err
	}
	d.Type = &outType
	index = sh.out.add(d)
	sh.w.bind(sh.out, it, index)
	return nil
}

// importName makes a plain label from an item's name: `[method]a.b` becomes `import-method-a-b`. Of interface names
// only letters and digits are kept.
func importName(it *world.Item) string {
	switch it.Sort {
	case component.SortInstance:
		return "import-instance"
	case component.SortCore:
		return "import-module"
	case component.SortComponent:
		return "import-component"
	}
	name := it.Name
	if !strings.HasPrefix(name, "[") {
		name = "func-" + name
	}
	return "import-" + strings.NewReplacer("[", "", "]", "-", ".", "-").Replace(name)
}
