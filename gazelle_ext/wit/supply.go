// This file implements the imports of components, and what satisfies them.

package wit

import (
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/resolve"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

// want is an import of a component and what satisfies it: a component of the repository, an unknown target, the host,
// or nothing yet.
type want struct {
	comp *component
	imp  iface.Extern
	by   *component
	// export is the name of the export of by; target is the supplier's label, also if the target is unknown.
	export string
	target label.Label
	host   bool
	// said reports whether a directive chose, wrong whether it chose a component without the export, gone whether the
	// target does not exist.
	said, wrong, gone bool
	// from are the exports of the interface, or nil if a directive chose. barred are components that cannot be used because
	// that would close a cycle, known once everything is wired.
	from   *candidates
	barred map[*component]bool
	ring   []*component // components that depend on each other, a cycle that this import closes
	advice label.Label  // of the offers, the one that messages suggest
}

// open reports whether the want must be satisfied and is not.
func (w *want) open() bool {
	return w.target == label.NoLabel && !w.host && !w.imp.TypesOnly
}

// lacking reports whether the want is open and nothing else says what satisfies it, as documents do for the components that
// they instantiate.
func (w *want) lacking() bool { return w.open() && !w.comp.document }

// supplyDecl is a wasm_supply directive.
type supplyDecl struct {
	importer string // a pattern of rule names, or a label
	imp      string // an interface, with its version, a track or none
	host     bool
	to       label.Label
	at       string // the BUILD file and the directive, for messages
}

// supplyList is the wasm_supply directives of a folder and of those above it. Folders without directives share those of the
// folder above.
type supplyList struct {
	decls []supplyDecl
	// byImport has the directives for each import, the last one first, once something asks.
	byImport *map[string][]supplyDecl
}

// with returns the list with one more directive.
func (s supplyList) with(d supplyDecl) supplyList {
	return supplyList{append(s.decls[:len(s.decls):len(s.decls)], d), new(map[string][]supplyDecl)}
}

// of returns the directives for an import, as spelt, the last one first.
func (s supplyList) of(imp string) []supplyDecl {
	if len(s.decls) == 0 {
		return nil
	}
	if *s.byImport == nil {
		*s.byImport = map[string][]supplyDecl{}
		for _, d := range slices.Backward(s.decls) {
			(*s.byImport)[d.imp] = append((*s.byImport)[d.imp], d)
		}
	}
	return (*s.byImport)[imp]
}

// parseSupply parses IMPORTER IMPORT LABEL in the BUILD file of a folder.
func parseSupply(value, rel string) (d supplyDecl, err error) {
	f := strings.Fields(value)
	if len(f) != 3 || !strings.Contains(f[1], "/") {
		return d, fmt.Errorf("expected IMPORTER IMPORT LABEL, with a rule's name, a pattern or a label, an interface ns:pkg/iface@1.0.0, and a label or host")
	}
	d = supplyDecl{importer: f[0], imp: f[1], host: f[2] == "host"}
	if strings.ContainsAny(d.importer, "/:@") {
		at, err := label.Parse(d.importer)
		if err != nil {
			return d, err
		}
		d.importer = at.Abs("", rel).String()
	} else if _, err := path.Match(d.importer, ""); err != nil {
		return d, fmt.Errorf("%s: %w", d.importer, err)
	}
	if !d.host {
		if !strings.ContainsAny(f[2], "/:@") {
			return d, fmt.Errorf("%s is not a label: write :%s for a rule of this folder, or host", f[2], f[2])
		}
		at, err := label.Parse(f[2])
		if err != nil {
			return d, err
		}
		d.to = at.Abs("", rel)
	}
	return d, nil
}

// supply finds the wasm_supply directive for an import of a component. The most specific name wins, then the last
// directive.
func (l *lang) supply(c *config.Config, comp label.Label, imp iface.Extern) (supplyDecl, bool) {
	wc := getConfig(c)
	for _, name := range spellings(imp.ID, imp.Version) {
		for _, d := range wc.supplies.of(name) {
			if strings.ContainsAny(d.importer, "/:@") {
				if at, err := label.Parse(d.importer); err != nil || local(c, at) != comp {
					continue
				}
			} else if ok, _ := path.Match(d.importer, comp.Name); !ok {
				continue
			}
			l.used[d.at] = true
			return d, true
		}
	}
	return supplyDecl{}, false
}

// directed applies the directives of a folder to a want, and reports whether there is one for it.
func (l *lang) directed(c *config.Config, w *want) bool {
	if d, ok := l.supply(c, w.comp.label, w.imp); ok {
		w.said = true
		if d.host {
			w.by, w.target, w.export, w.host = nil, label.NoLabel, "", true
			return true
		}
		return l.satisfy(w, local(c, d.to))
	}
	if at, ok := override(c, w.imp.ID, w.imp.Version); ok && at != w.comp.label {
		w.said = true
		return l.satisfy(w, at)
	}
	if getConfig(c).isHost(w.imp) {
		w.by, w.target, w.export, w.host = nil, label.NoLabel, "", true
		return true
	}
	return false
}

// satisfy makes a target the supplier of a want, by the best of its exports if the target is a known component.
func (l *lang) satisfy(w *want, at label.Label) bool {
	w.target, w.by, w.export, w.host, w.wrong = at, l.ix.comps[at], "", false, false
	if l.missing(w.comp.c, at) {
		w.wrong, w.gone, w.by = true, true, nil
		return true
	}
	if w.by == nil || w.by.unread {
		w.by = nil
		return true
	}
	var found *iface.Extern
	for i := range w.by.exports {
		x := &w.by.exports[i]
		if x.ID == w.imp.ID && (found == nil || fits(w.imp, *x) && (!fits(w.imp, *found) || x.Version == w.imp.Version ||
			found.Version != w.imp.Version && iface.VersionOlder(found.Version, x.Version))) {
			found = x
		}
	}
	w.wrong = found == nil
	if found != nil {
		w.export = found.Name
	}
	return true
}

// foreignProvider asks other extensions for the only rule that provides something.
func (l *lang) foreignProvider(c *config.Config, ix *resolve.RuleIndex, id, version string) (label.Label, bool) {
	for _, s := range spellings(id, version) {
		var found []label.Label
		for _, f := range ix.FindRulesByImportWithConfig(c, resolve.ImportSpec{Lang: languageName, Imp: s}, languageName) {
			at := local(c, f.Label)
			if l.ix.libs[at] == nil && l.ix.comps[at] == nil {
				found = append(found, at)
			}
		}
		if len(found) == 1 {
			return found[0], true
		}
	}
	return label.NoLabel, false
}

// wire decides what satisfies each import of each component.
func (l *lang) wire(ix *resolve.RuleIndex) {
	w := newWirer(l)
	from := map[[2]string]*candidates{} // by interface and version
	for _, comp := range w.comps {
		for _, imp := range comp.imports {
			if imp.ID == "" {
				continue
			}
			x := &want{comp: comp, imp: imp}
			comp.wants = append(comp.wants, x)
			if directed := l.directed(comp.c, x); l.fix(x) || directed {
				continue
			}
			key := [2]string{imp.ID, imp.Version}
			if from[key] == nil {
				from[key] = newCandidates(imp, l.ix.offers[imp.ID])
			}
			x.from = from[key]
			if !x.any() && !imp.TypesOnly {
				if at, ok := l.foreignProvider(comp.c, ix, imp.ID, imp.Version); ok {
					x.target = at
				}
			}
		}
	}
	w.solve()
	for _, comp := range w.comps {
		for _, x := range comp.wants {
			if x.by != nil {
				x.by.imported = true
			}
			if x.open() {
				for o := range x.fits() {
					o.comp.perhaps = true
				}
			}
		}
	}
}

// maxListed is the number of candidates that a message lists.
const maxListed = 8

// listed returns the labels of components for a message.
func listed(comps iter.Seq[*component]) string {
	var all []string
	more := 0
	for c := range comps {
		if len(all) == maxListed {
			more++
		} else {
			all = append(all, c.label.String())
		}
	}
	if more > 0 {
		all = append(all[:maxListed-1], fmt.Sprintf("%d more", more+1))
	}
	return strings.Join(all, ", ")
}

// checkSupplies reports wasm_supply directives that matched no import. When Gazelle runs on a part of the repository,
// there may be others.
func (l *lang) checkSupplies() {
	for at, c := range l.supplies {
		if !l.used[at] && !l.incomplete(c) && l.generated[""] {
			l.problem(c, at+": no component that it matches has such an import: correct the IMPORTER or the IMPORT, or remove the directive")
		}
	}
}

// unsatisfied reports a want that is not satisfied.
func (l *lang) unsatisfied(c *config.Config, w *want) {
	l.unmet = true
	l.problem(c, l.problemOf(w))
}

// problemOf describes why a want is not satisfied.
func (l *lang) problemOf(w *want) string {
	directive := func(to string) string {
		return fmt.Sprintf("\"# gazelle:%s %s %s %s\"", supplyDirective, w.comp.label, w.imp.Name, to)
	}
	switch {
	case w.gone:
		return fmt.Sprintf("%s: by a directive, %s is to supply %s, which it imports, but there is no such target: name another one, or remove the directive",
			w.comp.label, w.target, w.imp.Name)
	case w.wrong:
		return fmt.Sprintf("%s: %s is to supply %s, which it imports, but does not export it: name another component in the directive, or remove it",
			w.comp.label, w.target, w.imp.Name)
	case w.ring != nil:
		var names []string
		for _, c := range w.ring {
			names = append(names, c.label.String())
		}
		names = append(names, names[0])
		return fmt.Sprintf("components depend on each other, so none can be instantiated first: %s; let another component supply %s to %s with %s, or the host with %s",
			strings.Join(names, " -> "), w.imp.Name, w.comp.label, directive("LABEL"), directive("host"))
	case w.any():
		return fmt.Sprintf("%s: %s, which it imports, is exported by %s; choose with %s",
			w.comp.label, w.imp.Name, listed(w.suppliers()), directive(w.advice.String()))
	}
	near := ""
	if w.from != nil {
		for _, o := range w.from.others {
			if o.comp != w.comp {
				near = fmt.Sprintf(" (%s exports only %s)", o.comp.label, o.extern.Name)
				break
			}
		}
	}
	return fmt.Sprintf("%s: no component exports %s, which it imports%s; name one with %s, or say that the host supplies it with \"# gazelle:%s %s\", or choose other roots with \"# gazelle:%s\"",
		w.comp.label, w.imp.Name, near, directive("LABEL"), hostDirective, w.imp.ID, rootDirective)
}
