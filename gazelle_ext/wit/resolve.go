// This file implements the resolution of dependencies of libraries and components.

package wit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/repo"
	"github.com/bazelbuild/bazel-gazelle/resolve"
	"github.com/bazelbuild/bazel-gazelle/rule"
)

// Resolve is called for each generated rule once all rules are indexed.
func (l *lang) Resolve(c *config.Config, ix *resolve.RuleIndex, _ *repo.RemoteCache, r *rule.Rule, _ any, from label.Label) {
	l.close(ix)
	from = local(c, from)
	switch r.Kind() {
	case libraryKind:
		l.resolveLibrary(c, ix, r, from)
	case importKind:
		l.resolveSuppliers(c, r, from)
	case componentKind:
		l.resolveComponent(c, r, from)
		l.resolveSuppliers(c, r, from)
	case goKind:
		l.resolveGo(c, ix, r, from)
	case fuseKind, composeKind:
		if r.Attr("wac") != nil {
			l.resolveDocument(c, ix, r, from)
		} else {
			l.resolveFuse(c, ix, r, from)
		}
	}
}

// override returns the label of a resolve directive for a name, in any of its spellings, or of a wit_resolve directive for a
// package.
func override(c *config.Config, id, version string) (label.Label, bool) {
	for _, s := range spellings(id, version) {
		if at, ok := resolve.FindRuleWithOverride(c, resolve.ImportSpec{Lang: languageName, Imp: s}, languageName); ok {
			return local(c, at), true
		}
	}
	return placed(c, id, version)
}

// resolveLibrary sets deps to the libraries of the packages that a library's files refer to. If there is a problem,
// existing deps stay. If the index is incomplete, they stay in addition to those found.
func (l *lang) resolveLibrary(c *config.Config, ix *resolve.RuleIndex, r *rule.Rule, from label.Label) {
	lib, ok := l.ix.libs[from]
	if !ok {
		// Without an index no dependencies can be found, so existing ones stay.
		l.keepDeps(r, from)
		return
	}
	found := map[label.Label]bool{}
	own := map[string]bool{}
	for _, p := range lib.packages {
		own[p.name.String()] = true
	}
	missing, wrong := lib.unread, false
	for _, p := range lib.packages {
		for _, full := range sortedKeys(p.foreign) {
			if own[full] {
				continue
			}
			m := p.foreign[full]
			at, msg := l.library(c, ix, lib, m)
			switch {
			case m.part && at == label.NoLabel && msg != reported:
			case msg == reported:
				wrong = true
			case msg != "":
				l.problem(c, fmt.Sprintf("%s: %s: %s", from, m.pos, msg))
				wrong = true
			case at == label.NoLabel:
				missing = true
				l.partial[from.String()] = true
			case at != from:
				found[at] = true
			}
		}
	}
	if (missing || wrong) && l.old[from] != nil && l.old[from].Attr("deps") != nil {
		before := l.labels(c, l.old[from].AttrStrings("deps"), from.Pkg)
		if wrong {
			r.SetAttr("deps", l.old[from].Attr("deps"))
			l.checkDeps(c, from, before)
			l.libDeps[from] = before
			return
		}
		for _, at := range before {
			found[at] = true
		}
	}
	l.libDeps[from] = sortedLabels(found)
	var deps []string
	for _, at := range l.libDeps[from] {
		deps = append(deps, at.Rel("", from.Pkg).String())
	}
	slices.Sort(deps)
	if len(deps) > 0 {
		r.SetAttr("deps", deps)
	}
}

// labels parses labels as written in a BUILD file.
func (l *lang) labels(c *config.Config, list []string, pkg string) (out []label.Label) {
	for _, s := range list {
		if at, err := label.Parse(s); err == nil {
			out = append(out, local(c, at.Abs("", pkg)))
		}
	}
	return out
}

// reported stands for a message that was already reported.
const reported = "reported"

// library returns the wit_library of a package, or a message why there is none. Without either, there may be one that
// is not indexed.
func (l *lang) library(c *config.Config, ix *resolve.RuleIndex, from *library, m mention) (label.Label, string) {
	id, version := m.name.ID(), m.name.Version
	if at, ok := override(c, id, version); ok {
		if l.missing(c, at) {
			return label.NoLabel, fmt.Sprintf("WIT package %s is %s by a directive, but there is no such target; name another one, or remove the directive", m.name, at)
		}
		return at, ""
	}
	libs := l.ix.libraries(from.label.Pkg, m.name.String())
	switch {
	case len(libs) > 1:
		return label.NoLabel, ambiguousPackage(m.name.String(), libs)
	case len(libs) == 1 && libs[0] != from && from.scc != 0 && libs[0].scc == from.scc:
		l.problem(c, l.packageCycle(from.scc))
		return label.NoLabel, reported
	case len(libs) == 1:
		return libs[0].label, ""
	}
	if at, ok := l.foreignProvider(c, ix, id, version); ok {
		return at, ""
	}
	if at, ok := locked(c, id, version); ok {
		return at, ""
	}
	if l.incomplete(c) {
		return label.NoLabel, ""
	}
	return label.NoLabel, l.missingPackage(c, id, version)
}

func (l *lang) missingPackage(c *config.Config, id, version string) string {
	name := spellings(id, version)[0]
	near, to := "", "LABEL"
	if p := l.ix.byPkg[name]; p != nil {
		to = p.all[0].label.String()
		for i, lib := range p.all {
			if i == maxListed {
				near += fmt.Sprintf(" (and %d more)", len(p.all)-i)
				break
			}
			near += fmt.Sprintf(" (%s has it only for %s)", lib.label, cmp.Or("//"+lib.owner, "//"))
		}
	}
	for _, other := range l.ix.byID[id] {
		if other == name {
			continue
		}
		near += fmt.Sprintf(" (there is %s in %s: name that version?)", other, l.ix.byPkg[other].all[0].label)
	}
	near += lockAdvice(c, id, version)
	if to == "LABEL" && wasiPlace.has(id, version) {
		return fmt.Sprintf("no wit_library provides WIT package %s%s; add its files, for example in a deps folder, or take those of the extension wasi with \"# gazelle:%s %s %s\"",
			name, near, placeDirective, wasiPlace.pattern, wasiPlace.label)
	}
	return fmt.Sprintf("no wit_library provides WIT package %s%s; add its files, for example in a deps folder, or name its library with \"# gazelle:resolve wit %s %s\"",
		name, near, name, to)
}

func ambiguousPackage(name string, libs []*library) string {
	var all []string
	for _, l := range libs {
		all = append(all, l.label.String())
	}
	return fmt.Sprintf("WIT package %s is provided by %s, which differ; choose with \"# gazelle:resolve wit %s %s\"",
		name, strings.Join(all, ", "), name, all[0])
}

func (l *lang) packageCycle(scc int) string {
	var all []string
	for _, at := range sortedLabels(l.ix.libs) {
		if l.ix.libs[at].scc == scc {
			all = append(all, fmt.Sprintf("%s (%s)", at, l.ix.libs[at].packages[0].name))
		}
	}
	return fmt.Sprintf("WIT packages depend on each other: %s; move what they share to another package, or point one to other files with \"# gazelle:resolve wit PACKAGE LABEL\"",
		strings.Join(all, ", "))
}

// keepDeps leaves the deps of the rule that r replaces unchanged.
func (l *lang) keepDeps(r *rule.Rule, at label.Label) {
	l.partial[at.String()] = true
	if old := l.old[at]; old != nil && old.Attr("deps") != nil {
		r.SetAttr("deps", old.Attr("deps"))
	}
}

// resolveComponent sets wit to the library of the component's world. Problems of the world were reported when the index
// was closed.
func (l *lang) resolveComponent(c *config.Config, r *rule.Rule, from label.Label) {
	if comp, ok := l.ix.comps[from]; ok && !comp.unread {
		if at, err := label.Parse(comp.wit); err == nil {
			r.SetAttr("wit", at.Rel("", from.Pkg).String())
			r.SetAttr("world", comp.world)
			return
		}
	} else if !ok {
		l.partial[from.String()] = true
	}
	old := l.old[from]
	if old == nil {
		l.rules[from].Delete()
		return
	}
	if old.Attr("wit") != nil {
		r.SetAttr("wit", old.Attr("wit"))
	}
}

// checkCopies reports components whose world reaches one package in two libraries, such as vendored copies that
// different libraries chose. wasm-tools accepts a package only once.
func (l *lang) checkCopies() {
	for _, comp := range l.ix.sorted() {
		at := comp.label
		root, err := label.Parse(comp.wit)
		if comp.wit == "" || err != nil {
			continue
		}
		places := map[string]label.Label{}
		seen := map[label.Label]bool{}
		todo := []label.Label{local(comp.c, root.Abs("", at.Pkg))}
		for len(todo) > 0 {
			lib := l.ix.libs[todo[0]]
			todo = todo[1:]
			if lib == nil || seen[lib.label] {
				continue
			}
			seen[lib.label] = true
			todo = append(todo, l.libDeps[lib.label]...)
			for _, p := range lib.packages {
				name := p.name.String()
				if other, ok := places[name]; ok {
					l.problem(comp.c, fmt.Sprintf("%s: its WIT has package %s twice, from %s and %s; make all use one with \"# gazelle:resolve wit %s %s\" in a folder above them",
						at, name, other, lib.label, name, other))
					continue
				}
				places[name] = lib.label
			}
		}
	}
}

// checkVendored notes copies of packages in deps folders that differ from the library of the repository that is used
// instead.
func (l *lang) checkVendored() {
	for _, at := range sortedLabels(l.ix.libs) {
		lib := l.ix.libs[at]
		if !lib.vendored || lib.unread || lib.partial || len(lib.packages) == 0 {
			continue
		}
		name := lib.packages[0].name
		if _, ok := override(lib.c, name.ID(), name.Version); ok {
			continue
		}
		used := l.ix.libraries(lib.owner, name.String())
		if len(used) != 1 || used[0].vendored || used[0].unread || used[0].partial || used[0].sum == lib.sum {
			continue
		}
		l.note(fmt.Sprintf("%s: this copy of WIT package %s differs from %s, which is used instead: update or delete the copy, or use it with \"# gazelle:resolve wit %s %s\"",
			at, name, used[0].label, name, at))
	}
}

// components numbers libraries that depend on each other: libraries with the same number, other than 0, form a cycle.
func (ix *index) components() {
	var libs []*library
	number := map[*library]int{}
	for _, at := range sortedLabels(ix.libs) {
		number[ix.libs[at]] = len(libs)
		libs = append(libs, ix.libs[at])
	}
	knot := knots(len(libs), func(at int, visit func(int)) {
		for _, to := range ix.uses(libs[at]) {
			visit(number[to])
		}
	})
	size := map[int]int{}
	for _, k := range knot {
		size[k]++
	}
	for i, lib := range libs {
		if size[knot[i]] > 1 {
			lib.scc = knot[i]
		}
	}
}

// uses returns the libraries of the packages that a library refers to, as far as there is one choice.
func (ix *index) uses(lib *library) (out []*library) {
	for _, p := range lib.packages {
		for _, full := range sortedKeys(p.foreign) {
			m := p.foreign[full]
			to := ix.libraries(lib.label.Pkg, full)
			if at, ok := override(lib.c, m.name.ID(), m.name.Version); ok {
				to = nil
				if l, ok := ix.libs[at]; ok {
					to = []*library{l}
				}
			}
			if len(to) == 1 && to[0] != lib {
				out = append(out, to[0])
			}
		}
	}
	return out
}
