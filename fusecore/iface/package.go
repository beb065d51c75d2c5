// This file implements reading WIT packages; text.go writes the items of a scope.

package iface

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Package is a WIT package as text.
type Package struct {
	Name string // namespace:name, with @version if it has one
	// Items are its interfaces and worlds, in WIT. Includes of worlds are expanded.
	Items string
	// Uses are the parts of other packages that this package uses, by name.
	Uses []Package
}

// Text returns the package as a WIT file, without the packages it uses.
func (p *Package) Text() string { return "package " + p.Name + ";\n\n" + p.Items }

// Nested returns the package in the form that can be nested in another package's file.
func (p *Package) Nested() string { return "package " + p.Name + " {\n" + p.Items + "}\n" }

// IsPackage reports whether a file is a WIT package in binary form: a component that only has types and exports. It
// only reads the sections' headers.
func IsPackage(file []byte) bool {
	if len(file) < 8 || !IsComponent(file[:8]) {
		return false
	}
	types := false
	for rest := file[8:]; len(rest) > 0; {
		id := rest[0]
		size, n, err := leb128.U32(rest[1:])
		if err != nil || uint64(len(rest)-1-n) < uint64(size) {
			return false
		}
		switch id {
		case 0, 11: // custom, export
		case 7:
			types = true
		default:
			return false
		}
		rest = rest[1+n+int(size):]
	}
	return types
}

// ReadPackage reads a WIT package in binary form (WIT.md, "Package Format"). It omits documentation and gates.
func ReadPackage(name string, file []byte) (p *Package, err error) {
	defer diag.Recover(&err)
	c, err := decode.Component(file)
	if err != nil {
		return nil, diag.In(err, name, "", "")
	}
	w := &witReader{packages: map[string]*witFile{}}
	top := &witScope{}
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *component.Type:
			top.types = append(top.types, witType{def: d.Def, in: top})
		case *component.Export:
			if d.Item.Sort != component.SortType || int(d.Item.Index) >= len(top.types) {
				return nil, diag.New(d.Name.Name, "%s exports something other than types: it is not a WIT package", name)
			}
			t := top.types[d.Item.Index]
			top.types = append(top.types, t) // an export has a new index
			def, ok := t.def.(*component.ComponentDef)
			if !ok {
				return nil, diag.New(d.Name.Name, "%s exports a type that is not a component type: it is not a WIT package", name)
			}
			if err := w.definition(def, top); err != nil {
				return nil, diag.In(err, name, "", d.Name.Name)
			}
		case *component.Custom:
		default:
			return nil, diag.New("", "%s has more than types and exports: it is not a WIT package", name)
		}
	}
	if w.main == "" {
		return nil, diag.New("", "%s exports no interface and no world: it is not a WIT package", name)
	}
	return w.result(), nil
}

// witReader collects packages.
type witReader struct {
	main     string
	packages map[string]*witFile
}

// witFile has the interfaces and worlds of a package.
type witFile struct {
	order []string
	items map[string]*witBody // by "interface name" or "world name"
}

func (w *witReader) body(pkg, key string) *witBody {
	f := w.packages[pkg]
	if f == nil {
		f = &witFile{items: map[string]*witBody{}}
		w.packages[pkg] = f
	}
	if f.items[key] == nil {
		f.items[key] = &witBody{pkg: pkg, items: map[string]*witItem{}}
		f.order = append(f.order, key)
	}
	return f.items[key]
}

// definition reads the type of one interface or world: a component type that exports it, and imports what it uses.
func (w *witReader) definition(def *component.ComponentDef, outer *witScope) error {
	s := &witScope{outer: outer}
	for _, d := range def.Decls {
		x, isExport := d.(*component.Export)
		if !isExport {
			if err := w.declare(s, nil, d); err != nil {
				return err
			}
			continue
		}
		n, err := extname.Parse(x.Name.Name)
		if err != nil {
			return err
		}
		pkg, name := splitInterface(n, x.Name)
		if pkg == "" {
			return diag.New(x.Name.Name, "expected the full name of an interface or world")
		}
		if w.main == "" {
			w.main = pkg
		}
		if pkg != w.main {
			return diag.New(x.Name.Name, "expected a name of package %s", w.main)
		}
		t, err := s.typeAt(x.Type.Index)
		if err != nil {
			return err
		}
		switch def := t.def.(type) {
		case *component.InstanceDef:
			b := w.body(pkg, "interface "+name)
			b.whole = true
			err = w.fill(b, def.Decls, t.in)
		case *component.ComponentDef:
			b := w.body(pkg, "world "+name)
			b.world = true
			err = w.fill(b, def.Decls, t.in)
		default:
			err = diag.New(x.Name.Name, "expected an instance or a component")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fill reads the declarators of an interface or world into its body.
func (w *witReader) fill(b *witBody, decls []component.Decl, outer *witScope) error {
	s := &witScope{outer: outer}
	for _, d := range decls {
		if err := w.declare(s, b, d); err != nil {
			return err
		}
	}
	return nil
}

// declare reads one declarator. b is nil outside an interface or world, where types are only brought into scope.
func (w *witReader) declare(s *witScope, b *witBody, d component.Decl) error {
	switch d := d.(type) {
	case *component.Type:
		s.types = append(s.types, witType{def: d.Def, in: s})
		return nil
	case *component.Alias:
		return s.alias(d)
	case *component.Import:
		return w.extern(s, b, d.Name, d.Type, "import ")
	case *component.Export:
		return w.extern(s, b, d.Name, *d.Type, "export ")
	}
	return diag.New("", "WIT cannot express a core type")
}

// extern reads an import or an export.
func (w *witReader) extern(s *witScope, b *witBody, name component.ExternName, x component.ExternType, how string) error {
	switch x.Kind {
	case component.ExternTypeBound:
		if b == nil {
			return diag.New(name.Name, "expected an interface")
		}
		return s.named(b, name.Name, x)
	case component.ExternFunc:
		t, err := s.typeAt(x.Index)
		if err != nil {
			return err
		}
		def, ok := t.def.(*component.FuncDef)
		if !ok || b == nil {
			return diag.New(name.Name, "expected the type of a function")
		}
		return b.function(t.in, name.Name, def, how)
	case component.ExternInstance:
		return w.instance(s, b, name, x, how)
	}
	return diag.New(name.Name, "WIT has no such item")
}

// instance reads an imported or exported interface. If it belongs to another package, it is added to that package.
func (w *witReader) instance(s *witScope, b *witBody, name component.ExternName, x component.ExternType, how string) error {
	t, err := s.typeAt(x.Index)
	if err != nil {
		return err
	}
	def, ok := t.def.(*component.InstanceDef)
	if !ok {
		return diag.New(name.Name, "expected the type of an instance")
	}
	full := fullName(name)
	s.instances = append(s.instances, full)
	n, err := extname.Parse(name.Name)
	if err != nil {
		return err
	}
	pkg, iface := splitInterface(n, name)
	if pkg == "" {
		if b == nil {
			return diag.New(name.Name, "expected an interface")
		}
		for _, a := range name.Attributes.All() {
			if a.Kind == component.AttrImplements {
				b.add(how+full, how+witID(name.Name)+": "+b.path(a.Value)+";")
				return nil
			}
		}
		inline := &witBody{pkg: b.pkg, items: map[string]*witItem{}}
		if err := w.fill(inline, def.Decls, t.in); err != nil {
			return err
		}
		b.add(how+full, how+witID(name.Name)+": interface {\n"+inline.text("    ")+"  }")
		return nil
	}
	if b != nil {
		b.add(how+full, how+b.path(full)+";")
	}
	part := w.body(pkg, "interface "+iface)
	if part.whole {
		return nil
	}
	return w.fill(part, def.Decls, t.in)
}

// result writes all packages.
func (w *witReader) result() *Package {
	out := &Package{Name: w.main, Items: w.packages[w.main].text()}
	var names []string
	for name := range w.packages {
		if name != w.main {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		out.Uses = append(out.Uses, Package{Name: name, Items: w.packages[name].text()})
	}
	return out
}

func (f *witFile) text() string {
	var b strings.Builder
	for _, key := range f.order {
		kind, name, _ := strings.Cut(key, " ")
		fmt.Fprintf(&b, "%s %s {\n%s}\n", kind, witID(name), f.items[key].text("  "))
	}
	return b.String()
}

// fullName returns a name with its full version.
func fullName(n component.ExternName) string {
	return component.WithVersionSuffix(n.Name, n.Attributes)
}

// splitInterface splits ns:pkg/name@version into ns:pkg@version and name. The package of a plain name is empty.
func splitInterface(n extname.Name, name component.ExternName) (pkg, iface string) {
	if n.Kind != extname.Interface {
		return "", ""
	}
	id, version, versioned := strings.Cut(fullName(name), "@")
	i := strings.LastIndexByte(id, '/')
	pkg, iface = id[:i], id[i+1:]
	if versioned {
		pkg += "@" + version
	}
	return pkg, iface
}
