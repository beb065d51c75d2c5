// This file implements the imports and exports of worlds.

package wit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/resolve"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// close completes the index once all rules are in it. It computes the worlds of wasm_component rules, which may include
// worlds of any package, and collects all exports.
func (l *lang) close(ix *resolve.RuleIndex) {
	if l.ix.closed {
		return
	}
	l.ix.closed = true
	l.ix.components()
	for _, comp := range l.ix.sorted() {
		if comp.world != "" {
			l.closeWorld(comp)
		}
		for _, x := range comp.exports {
			if x.ID != "" {
				l.ix.offers[x.ID] = append(l.ix.offers[x.ID], offer{comp, x})
			}
		}
	}
	l.wire(ix)
	l.closeDocuments()
	l.suppliers()
	l.closeGo()
}

func sortedLabels[V any](m map[label.Label]V) []label.Label {
	out := make([]label.Label, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	text := make(map[label.Label]string, len(m))
	for k := range m {
		text[k] = k.String()
	}
	slices.SortFunc(out, func(a, b label.Label) int { return strings.Compare(text[a], text[b]) })
	return out
}

// closeWorld finds the world of a wasm_component.
func (l *lang) closeWorld(comp *component) {
	lib, pkg, name, err := l.worldOf(comp)
	if err != nil {
		comp.unread = true
		l.problem(comp.c, fmt.Sprintf("%s: %v", comp.label, err))
		return
	}
	comp.wit = lib.label.String()
	comp.world = name
	if pkg != lib.packages[0] {
		comp.world = spellings(pkg.name.ID()+"/"+name, pkg.name.Version)[0]
	}
	s := worldSum{lang: l, lib: lib, imports: map[ref]bool{}, exports: map[ref]bool{}, seen: map[ref]bool{}}
	s.include(ref{pkg.name.String(), name})
	comp.imports, comp.exports = s.externs()
	names := s.plain(ref{pkg.name.String(), name}, nil)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		comp.imports = append(comp.imports, iface.Extern{Name: name})
	}
}

// worldOf finds the world that a wasm_component names, either as ns:pkg/world@version, or as a bare name in its
// wit_library or in one of its own package.
func (l *lang) worldOf(comp *component) (*library, *witPackage, string, error) {
	var libs []*library
	pkgName, name := "", comp.world
	if strings.Contains(comp.world, "/") {
		path, version, versioned := strings.Cut(comp.world, "@")
		i := strings.LastIndexByte(path, '/')
		pkgName, name = path[:i], path[i+1:]
		if versioned {
			pkgName += "@" + version
		}
		var err error
		if libs, err = l.librariesFor(comp, pkgName); err != nil {
			return nil, nil, "", err
		}
	} else if comp.wit != "" {
		at, err := label.Parse(comp.wit)
		if err != nil {
			return nil, nil, "", err
		}
		lib, ok := l.ix.libs[local(comp.c, at.Abs("", comp.label.Pkg))]
		if !ok {
			return nil, nil, "", fmt.Errorf("wit = %q is not a wit_library of this repository, so its world %s is not known: name one that is, or list the suppliers in deps yourself", comp.wit, name)
		}
		libs = []*library{lib}
	} else {
		libs = slices.Clone(l.ix.in[comp.label.Pkg])
		slices.SortFunc(libs, func(a, b *library) int { return strings.Compare(a.label.Name, b.label.Name) })
	}
	type found struct {
		lib *library
		pkg *witPackage
	}
	var all []found
	for _, lib := range libs {
		for i, p := range lib.packages {
			if _, ok := p.worlds[name]; ok && (p.name.String() == pkgName || pkgName == "" && i == 0) {
				all = append(all, found{lib, p})
			}
		}
	}
	switch len(all) {
	case 0:
		return nil, nil, "", fmt.Errorf("no world %s was found; name it as ns:pkg/world@version in \"# gazelle:%s\"", comp.world, componentDirective)
	case 1:
		return all[0].lib, all[0].pkg, name, nil
	}
	var names []string
	for _, f := range all {
		names = append(names, fmt.Sprintf("%s in %s", f.pkg.name, f.lib.label))
	}
	return nil, nil, "", fmt.Errorf("world %s is ambiguous: %s; name it as ns:pkg/world@version in \"# gazelle:%s\"", comp.world, strings.Join(names, ", "), componentDirective)
}

// librariesFor returns the wit_library with the package of a component's world.
func (l *lang) librariesFor(comp *component, name string) ([]*library, error) {
	id, version, _ := strings.Cut(name, "@")
	if at, ok := override(comp.c, id, version); ok {
		if lib, ok := l.ix.libs[local(comp.c, at)]; ok {
			return []*library{lib}, nil
		}
		return nil, fmt.Errorf("WIT package %s: %s, which a resolve directive names, is not a wit_library of this repository, so its worlds are not known", name, at)
	}
	libs := l.ix.libraries(comp.label.Pkg, name)
	if len(libs) == 0 {
		libs = l.ix.below(comp.label.Pkg, name)
	}
	switch {
	case len(libs) == 0:
		return nil, fmt.Errorf("%s", l.missingPackage(comp.c, id, version))
	case len(libs) > 1:
		return nil, fmt.Errorf("%s", ambiguousPackage(name, libs))
	}
	return libs, nil
}

// worldSum is the union of the imports and exports of a world and the worlds it includes (WIT.md, "Union of Worlds with
// include", "Transitive imports and worlds").
type worldSum struct {
	*lang
	lib              *library
	imports, exports map[ref]bool
	used             []ref // interfaces whose types exported interfaces use
	seen             map[ref]bool
}

func (s *worldSum) include(r ref) {
	p := s.pkg(s.lib, r.pkg)
	if s.seen[r] || p == nil || p.worlds[r.name] == nil {
		return
	}
	s.seen[r] = true
	w := p.worlds[r.name]
	for _, i := range append(w.imports[:len(w.imports):len(w.imports)], w.uses...) {
		s.importAll(i)
	}
	// An interface under a plain name is not imported by its own name, but the interfaces that it uses are.
	for _, n := range w.named {
		if i := s.iface(n); i != nil {
			for _, u := range i.uses {
				s.importAll(u)
			}
		}
	}
	for _, e := range w.exports {
		s.exports[e] = true
	}
	for _, e := range append(w.exports[:len(w.exports):len(w.exports)], w.exportNamed...) {
		if i := s.iface(e); i != nil {
			s.used = append(s.used, i.uses...)
		}
	}
	s.used = append(s.used, w.exportUses...)
	for _, inc := range w.includes {
		s.include(inc.ref)
	}
}

// plain returns the plain names that a world imports, with those of the worlds that it includes under their new names.
func (s *worldSum) plain(r ref, within []ref) (out []string) {
	p := s.pkg(s.lib, r.pkg)
	if p == nil || p.worlds[r.name] == nil || slices.Contains(within, r) {
		return nil
	}
	w := p.worlds[r.name]
	out = append(out, w.plain...)
	for _, inc := range w.includes {
		for _, name := range s.plain(inc.ref, append(within[:len(within):len(within)], r)) {
			if as, ok := inc.with[name]; ok {
				name = as
			}
			out = append(out, name)
		}
	}
	return out
}

func (s *worldSum) iface(r ref) *interfaceUses {
	if p := s.pkg(s.lib, r.pkg); p != nil {
		return p.ifaces[r.name]
	}
	return nil
}

// importAll imports an interface and all that it uses.
func (s *worldSum) importAll(r ref) {
	if s.imports[r] {
		return
	}
	s.imports[r] = true
	if i := s.iface(r); i != nil {
		for _, u := range i.uses {
			s.importAll(u)
		}
	}
}

// externs returns the sum. Interfaces that an exported interface uses are imported, unless they are exported too.
func (s *worldSum) externs() (imports, exports []iface.Extern) {
	for _, u := range s.used {
		if !s.exports[u] {
			s.importAll(u)
		}
	}
	return s.list(s.imports), s.list(s.exports)
}

func (s *worldSum) list(refs map[ref]bool) (out []iface.Extern) {
	for r := range refs {
		id, version, _ := strings.Cut(r.pkg, "@")
		x := iface.Extern{ID: id + "/" + r.name, Version: version}
		x.Name = spellings(x.ID, version)[0]
		if i := s.iface(r); i != nil {
			x.TypesOnly = i.typesOnly
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b iface.Extern) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// mainPackages returns the packages that files declare at the top level, in the order of the files.
func mainPackages(files []*witFile) (out []witsyntax.PackageName) {
	seen := map[string]bool{}
	for _, f := range files {
		if d := f.tree.Package; d != nil && !seen[d.Name.String()] {
			seen[d.Name.String()] = true
			out = append(out, d.Name)
		}
	}
	return out
}
