// This file implements the packages that a document can name.

package wac

import (
	"path"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// pkg is a package with what the document has made of it.
type pkg struct {
	*Package
	wit        bool
	used       bool
	registered bool
	id         compose.ComponentID
}

// IsWIT reports whether a world is that of a WIT package in binary form, which only has types of components (WIT.md,
// "Package Format").
func IsWIT(w *world.World) bool {
	for i := range w.Exports {
		if d := w.Exports[i].Def; d == nil || d.Module != nil || d.Func != nil || d.Instance || len(d.Exports) != 1 {
			return false
		}
	}
	return len(w.Imports) == 0 && len(w.Exports) > 0
}

// register records the packages, and the interfaces and worlds in them.
func (d *document) register(packages []*Package) error {
	d.types = &library{}
	seen := map[string]*Package{}
	for _, p := range packages {
		in := &pkg{Package: p, wit: IsWIT(p.World)}
		for _, n := range p.Names {
			if was := seen[n]; was != nil && was != p {
				return &diag.Error{File: p.Label, Offset: diag.NoOffset, Msg: "the package " + n + " is given twice, also as " + was.Label, Hint: "give one of them another name"}
			}
			seen[n] = p
		}
		d.packages = append(d.packages, in)
	}
	for _, p := range d.packages {
		if p.wit {
			d.types.addWIT(p)
		}
	}
	for _, p := range d.packages {
		if !p.wit {
			d.types.addComponent(p)
		}
	}
	return nil
}

// component finds the component that `new` names.
func (d *document) component(n *witsyntax.New) (*pkg, error) {
	found, wit := d.named(n.Package)
	switch {
	case len(found) == 1:
		p := found[0]
		p.used = true
		if !p.registered {
			p.registered = true
			p.id = d.graph.Register(compose.Component{Name: n.Package.Names[0], Comp: p.Comp, World: p.World})
		}
		return p, nil
	case len(found) > 1:
		var files []string
		for _, p := range found {
			files = append(files, p.Label)
		}
		return nil, d.errf(n.PackagePos, "several inputs could be package %s: %s", n.Package, diag.List(files)).
			WithHint("give the one that is meant this name")
	case wit != nil:
		return nil, d.errf(n.PackagePos, "%s is a WIT package (%s), which cannot be instantiated", n.Package, wit.Label).WithHint("name a component")
	}
	var names, files []string
	for _, p := range d.packages {
		if !p.wit {
			names = append(names, p.Names...)
		}
		if !p.wit && len(p.Names) == 0 {
			file := path.Base(strings.ReplaceAll(p.File, `\`, "/"))
			names = append(names, strings.Join(n.Package.Namespaces, ":")+":"+strings.TrimSuffix(file, path.Ext(file)))
			files = append(files, p.Label)
		}
	}
	advice := ""
	if len(files) > 0 {
		advice = "; without a name are " + diag.List(files)
	}
	return nil, d.errf(n.PackagePos, "no input is package %s", n.Package).
		WithHint("%s", nearest(n.Package.String(), names, "give a component this name"+advice))
}

// named returns the components that a name may mean: those with this name, else those with the name but for the version
// if only one of the two has one, else those without any name in a file that is called like the package. wit is a WIT
// package with the name.
func (d *document) named(n witsyntax.PackageName) (found []*pkg, wit *pkg) {
	file := n.Names[0] + ".wasm"
	folder := path.Join(n.Namespaces[len(n.Namespaces)-1], file)
	for _, fits := range []func(p *pkg) bool{
		func(p *pkg) bool { return slices.Contains(p.Names, n.String()) },
		func(p *pkg) bool {
			return slices.ContainsFunc(p.Names, func(name string) bool {
				id, version, _ := strings.Cut(name, "@")
				return id == n.ID() && (version == "") != (n.Version == "")
			})
		},
		func(p *pkg) bool {
			f := "/" + strings.ReplaceAll(p.File, `\`, "/")
			return len(p.Names) == 0 && strings.HasSuffix(f, "/"+folder)
		},
		func(p *pkg) bool {
			return len(p.Names) == 0 && path.Base(strings.ReplaceAll(p.File, `\`, "/")) == file
		},
	} {
		for _, p := range d.packages {
			switch {
			case !fits(p):
			case p.wit:
				wit = p
			default:
				found = append(found, p)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	return found, wit
}

// library has the interfaces and worlds of packages, by name.
type library struct{ entries []*entry }

// entry is an interface or a world: of a WIT package, or one that a component imports.
type entry struct {
	name  string
	from  *pkg
	iface *iface
	world *worldType
}

func (l *library) addWIT(p *pkg) {
	for i := range p.World.Exports {
		def := p.World.Exports[i].Def
		it := &def.Exports[0]
		e := &entry{name: it.Name, from: p}
		switch {
		case it.Sort == component.SortInstance:
			e.iface = &iface{id: it.Name, deps: def.Imports, items: it.Items}
		case it.Sort == component.SortComponent && it.Def != nil:
			e.world = &worldType{id: it.Name, imports: it.Def.Imports, exports: it.Def.Exports}
		default:
			continue
		}
		l.entries = append(l.entries, e)
	}
}

// addComponent adds the interfaces that a component imports, for documents without WIT packages. Of several components, the
// one that needs most of an interface has it.
func (l *library) addComponent(p *pkg) {
	for i := range p.World.Imports {
		it := &p.World.Imports[i]
		n, err := extname.Parse(it.Name)
		if err != nil || n.Kind != extname.Interface || it.Sort != component.SortInstance {
			continue
		}
		e := &entry{name: it.Name, from: p, iface: &iface{id: it.Name, deps: usedBy(it, p.World.Imports[:i]), items: it.Items}}
		switch at := slices.IndexFunc(l.entries, func(e *entry) bool { return e.name == it.Name }); {
		case at < 0:
			l.entries = append(l.entries, e)
		case !l.entries[at].from.wit && len(l.entries[at].iface.items) < len(it.Items):
			l.entries[at] = e
		}
	}
}

// find returns the entries with a name. A name without a version also means one with a version.
func (l *library) find(name string) (found []*entry) {
	for _, e := range l.entries {
		if e.name == name {
			return []*entry{e}
		}
		if id, _, ok := strings.Cut(e.name, "@"); ok && id == name {
			found = append(found, e)
		}
	}
	return found
}

func (l *library) names() (names []string) {
	for _, e := range l.entries {
		names = append(names, e.name)
	}
	return names
}
