package wit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/resolve"
	"github.com/bazelbuild/bazel-gazelle/rule"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// needsProvider says whether an import must be met by a component or the host. Plain names are the host's.
func needsProvider(x fusecore.Extern) bool { return x.ID != "" && !x.TypesOnly }

// resolveFuse sets the deps of a fusion: all components that its root needs. A fusion whose imports cannot be met, and
// one with nothing to link, is not written; one that exists already is left as it is when there is a problem.
func (l *lang) resolveFuse(c *config.Config, ix *resolve.RuleIndex, r *rule.Rule, from label.Label) {
	root := label.New("", from.Pkg, strings.TrimPrefix(r.AttrString("root"), ":"))
	if at, err := label.Parse(r.AttrString("root")); err == nil {
		root = local(c, at.Abs("", from.Pkg))
	}
	g := &graph{lang: l, c: c, ix: ix, uses: map[*component][]use{}, state: map[*component]int{}}
	comp, ok := l.ix.comps[root]
	if !ok || comp.unread {
		g.failed = true
	} else {
		g.visit(comp)
	}
	old := l.old[from]
	switch {
	case g.unsure || !ok:
		l.partial[from.String()] = true
		fallthrough
	case g.failed:
		if old == nil {
			l.rules[from].Delete()
		} else {
			l.keepDeps(r, from)
			if !g.unsure && ok {
				delete(l.partial, from.String())
			}
		}
	case len(g.members)+len(g.opaque) == 0:
		switch {
		case old == nil:
			l.rules[from].Delete()
		case !old.ShouldKeep() && old.Name() == strings.ReplaceAll(getConfig(c).naming[fuseNaming], "{component}", root.Name):
			// Without the old rule, the merge that follows would insert the new one.
			old.Delete()
			l.rules[from].Delete()
		}
	default:
		g.write(r, from, old, comp)
	}
}

// use is an import that a component of the repository meets.
type use struct {
	imp      fusecore.Extern
	provider label.Label
	comp     *component // nil for a target that is not known here
}

// graph is the components that a root needs.
type graph struct {
	*lang
	c    *config.Config // of the fusion
	ix   *resolve.RuleIndex
	uses map[*component][]use
	// state of a component: 1 while it is visited, 2 when it is done.
	state   map[*component]int
	stack   []*component
	members []*component  // all but the root
	opaque  []label.Label // targets that are not known here
	failed  bool          // a problem was noted
	unsure  bool          // something may be missing because the index is incomplete
}

func (g *graph) visit(comp *component) {
	g.state[comp] = 1
	g.stack = append(g.stack, comp)
	for _, imp := range comp.imports {
		if imp.ID == "" {
			continue
		}
		u, ok := g.provider(comp, imp)
		if !ok {
			continue
		}
		g.uses[comp] = append(g.uses[comp], u)
		switch {
		case u.comp == nil:
			if !slices.Contains(g.opaque, u.provider) {
				g.opaque = append(g.opaque, u.provider)
			}
		case g.state[u.comp] == 1:
			g.cycle(u.comp, imp)
		case g.state[u.comp] == 0:
			g.members = append(g.members, u.comp)
			g.visit(u.comp)
		}
	}
	g.stack = g.stack[:len(g.stack)-1]
	g.state[comp] = 2
}

// cycle notes that components need each other, beginning with the least label.
func (g *graph) cycle(first *component, imp fusecore.Extern) {
	g.failed = true
	ring := slices.Clone(g.stack[slices.Index(g.stack, first):])
	least := 0
	for i := range ring {
		if ring[i].label.String() < ring[least].label.String() {
			least = i
		}
	}
	var names []string
	for i := range ring {
		names = append(names, ring[(least+i)%len(ring)].label.String())
	}
	names = append(names, names[0])
	// The import that closes the ring depends on where the search began: name that of the last component.
	last := ring[(least+len(ring)-1)%len(ring)]
	for _, u := range g.uses[last] {
		if u.comp == ring[least] {
			imp = u.imp
		}
	}
	g.problem(g.c, fmt.Sprintf("components need each other, so none can be instantiated first: %s; let another component supply %s with \"# gazelle:resolve wit %s LABEL\", or the host with \"# gazelle:%s %s\"",
		strings.Join(names, " -> "), imp.Name, imp.Name, hostDirective, imp.ID))
}

// provider finds what meets an import: a component, or, without one, the host or nothing.
func (g *graph) provider(comp *component, imp fusecore.Extern) (use, bool) {
	u := use{imp: imp}
	for _, c := range []*config.Config{g.c, comp.c} {
		if at, ok := override(c, imp.ID, imp.Version); ok && at != comp.label {
			u.provider, u.comp = at, g.lang.ix.comps[at]
			return u, true
		}
		if getConfig(c).isHost(imp.ID, imp.Version) {
			return u, false
		}
	}
	fits, older := g.fitting(comp, imp)
	best := choose(comp, imp, fits)
	switch {
	case len(best) == 1:
		u.provider, u.comp = best[0].comp.label, best[0].comp
		return u, true
	case imp.TypesOnly:
		return u, false
	case len(best) > 1:
		g.failed = true
		g.ambiguous(comp, imp, best)
		return u, false
	}
	if at, ok := g.foreignProvider(g.c, g.ix, imp.ID, imp.Version); ok {
		u.provider = at
		return u, true
	}
	g.failed = true
	if g.incomplete(g.c) {
		g.unsure = true
		return u, false
	}
	near := ""
	if len(older) > 0 {
		near = fmt.Sprintf(" (%s exports only %s)", older[0].comp.label, older[0].extern.Name)
	}
	g.problem(g.c, fmt.Sprintf("%s: no component exports %s, which it imports%s; name one with \"# gazelle:resolve wit %s LABEL\", or say that the host supplies it with \"# gazelle:%s %s\", or choose other roots with \"# gazelle:%s\"",
		comp.label, imp.Name, near, imp.Name, hostDirective, imp.ID, rootDirective))
	return u, false
}

// fitting gives the exports that can meet an import: of the same version, or of a later one on the same compatibility
// track; and the exports of the interface that cannot.
func (g *graph) fitting(comp *component, imp fusecore.Extern) (fits, others []offer) {
	for _, o := range g.lang.ix.offers[imp.ID] {
		switch {
		case o.comp == comp:
		case o.extern.Version == imp.Version,
			imp.Version != "" && o.extern.Version != "" && !fusecore.VersionOlder(o.extern.Version, imp.Version) &&
				fusecore.VersionTrack(o.extern.Version) == fusecore.VersionTrack(imp.Version):
			fits = append(fits, o)
		default:
			others = append(others, o)
		}
	}
	return fits, others
}

// choose keeps the best of several exports: the nearest, of those the ones of the very version, else of the latest. Of
// identical components it keeps one.
func choose(comp *component, imp fusecore.Extern, offers []offer) []offer {
	best := nearest(comp.label.Pkg, offers, func(o offer) label.Label { return o.comp.label })
	version := imp.Version
	if !slices.ContainsFunc(best, func(o offer) bool { return o.extern.Version == version }) {
		for _, o := range best {
			if fusecore.VersionOlder(version, o.extern.Version) {
				version = o.extern.Version
			}
		}
	}
	best = slices.DeleteFunc(slices.Clone(best), func(o offer) bool { return o.extern.Version != version })
	if len(best) > 1 && best[0].comp.sum != [32]byte{} &&
		!slices.ContainsFunc(best, func(o offer) bool { return o.comp.sum != best[0].comp.sum }) {
		return best[:1]
	}
	return best
}

func (g *graph) ambiguous(comp *component, imp fusecore.Extern, offers []offer) {
	var all []string
	for _, o := range offers {
		all = append(all, o.comp.label.String())
	}
	g.problem(g.c, fmt.Sprintf("%s: %s, which it imports, is exported by %s; choose with \"# gazelle:resolve wit %s %s\"",
		comp.label, imp.Name, strings.Join(all, ", "), imp.Name, all[0]))
}

// write sets the attributes of a fusion.
func (g *graph) write(r *rule.Rule, from label.Label, old *rule.Rule, root *component) {
	var deps []string
	for _, m := range g.members {
		deps = append(deps, m.label.Rel("", from.Pkg).String())
	}
	for _, o := range g.opaque {
		deps = append(deps, o.Rel("", from.Pkg).String())
	}
	slices.Sort(deps)
	r.SetAttr("deps", deps)
	// Wirings by hand stay, whoever wrote them.
	if plugs := g.plugs(root); len(plugs) > 0 && (old == nil || old.Attr("plugs") == nil) {
		r.SetAttr("plugs", plugs)
		if old != nil {
			old.SetAttr("plugs", plugs)
		}
	}
}

// plugs are the wirings that linking by name would not find: where a chosen component is not the only best match among
// the deps.
func (g *graph) plugs(root *component) (plugs []string) {
	for _, comp := range append([]*component{root}, g.members...) {
		for _, u := range g.uses[comp] {
			if u.comp == nil {
				continue
			}
			var exported string
			var rivals []offer
			for _, m := range g.members {
				for _, x := range m.exports {
					if m == u.comp && x.ID == u.imp.ID && (exported == "" || x.Version == u.imp.Version) {
						exported = x.Name
					}
				}
			}
			fits, _ := g.fitting(comp, u.imp)
			for _, o := range fits {
				if slices.Contains(g.members, o.comp) && (o.extern.Version == u.imp.Version || exported != u.imp.Name) {
					rivals = append(rivals, o)
				}
			}
			if exported != "" && (len(rivals) != 1 || rivals[0].comp != u.comp) {
				plugs = append(plugs, fmt.Sprintf("%s:%s=%s:%s", comp.short, u.imp.Name, u.comp.short, exported))
			}
		}
	}
	slices.Sort(plugs)
	return plugs
}
