// This file implements wasm_component_fuse rules.

package wit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/resolve"
	"github.com/bazelbuild/bazel-gazelle/rule"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

// maxMemories is the number of memories that engines accept in one module.
const maxMemories = 100

// needsProvider reports whether an import must be satisfied by a component or the host. Plain names are left to the
// host.
func needsProvider(x iface.Extern) bool { return x.ID != "" && !x.TypesOnly }

// resolveFuse decides whether a root has a fusion, and sets the attributes that its components do not determine. A new
// fusion whose imports cannot be satisfied, or that has nothing to link, is dropped. An existing one is left as it is
// when there is a problem.
func (l *lang) resolveFuse(c *config.Config, ix *resolve.RuleIndex, r *rule.Rule, from label.Label) {
	root := label.New("", from.Pkg, strings.TrimPrefix(r.AttrString("root"), ":"))
	if at, err := label.Parse(r.AttrString("root")); err == nil {
		root = local(c, at.Abs("", from.Pkg))
	}
	old := l.old[from]
	ours := old == nil || getConfig(c).namedFuse(old.Name(), root.Name)
	comp := l.ix.comps[root]
	if comp == nil || comp.unread {
		if comp == nil && l.incomplete(c) {
			l.partial[from.String()] = true
		}
		l.leave(r, from)
		return
	}
	if !l.isRoot(c, comp, from, old, ours) {
		if old == nil || ours && !old.ShouldKeep() && !l.misnamed(c, from.Pkg) {
			l.drop(from)
		} else {
			l.leave(r, from)
		}
		return
	}
	if old == nil && l.old[root] != nil && getConfig(c).roots == nil && l.incomplete(c) {
		l.drop(from) // an importer of the component, because of which it has no fusion, may not be indexed
		return
	}
	f := &fusion{lang: l, c: c, ix: ix, wants: map[*component][]*want{}, seen: map[*component]bool{}}
	f.visit(comp)
	switch {
	case f.unsure:
		l.partial[from.String()] = true
		l.leave(r, from)
	case f.failed:
		l.leave(r, from)
	case old == nil && comp.perhaps && getConfig(c).roots == nil:
		l.drop(from) // only known once the others have chosen
	case len(f.members)+len(f.opaque) > 1:
		f.write(r, from, old)
		for _, m := range f.members {
			m.fused = true
		}
	case old != nil && (!ours || old.ShouldKeep() || l.referred(from)):
	default:
		l.drop(from)
	}
}

// leave keeps an existing fusion unchanged, and drops a new one.
func (l *lang) leave(r *rule.Rule, at label.Label) {
	old := l.old[at]
	if old == nil {
		l.rules[at].Delete()
		return
	}
	for _, attr := range []string{"deps", "imports", "names"} {
		if old.Attr(attr) != nil {
			r.SetAttr(attr, old.Attr(attr))
		}
	}
}

// drop deletes a fusion.
func (l *lang) drop(at label.Label) {
	// Without the old rule, the merge that follows would insert the new one.
	if old := l.old[at]; old != nil {
		old.Delete()
		l.deleted[at] = true
	}
	l.rules[at].Delete()
}

// fusion is the graph of components that a root needs.
type fusion struct {
	*lang
	c       *config.Config // of the fusion's folder
	ix      *resolve.RuleIndex
	seen    map[*component]bool
	members []*component           // the root first
	wants   map[*component][]*want // of members, by the directives of this folder, else of the component's
	extra   []label.Label          // suppliers that their importers do not name
	opaque  []label.Label          // suppliers that are unknown here
	failed  bool                   // a problem was reported
	unsure  bool                   // something may be missing because the index is incomplete
}

// visit collects the suppliers of a component.
func (f *fusion) visit(root *component) {
	todo := []*component{root}
	f.seen[root] = true
	for ; len(todo) > 0; todo = todo[1:] {
		comp := todo[0]
		f.members = append(f.members, comp)
		for _, own := range comp.wants {
			w := f.settle(own)
			f.wants[comp] = append(f.wants[comp], w)
			switch {
			case w.wrong || w.ring != nil:
				f.fail(w)
			case w.open():
				if !w.any() && f.incomplete(f.c) {
					f.unsure = true
				} else {
					f.fail(w)
				}
			case w.target == label.NoLabel:
				continue
			}
			if w.target != label.NoLabel && (w != own || !slices.Contains(comp.deps, w.target)) {
				f.add(&f.extra, w.target)
			}
			switch {
			case w.by != nil && !f.seen[w.by]:
				f.seen[w.by] = true
				todo = append(todo, w.by)
			case w.by == nil && w.target != label.NoLabel:
				f.add(&f.opaque, w.target)
			}
		}
	}
}

func (f *fusion) fail(w *want) {
	f.failed = true
	f.unsatisfied(f.c, w)
}

func (f *fusion) add(to *[]label.Label, at label.Label) {
	if !slices.Contains(*to, at) {
		*to = append(*to, at)
	}
}

// settle returns the supplier of a want in this fusion: the directives of its folder apply where they differ from those
// of the component's folder.
func (f *fusion) settle(own *want) *want {
	if own.comp.c == f.c || own.comp.label.Pkg == f.members[0].label.Pkg {
		return own
	}
	w := *own
	w.ring = nil
	if !f.directed(f.c, &w) || w.target == own.target && own.ring == nil || w.host && !own.open() {
		return own
	}
	return &w
}

// write sets the attributes of a fusion.
func (f *fusion) write(r *rule.Rule, from label.Label, old *rule.Rule) {
	var deps []string
	for _, at := range f.extra {
		if at != f.members[0].label {
			deps = append(deps, at.Rel("", from.Pkg).String())
		}
	}
	slices.Sort(deps)
	if len(deps) > 0 {
		r.SetAttr("deps", deps)
	}
	r.SetAttr("imports", f.imports())
	// Explicit wirings stay, whoever wrote them.
	set := func(attr string, value any) {
		r.SetAttr(attr, value)
		if old != nil {
			old.SetAttr(attr, value)
		}
	}
	if old != nil && old.Attr("names") != nil {
		r.SetAttr("names", asIs{old.Attr("names")})
	}
	if plugs, names := f.plugs(from); len(plugs) > 0 && (old == nil || old.Attr("plugs") == nil) {
		set("plugs", plugs)
		if len(names) > 0 && (old == nil || old.Attr("names") == nil) {
			set("names", asIs{rule.ExprFromValue(names)})
		}
	}
	memories := 0
	for _, m := range f.members {
		memories += m.memories
	}
	if memories > maxMemories {
		f.note(fmt.Sprintf("%s: its %d components have %d memories, and engines accept at most %d in one module; fuse parts of the graph separately, and combine them with wasm_component_compose",
			from, len(f.members), memories, maxMemories))
	}
}

// imports returns what the fusion may import: what the host supplies by the directives of its folder, and what else the
// host supplies to its components, by directives of theirs or because it is a plain name.
func (f *fusion) imports() (out []string) {
	allowed := getConfig(f.c).hosted()
	for _, p := range allowed {
		out = append(out, p.String())
	}
	more := map[string]bool{}
	for _, m := range f.members {
		for _, w := range f.wants[m] {
			if !w.host || matching(allowed, w.imp) != nil {
				continue
			}
			if p := matching(getConfig(m.c).hosted(), w.imp); p != nil {
				more[p.String()] = true
			} else {
				more[w.imp.Name] = true
			}
		}
		for _, x := range m.imports {
			if x.ID == "" && !x.TypesOnly && matching(allowed, x) == nil {
				more[x.Name] = true
			}
		}
	}
	return append(out, sortedKeys(more)...)
}

// plugs returns the wirings that linking by name would not choose, given the importer's own suppliers, then all that
// the fusion lists. names are the names of components whose files have the same base name.
func (f *fusion) plugs(from label.Label) (plugs []string, names map[string]string) {
	call := func(comp *component) string {
		twice := func(m *component) bool { return m != comp && m.short == comp.short }
		if !slices.ContainsFunc(f.members, twice) {
			return comp.short
		}
		if names == nil {
			names = map[string]string{}
		}
		name := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
				return r
			}
			return '-'
		}, strings.TrimLeft(comp.label.Pkg+"-"+comp.label.Name, "-"))
		names[comp.label.Rel("", from.Pkg).String()] = name
		return name
	}

	var listed []*component
	for _, at := range f.extra {
		if comp := f.lang.ix.comps[at]; comp != nil {
			listed = append(listed, comp)
		}
	}
	for _, comp := range f.members {
		var own []*component
		for _, at := range comp.deps {
			if dep := f.lang.ix.comps[at]; dep != nil {
				own = append(own, dep)
			}
		}
		for _, w := range f.wants[comp] {
			if w.by == nil || w.export == "" {
				continue
			}
			found := byName(comp, w.imp, own)
			if len(found) == 0 {
				found = byName(comp, w.imp, listed)
			}
			if len(found) != 1 || found[0].comp != w.by || found[0].extern.Name != w.export {
				plugs = append(plugs, fmt.Sprintf("%s:%s=%s:%s", call(comp), w.imp.Name, call(w.by), w.export))
			}
		}
	}
	slices.Sort(plugs)
	return slices.Compact(plugs), names
}

// byName returns the export that linking chooses for an import among some components: the best of each component, and
// of those the ones with the same name, if any.
func byName(importer *component, imp iface.Extern, among []*component) (found []offer) {
	exact := false
	for _, comp := range among {
		var best *iface.Extern
		for i := range comp.exports {
			x := &comp.exports[i]
			if comp == importer || x.ID != imp.ID || !fits(imp, *x) {
				continue
			}
			if best == nil || x.Name == imp.Name || best.Name != imp.Name && iface.VersionOlder(best.Version, x.Version) {
				best = x
			}
		}
		if best == nil {
			continue
		}
		found = append(found, offer{comp, *best})
		exact = exact || best.Name == imp.Name
	}
	if exact {
		found = slices.DeleteFunc(found, func(o offer) bool { return o.extern.Name != imp.Name })
	}
	return found
}
