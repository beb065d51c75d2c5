// This file implements the attribute deps of components.

package wit

import (
	"fmt"
	"slices"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/rule"
	"github.com/bazelbuild/buildtools/build"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

// suppliers sets the suppliers of all components' rules: the chosen ones, or, if there is a problem or the index is
// incomplete, the existing ones.
func (l *lang) suppliers() {
	for _, comp := range l.ix.comps {
		old := l.old[comp.label]
		if l.rules[comp.label] == nil || old != nil && old.ShouldKeep() || comp.unread {
			comp.deps = comp.ruleDeps
			continue
		}
		for _, w := range comp.wants {
			if w.target != label.NoLabel && w.ring == nil && !w.wrong && !slices.Contains(comp.deps, w.target) {
				comp.deps = append(comp.deps, w.target)
			}
		}
		switch {
		case !slices.ContainsFunc(comp.wants, func(w *want) bool { return w.lacking() || w.wrong }):
		case old != nil && old.Attr("deps") != nil && !l.hidden(comp):
			comp.deps, comp.asIs = comp.ruleDeps, true
		case old != nil && old.Attr("deps") != nil:
			for _, dep := range comp.ruleDeps {
				if !slices.Contains(comp.deps, dep) {
					comp.deps = append(comp.deps, dep)
				}
			}
		}
	}
}

// hidden reports whether all that a component lacks may exist outside the index.
func (l *lang) hidden(comp *component) bool {
	return l.incomplete(comp.c) && !slices.ContainsFunc(comp.wants, func(w *want) bool {
		return w.wrong || w.ring != nil || w.open() && w.any()
	})
}

// fixedDeps returns the deps of a rule that the run must not change: those with a keep comment, or all if the rule is
// kept as a whole.
func (l *lang) fixedDeps(r *rule.Rule, at label.Label) (out []string) {
	if l.rules[at] == nil || r.ShouldKeep() {
		return r.AttrStrings("deps")
	}
	list, _ := r.Attr("deps").(*build.ListExpr)
	if list == nil {
		return nil
	}
	for _, e := range list.List {
		if s, ok := e.(*build.StringExpr); ok && rule.ShouldKeep(e) {
			out = append(out, s.Value)
		}
	}
	return out
}

// fix satisfies a want from one of the fixed deps, and reports whether one can.
func (l *lang) fix(w *want) bool {
	var found *component
	for _, at := range w.comp.fixed {
		dep := l.ix.comps[at]
		if dep == nil || dep.unread || !slices.ContainsFunc(dep.exports, func(x iface.Extern) bool { return x.ID == w.imp.ID && fits(w.imp, x) }) {
			continue
		}
		if found != nil && found != dep {
			return false
		}
		found = dep
	}
	if found == nil || found == w.comp {
		return false
	}
	w.said = true
	return l.satisfy(w, found.label)
}

// resolveSuppliers sets the deps of a component to the suppliers of its imports.
func (l *lang) resolveSuppliers(c *config.Config, r *rule.Rule, from label.Label) {
	comp := l.ix.comps[from]
	if comp == nil || comp.unread {
		if old := l.old[from]; old != nil && old.Attr("deps") != nil {
			r.SetAttr("deps", old.Attr("deps"))
			if comp == nil || l.incomplete(c) { // otherwise the reason was reported
				l.partial[from.String()] = true
			}
		}
		return
	}
	for _, w := range comp.wants {
		// A fusion that contains the component reports the rest.
		if w.ring != nil || w.wrong || comp.asIs && w.lacking() {
			l.unsatisfied(c, w)
		}
	}
	if comp.asIs {
		r.SetAttr("deps", l.old[from].Attr("deps"))
		l.checkDeps(c, from, comp.ruleDeps)
		return
	}
	if slices.ContainsFunc(comp.wants, (*want).lacking) && len(comp.ruleDeps) > 0 {
		l.partial[from.String()] = true
	}
	var deps []string
	for _, at := range comp.deps {
		deps = append(deps, at.Rel("", from.Pkg).String())
	}
	slices.Sort(deps)
	if len(deps) > 0 {
		r.SetAttr("deps", deps)
	}
}

// checkLeftOut notes components that could have been part of a chain in a fusion but are in none, because a directive
// chose another supplier. Nothing else would tell the user. Where an import has no supplier, that may be the reason.
func (l *lang) checkLeftOut() {
	if l.unmet {
		return
	}
	var satisfied map[string][]*want // wants of components in fusions, by interface
	for _, comp := range l.ix.sorted() {
		if comp.fused || comp.imported || l.rules[comp.label] == nil {
			continue
		}
		for _, x := range comp.exports {
			if !passesOn(comp, x) {
				continue
			}
			if satisfied == nil {
				satisfied = l.satisfied()
			}
			could := func(w *want) bool { return w.comp != comp && fits(w.imp, x) }
			if i := slices.IndexFunc(satisfied[x.ID], could); i >= 0 {
				user := satisfied[x.ID][i]
				l.note(fmt.Sprintf("%s: it imports and exports %s, but no fusion contains it: %s, which could import from it, imports from %s; change that with \"# gazelle:%s %s %s %s\", or exclude the component",
					comp.label, x.Name, user.comp.label, user.target, supplyDirective, user.comp.label, user.imp.Name, comp.label))
			}
		}
	}
}

// satisfied returns the wants of components in fusions that have a supplier, by interface, in the order of labels.
func (l *lang) satisfied() map[string][]*want {
	out := map[string][]*want{}
	for _, user := range l.ix.sorted() {
		if !user.fused {
			continue
		}
		for _, w := range user.wants {
			if w.target != label.NoLabel {
				out[w.imp.ID] = append(out[w.imp.ID], w)
			}
		}
	}
	return out
}
