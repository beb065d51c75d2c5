// This file implements the interfaces and worlds of a WIT package, and what they use.

package wit

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// ref names an interface or world of a package.
type ref struct{ pkg, name string }

// witPackage is the part of a WIT package that the extension needs, gathered from its files.
type witPackage struct {
	name   witsyntax.PackageName
	ifaces map[string]*interfaceUses
	worlds map[string]*world
	// foreign are the other packages that this one refers to, with the position of the first reference.
	foreign map[string]mention
}

// mention is a reference to another package.
type mention struct {
	name witsyntax.PackageName
	pos  string
	// part reports whether the referring package is in binary form and so contains all that it needs of the other one.
	part bool
}

// interfaceUses has the interfaces whose types an interface uses, and whether it has only types, none of them a resource.
type interfaceUses struct {
	uses      []ref
	typesOnly bool
	in        *witsyntax.Interface
	scope     *scope
}

// world is a world's own items. uses are the interfaces used by the world and by interfaces written inline in its
// imports, exportUses those used by interfaces written inline in its exports. named are the interfaces of imports under
// a plain name, exportNamed those of exports.
type world struct {
	imports, exports, uses, exportUses, named, exportNamed []ref
	includes                                               []inclusion
	// plain are the names of imports that are no interfaces: of functions, of instances under a plain name, and of resource
	// types with their functions.
	plain []string
	in    *witsyntax.World
	scope *scope
}

// inclusion is an include of another world, with the new names of what has a plain name there.
type inclusion struct {
	ref
	with map[string]string
}

// packagesOf returns the packages that files declare: the main one, whose name is given, then nested ones.
func packagesOf(main witsyntax.PackageName, files []*witFile) []*witPackage {
	byName := map[string]*witPackage{}
	var all []*witPackage
	get := func(n witsyntax.PackageName) *witPackage {
		p, ok := byName[n.String()]
		if !ok {
			p = &witPackage{name: n, ifaces: map[string]*interfaceUses{}, worlds: map[string]*world{}, foreign: map[string]mention{}}
			byName[n.String()] = p
			all = append(all, p)
		}
		return p
	}
	get(main)
	for _, f := range files {
		get(main).add(f, f.tree.Items)
		for _, it := range f.tree.Items {
			if n, ok := it.(*witsyntax.NestedPackage); ok {
				get(n.Decl.Name).add(f, n.Items)
			}
		}
	}
	return all
}

// scope resolves the names of one file, or of one nested package.
type scope struct {
	pkg   *witPackage
	file  *witFile
	local map[string]witsyntax.UsePath // names that a top-level use declares
}

func (p *witPackage) add(file *witFile, items []witsyntax.Item) {
	s := &scope{pkg: p, file: file, local: map[string]witsyntax.UsePath{}}
	for _, it := range items {
		if u, ok := it.(*witsyntax.TopUse); ok {
			s.local[u.Local()] = u.Path
			s.foreign(u.Path)
		}
	}
	for _, it := range items {
		switch it := it.(type) {
		case *witsyntax.Interface:
			p.ifaces[it.Name] = s.iface(it)
		case *witsyntax.World:
			p.worlds[it.Name] = s.world(it)
		}
	}
}

// foreign records the package that a path names, if it is another one.
func (s *scope) foreign(path witsyntax.UsePath) {
	if path.Package == nil || path.Package.String() == s.pkg.name.String() {
		return
	}
	id := path.Package.String()
	if m, ok := s.pkg.foreign[id]; ok && (!m.part || s.file.binary) {
		return
	}
	m := mention{name: *path.Package, pos: s.file.tree.Name, part: s.file.binary}
	if !m.part {
		m.pos = fmt.Sprintf("%s:%d:%d", m.pos, path.Pos.Line, path.Pos.Col)
	}
	s.pkg.foreign[id] = m
}

func (s *scope) ref(path witsyntax.UsePath) ref {
	s.foreign(path)
	if path.Package == nil {
		if to, ok := s.local[path.Name]; ok {
			path = to
		}
	}
	if path.Package == nil {
		return ref{s.pkg.name.String(), path.Name}
	}
	return ref{path.Package.String(), path.Name}
}

func (s *scope) iface(in *witsyntax.Interface) *interfaceUses {
	out := &interfaceUses{typesOnly: true, in: in, scope: s}
	for _, it := range in.Items {
		switch it := it.(type) {
		case *witsyntax.Use:
			r := s.ref(it.Path)
			if !unstable(it.Attrs) {
				out.uses = append(out.uses, r)
			}
		case *witsyntax.Func:
			out.typesOnly = false
		case *witsyntax.TypeDef:
			out.typesOnly = out.typesOnly && it.Kind != witsyntax.Resource
		}
	}
	return out
}

// unstable reports whether an item is absent from components that do not enable its feature.
func unstable(a witsyntax.Attrs) bool {
	for _, g := range a.Gates {
		if g.Kind == witsyntax.Unstable {
			return true
		}
	}
	return false
}

func (s *scope) world(in *witsyntax.World) *world {
	w := &world{in: in, scope: s}
	for _, it := range in.Items {
		var to *[]ref
		var refs []ref
		var attrs witsyntax.Attrs
		switch it := it.(type) {
		case *witsyntax.Use:
			to, refs, attrs = &w.uses, []ref{s.ref(it.Path)}, it.Attrs
		case *witsyntax.Include:
			r := s.ref(it.Path)
			if !unstable(it.Attrs) {
				w.includes = append(w.includes, inclusion{r, renames(it.With)})
			}
		case *witsyntax.Extern:
			to, refs = s.extern(w, it)
			attrs = it.Attrs
			if !it.Export && it.Name != "" && !unstable(attrs) {
				w.plain = append(w.plain, it.Name)
			}
		case *witsyntax.TypeDef:
			if it.Kind == witsyntax.Resource && !unstable(it.Attrs) {
				w.plain = append(w.plain, resourceNames(it)...)
			}
		}
		if to != nil && !unstable(attrs) {
			*to = append(*to, refs...)
		}
	}
	return w
}

func renames(with []witsyntax.Rename) map[string]string {
	out := map[string]string{}
	for _, r := range with {
		out[r.Name] = r.As
	}
	return out
}

// resourceNames returns the names that a resource of a world and its functions have as imports.
func resourceNames(t *witsyntax.TypeDef) []string {
	out := []string{t.Name}
	for _, fn := range t.Funcs {
		switch {
		case unstable(fn.Attrs):
		case fn.Kind == witsyntax.Constructor:
			out = append(out, "[constructor]"+t.Name)
		case fn.Kind == witsyntax.Static:
			out = append(out, "[static]"+t.Name+"."+fn.Name)
		default:
			out = append(out, "[method]"+t.Name+"."+fn.Name)
		}
	}
	return out
}

// extern returns the interfaces that an import or export depends on, and the world's list they belong to.
func (s *scope) extern(w *world, x *witsyntax.Extern) (*[]ref, []ref) {
	switch {
	case x.Path != nil && x.Name == "":
		if x.Export {
			return &w.exports, []ref{s.ref(*x.Path)}
		}
		return &w.imports, []ref{s.ref(*x.Path)}
	case x.Path != nil:
		if x.Export {
			return &w.exportNamed, []ref{s.ref(*x.Path)}
		}
		return &w.named, []ref{s.ref(*x.Path)}
	case x.Interface != nil:
		if x.Export {
			return &w.exportUses, s.iface(x.Interface).uses
		}
		return &w.uses, s.iface(x.Interface).uses
	}
	return nil, nil
}
