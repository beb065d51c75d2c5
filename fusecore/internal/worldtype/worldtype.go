// Package worldtype writes the imports and exports of a world ([world.World]) as definitions of a component: the types
// of imported instances and functions, and instances to export. A type or resource type that several items share is
// defined once and aliased by the others, as `use` in WIT asks for, and every record, variant, enum, flags and resource
// type is used under an imported or exported name (Explainer.md, "Import and Export Definitions").
package worldtype

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Source supplies the exports of a world.
type Source interface {
	// Func returns the index of the component function behind an exported item that is not an import. path is the
	// item's path in the world's exports. typ writes the function's type, for lifting it, and returns its index. Without
	// that, the function may have an equal type under other names, as it may if it is exported by an instance.
	Func(path []string, it *world.Item, typ func() uint32) (uint32, error)
	// Resource returns the type index of a resource type that is not imported, defining it the first time.
	Resource(r *ctypes.Resource) (uint32, error)
	// Opaque returns the index of an exported core module or component that is not an import.
	Opaque(it *world.Item) (uint32, error)
}

// Writer adds the definitions of a world to a component: imports first, then definitions that use them, then exports.
type Writer struct {
	block   *block
	root    *scope
	imports map[string]imported
	world   world.World // its imports
	aliases map[string]uint32
	// imported are the resource types of imports. A Source supplies the others.
	imported map[*ctypes.Resource]bool
	defined  map[component.Def]uint32 // see Define
	// hidden has the types of instances that are neither imports nor exports.
	hidden *scope
	// typed reports whether the Source has written the type of the last function.
	typed bool
}

// imported is an import: an instance, or an item with an index that is not a type.
type imported struct {
	sort  component.Sort
	index uint32
	inst  *instRef
}

// New returns a writer that appends to c.
func New(c *component.Component) *Writer {
	b := &block{defs: &c.Defs, spaces: c.IndexSpaces()}
	w := &Writer{block: b, root: newScope(b, nil, map[*ctypes.Type]*ctypes.Type{}), aliases: map[string]uint32{},
		imported: map[*ctypes.Resource]bool{}, defined: map[component.Def]uint32{}, hidden: newScope(b, nil, map[*ctypes.Type]*ctypes.Type{})}
	w.root.exports = true
	w.root.missingResource = w.HiddenResource
	return w
}

// Add appends any definition and returns the first index it defines in its index space.
func (w *Writer) Add(d component.Def) uint32 { return w.block.add(d) }

// Define returns the index of a core module or component, which it appends the first time.
func (w *Writer) Define(d component.Def) uint32 {
	i, ok := w.defined[d]
	if !ok {
		i = w.Add(d)
		w.defined[d] = i
	}
	return i
}

// errResource returns the error for a resource type without a name. It is about the inputs, since in a composition it is
// their imports that no order suits.
func errResource(r *ctypes.Resource) error {
	return diag.New("", "the resource type %q is used before an import or export names it", r.Name)
}

// errSort returns the error for an item of a sort that no world has.
func errSort(it *world.Item) error {
	return &diag.Internal{Msg: fmt.Sprintf("a %v, %q, cannot be imported or exported", it.Sort, it.Name)}
}

// errImport returns the error for a path that does not lead to an import of the world.
func errImport(what string, path []string) error {
	return &diag.Internal{Msg: fmt.Sprintf("there is no imported %s %q", what, strings.Join(path, "/"))}
}

func externName(it *world.Item) component.ExternName {
	return component.ExternName{Name: it.Name, Attributes: component.NewAttributes(it.Attributes.All())}
}

// Imports writes imports in order. An item may use types of earlier ones.
func (w *Writer) Imports(items []world.Item) error {
	w.world.Imports = items
	w.imports = make(map[string]imported, len(items))
	w.root.exports = false
	defer func() { w.root.exports = true }()
	*w.block.defs = slices.Grow(*w.block.defs, len(items))
	for i := range items {
		it := &items[i]
		et, err := w.externType(w.root, it)
		if err == nil {
			err = w.root.err
		}
		if err != nil {
			return diag.In(err, "", "", "import "+strconv.Quote(it.Name))
		}
		index := w.Add(&component.Import{Name: externName(it), Type: et})
		w.bind(w.root, it, index)
		switch it.Sort {
		case component.SortType:
		case component.SortInstance:
			w.imports[it.Name] = imported{sort: it.Sort, inst: &instRef{made: true, index: index}}
		default:
			w.imports[it.Name] = imported{sort: it.Sort, index: index}
		}
	}
	for r := range w.root.res {
		w.imported[r] = true
	}
	return nil
}

// externType writes the type that an import, or an export of an instance type, refers to.
func (w *Writer) externType(s *scope, it *world.Item) (component.ExternType, error) {
	switch {
	case it.Sort == component.SortFunc:
		return component.ExternType{Kind: component.ExternFunc, Index: s.funcType(it.FuncType)}, nil
	case it.Sort == component.SortInstance:
		i, err := w.instanceType(s, it.Items)
		return component.ExternType{Kind: component.ExternInstance, Index: i}, err
	case it.Sort == component.SortType && it.Resource != nil:
		i, ok := s.renamed(it)
		switch {
		case ok:
		case s.exports:
			i = s.suppliedResource(it.Resource)
		default:
			if i, ok = s.findResource(it.Resource); !ok {
				s.declared = append(s.declared, it.Resource)
				return component.ExternType{Kind: component.ExternTypeBound, SubResource: true}, nil
			}
		}
		return component.ExternType{Kind: component.ExternTypeBound, Index: i}, nil
	case it.Sort == component.SortType && it.Type != nil:
		return component.ExternType{Kind: component.ExternTypeBound, Index: s.defined(it)}, nil
	case it.Def != nil:
		i, err := w.definition(s, it.Def)
		return component.ExternType{Kind: component.ExternKind(it.Sort), Index: i}, err
	}
	return component.ExternType{}, errSort(it)
}

// definition writes a type other than a value or resource type.
func (w *Writer) definition(s *scope, d *world.Def) (uint32, error) {
	switch {
	case d.Module != nil:
		return s.add(&component.CoreType{Module: d.Module}), nil
	case d.Func != nil:
		return s.funcType(d.Func), nil
	}
	var decls []component.Decl
	in := newScope(&block{defs: &decls}, s, s.of)
	in.exports = false
	for i := range d.Imports {
		it := &d.Imports[i]
		et, err := w.externType(in, it)
		if err != nil {
			return 0, err
		}
		w.bind(in, it, in.add(&component.Import{Name: externName(it), Type: et}))
	}
	if err := w.exportDecls(in, d.Exports); err != nil {
		return 0, err
	}
	if d.Instance {
		return s.add(&component.Type{Def: &component.InstanceDef{Decls: decls}}), nil
	}
	return s.add(&component.Type{Def: &component.ComponentDef{Decls: decls}}), nil
}

// renamed returns the index of the type that an item renames.
func (s *scope) renamed(it *world.Item) (uint32, bool) {
	ident := it.Type
	if it.Resource != nil {
		if ident = it.Ident; ident == nil {
			return s.findResource(it.Resource)
		}
	}
	if i, ok := s.findType(ident); ok {
		return i, true
	}
	if it.Of != nil {
		return s.findRenamed(it.Of)
	}
	return s.findRenamed(ident.Of)
}

// defined returns the index of a value type that is about to be named: an existing one, or a new definition.
func (s *scope) defined(it *world.Item) uint32 {
	if i, ok := s.renamed(it); ok {
		return i
	}
	if i, ok := s.plain[it.Type]; ok {
		return i
	}
	return s.fresh(it.Type)
}

// bind records that an item's names are now usable in a scope; index is the item's.
func (w *Writer) bind(s *scope, it *world.Item, index uint32) {
	switch it.Sort {
	case component.SortType:
		if it.Type != nil || it.Resource != nil {
			s.bindType(it, &typeRef{made: true, index: index})
		}
	case component.SortInstance:
		bindInstance(s, it.Items, &instRef{made: true, index: index})
	}
}

func (s *scope) bindType(it *world.Item, r *typeRef) {
	ident := it.Type
	if it.Resource != nil {
		ident = it.Ident
		s.nameResource(it.Resource, ident, r)
	} else {
		s.nameType(ident, r)
	}
	if ident == nil || ident.Shared() {
		return
	}
	of := it.Of
	if of == nil {
		of = ident.Of
	}
	s.rename(ident, of, r)
}

// bindInstance records the types that an instance exports.
func bindInstance(s *scope, items []world.Item, inst *instRef) {
	for i := range items {
		switch it := &items[i]; it.Sort {
		case component.SortInstance:
			bindInstance(s, it.Items, &instRef{parent: inst, name: it.Name})
		case component.SortType:
			if it.Type != nil || it.Resource != nil {
				s.bindType(it, &typeRef{inst: inst, name: it.Name})
			}
		}
	}
}

// instanceType writes an instance type into s.
func (w *Writer) instanceType(s *scope, items []world.Item) (uint32, error) {
	def, declared, err := w.instanceDef(s, items)
	if err == nil && slices.ContainsFunc(declared, func(r *ctypes.Resource) bool { return s.res[r] != nil }) {
		// A later item has needed a name of the resource type in s, so the type is not new: declare it as that one.
		def, declared, err = w.instanceDef(s, items)
	}
	if err != nil {
		return 0, err
	}
	s.declared = append(s.declared, declared...)
	return s.add(&component.Type{Def: def}), nil
}

// instanceDef returns an instance type in s, and the resource types that it declares as new ones.
func (w *Writer) instanceDef(s *scope, items []world.Item) (*component.InstanceDef, []*ctypes.Resource, error) {
	def := &component.InstanceDef{}
	in := newScope(&block{defs: &def.Decls}, s, s.of)
	err := w.exportDecls(in, items)
	return def, in.declared, err
}

// exportDecls writes the exports of an instance or component type.
func (w *Writer) exportDecls(in *scope, items []world.Item) error {
	for i := range items {
		it := &items[i]
		et, err := w.externType(in, it)
		if err != nil {
			return err
		}
		w.bind(in, it, in.add(&component.Export{Name: externName(it), Type: &et}))
	}
	return nil
}

// ImportFunc returns the index of the imported function with a path: import name, then export names inside.
func (w *Writer) ImportFunc(path []string) (uint32, error) { return w.Import(component.SortFunc, path) }

// Import returns the index of the imported function, core module or component with a path.
func (w *Writer) Import(sort component.Sort, path []string) (uint32, error) {
	im, ok := w.lookup(path)
	if !ok || (im.sort == sort) != (len(path) == 1) {
		return 0, errImport(sort.String(), path)
	}
	if im.sort == sort {
		return im.index, nil
	}
	key := sort.String() + "/" + strings.Join(path, "\x00")
	if i, ok := w.aliases[key]; ok {
		return i, nil
	}
	inst, err := w.ImportInstance(path[:len(path)-1])
	if err != nil {
		return 0, err
	}
	i := w.Add(component.ExportAlias(sort, inst, path[len(path)-1]))
	w.aliases[key] = i
	return i, nil
}

// ImportInstance returns the index of the imported instance with a path.
func (w *Writer) ImportInstance(path []string) (uint32, error) {
	im, ok := w.lookup(path)
	if !ok || im.sort != component.SortInstance {
		return 0, errImport("instance", path)
	}
	index := w.block.instance(im.inst)
	for n := 2; n <= len(path); n++ {
		key := "instance/" + strings.Join(path[:n], "\x00")
		i, ok := w.aliases[key]
		if !ok {
			i = w.Add(&component.Alias{Sort: component.SortInstance, Target: component.AliasExport, Instance: index, Name: path[n-1]})
			w.aliases[key] = i
		}
		index = i
	}
	return index, nil
}

// lookup returns the import that a path begins with.
func (w *Writer) lookup(path []string) (im imported, ok bool) {
	if len(path) > 0 {
		im, ok = w.imports[path[0]]
	}
	return im, ok
}

// Item returns a reference to an item: to the import with a path, or, whatever the path, to a type.
func (w *Writer) Item(it *world.Item, path []string) (component.SortIdx, error) {
	x := it.Sort.Item(0)
	var err error
	switch {
	case it.Sort == component.SortInstance:
		x.Index, err = w.ImportInstance(path)
	case it.Sort != component.SortType:
		x.Index, err = w.Import(it.Sort, path)
	case it.Def != nil:
		x.Index, err = w.Definition(it.Def)
	case it.Resource != nil:
		x.Index, err = w.Resource(it.Resource, it.Ident)
	default:
		x.Index, err = w.Type(it.Type)
	}
	return x, err
}

// BindInstance makes the types that a component instance exports usable where no name visible outside is needed.
func (w *Writer) BindInstance(index uint32, items []world.Item) {
	bindInstance(w.hidden, items, &instRef{made: true, index: index})
}

// HiddenResource returns the index of a resource type that an instance exports whose types [Writer.BindInstance] has made
// usable.
func (w *Writer) HiddenResource(r *ctypes.Resource) (uint32, error) {
	if i, ok := w.hidden.findResource(r); ok {
		return i, nil
	}
	return 0, errResource(r)
}

// Type returns the index of a value type, under any name if it has one.
func (w *Writer) Type(t *ctypes.Type) (uint32, error) {
	i, ok := w.root.findType(t)
	if !ok {
		i, ok = w.hidden.findType(t)
	}
	if !ok {
		i = w.root.defined(&world.Item{Type: t})
	}
	return i, w.root.err
}

// Use returns a use of a value type, nil for nil, in a definition that is neither imported nor exported. src supplies
// resource types that have no name yet.
func (w *Writer) Use(t *ctypes.Type, src Source) (*component.ValType, error) {
	defer func(was func(*ctypes.Resource) (uint32, error)) { w.root.missingResource = was }(w.root.missingResource)
	w.root.missingResource = src.Resource
	u := w.root.use(t)
	return u, w.root.err
}

// Resource returns the index of a resource type, under any name that it has.
func (w *Writer) Resource(r *ctypes.Resource, ident *ctypes.Type) (uint32, error) {
	for _, s := range []*scope{w.root, w.hidden} {
		if i, ok := s.findRenamed(ident); ok {
			return i, nil
		}
	}
	i := w.root.resource(r, nil)
	return i, w.root.err
}

// Definition returns the index of a type other than a value or resource type.
func (w *Writer) Definition(d *world.Def) (uint32, error) {
	i, err := w.definition(w.root, d)
	if err == nil {
		err = w.root.err
	}
	return i, err
}

// ExternType returns the type of an item for an export of what exists.
func (w *Writer) ExternType(it *world.Item) (component.ExternType, error) {
	t, err := w.externType(w.root, it)
	if err == nil {
		err = w.root.err
	}
	return t, err
}

// Exports writes exports in order.
func (w *Writer) Exports(items []world.Item, src Source) error {
	w.root.missingResource = src.Resource
	for i := range items {
		it := &items[i]
		d := &component.Export{Name: externName(it), Item: it.Sort.Item(0)}
		var err error
		if d.Item.Index, err = w.export(w.root, nil, it, src); err == nil {
			err = w.root.err
		}
		if err == nil && it.Sort == component.SortFunc && it.Import == nil && !w.typed {
			var t component.ExternType
			t, err = w.ExternType(it)
			d.Type = &t
		}
		if err != nil {
			return diag.In(err, "", "", "export "+strconv.Quote(it.Name))
		}
		w.bind(w.root, it, w.Add(d))
	}
	return nil
}

// export returns the index of the item that an export refers to.
func (w *Writer) export(s *scope, path []string, it *world.Item, src Source) (uint32, error) {
	switch it.Sort {
	case component.SortFunc:
		if it.Import != nil {
			return w.ImportFunc(it.Import)
		}
		w.typed = false
		i, err := src.Func(append(slices.Clone(path), it.Name), it, func() uint32 {
			w.typed = true
			return s.funcType(it.FuncType)
		})
		return i, cmp.Or(s.err, err)
	case component.SortInstance:
		if it.Import != nil {
			return w.ImportInstance(it.Import)
		}
		return w.exportInstance(s, append(slices.Clone(path), it.Name), it.Items, src)
	case component.SortCore, component.SortComponent:
		if it.Import != nil {
			return w.Import(it.Sort, it.Import)
		}
		return src.Opaque(it)
	case component.SortType:
		switch {
		case it.Def != nil:
			return w.definition(s, it.Def)
		case it.Resource == nil:
			return s.defined(it), s.err
		}
		i, ok := s.renamed(it)
		if !ok {
			i = s.suppliedResource(it.Resource)
		}
		return i, s.err
	}
	return 0, errSort(it)
}

// Bind makes the type, or the types of the instance, that the component's import or export with an index is usable
// under its name.
func (w *Writer) Bind(it *world.Item, index uint32) { w.bind(w.root, it, index) }
