// This file implements the generation of rules.

package wit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/language"
	"github.com/bazelbuild/bazel-gazelle/rule"
	"github.com/bazelbuild/buildtools/build"
)

// generator generates the rules of one folder.
type generator struct {
	*lang
	args language.GenerateArgs
	wc   *witConfig
	res  language.GenerateResult
	// named maps the names of generated rules, and of others in the BUILD file, to their kinds.
	named map[string]string
	// kept are the names of rules of this extension's kinds in the BUILD file that this run does not generate and that
	// stay.
	kept map[string]bool
}

// GenerateRules is called for each folder that Gazelle updates, subfolders first.
func (l *lang) GenerateRules(args language.GenerateArgs) language.GenerateResult {
	l.generated[args.Rel] = true
	if args.Rel == "" {
		l.recursive = !slices.ContainsFunc(args.Subdirs, func(name string) bool {
			_, visited := l.visited[name]
			return !visited
		})
	}
	for _, name := range args.GenFiles {
		l.made[label.New("", args.Rel, name)] = true
	}
	g := &generator{lang: l, args: args, wc: getConfig(args.Config), named: map[string]string{}, kept: map[string]bool{}}
	if !g.wc.enabled || args.File == nil && l.ownedByParent(args.Config, args.Rel) {
		return g.res
	}
	if args.File != nil {
		for _, r := range args.File.Rules {
			if !ours(args.Config, r) {
				g.named[r.Name()] = r.Kind()
			}
		}
	}
	g.libraries()
	components := g.imports()
	components = append(components, g.components()...)
	g.empties()
	g.fusions(components)
	g.documents()
	g.goBindings()
	g.res.RelsToIndex = l.seek(args.Config, args.Rel, args.File, g.res.Gen)
	return g.res
}

func ours(c *config.Config, r *rule.Rule) bool {
	for kind := range kinds {
		if isKind(c, r, kind) {
			return true
		}
	}
	return false
}

// add adds a rule, or reports a problem if its name is taken. old is the rule it replaces, or nil.
func (g *generator) add(r, old *rule.Rule, naming, what string) bool {
	at := label.New("", g.args.Rel, r.Name())
	kind, taken := g.named[r.Name()]
	for _, k := range sortedKeys(kinds) {
		// A rule that stays. Names of rules that an empty rule deletes are only free in the next run.
		for _, other := range existing(g.args.Config, g.args.File, k) {
			if other.Name() == r.Name() && k != r.Kind() {
				kind, taken = k, true
			}
		}
	}
	if taken {
		g.problem(g.args.Config, fmt.Sprintf("%s: %s needs a %s, but the name is taken by a %s; rename that, or set \"# gazelle:%s\"",
			at, what, r.Kind(), kind, naming))
		return false
	}
	g.named[r.Name()] = r.Kind()
	g.wc.applyDefaults(r)
	if old == nil && (g.args.File == nil || !g.args.File.HasDefaultVisibility()) && r.Attr("visibility") == nil {
		r.SetAttr("visibility", []string{"//visibility:public"})
	}
	g.rules[at] = r
	if old != nil {
		g.old[at] = old
	}
	g.res.Gen = append(g.res.Gen, r)
	g.res.Imports = append(g.res.Imports, nil)
	return true
}

// libraries generates a wit_library for each package.
func (g *generator) libraries() {
	groups, elsewhere, problems := g.groups(g.args.Config, g.args.Rel, g.args.RegularFiles, g.args.Subdirs)
	for _, p := range problems {
		g.problem(g.args.Config, p)
	}
	olds := existing(g.args.Config, g.args.File, libraryKind)
	for _, grp := range groups {
		r := rule.NewRule(libraryKind, grp.name)
		r.SetAttr("srcs", grp.srcs)
		var old *rule.Rule
		if i := slices.IndexFunc(olds, func(o *rule.Rule) bool { return g.covers(o, grp) }); i >= 0 {
			old = olds[i]
			r.SetName(old.Name())
			if _, glob := rule.ParseGlobExpr(old.Attr("srcs")); glob {
				r.SetAttr("srcs", asIs{old.Attr("srcs")})
			} else {
				r.SetAttr("srcs", append(grp.srcs, g.generatedSources(old)...))
			}
		}
		g.add(r, old, libraryNaming, "WIT package "+grp.pkg.String())
	}
	for _, grp := range elsewhere {
		for _, o := range olds {
			if g.covers(o, grp) {
				g.empty(libraryKind, o.Name())
			}
		}
	}
}

// generatedSources returns the sources of an existing library that are outputs of rules or other targets, as it names them. They
// are not read, so only the library says that they are part of its package.
func (g *generator) generatedSources(old *rule.Rule) (labels []string) {
	for _, s := range old.AttrStrings("srcs") {
		at, err := label.Parse(s)
		if err != nil {
			continue
		}
		at = local(g.args.Config, at.Abs("", g.args.Rel))
		if at.Repo != "" || at.Pkg != g.args.Rel || slices.Contains(g.args.GenFiles, at.Name) || path.Ext(at.Name) == "" {
			labels = append(labels, s)
		}
	}
	return labels
}

// asIs is the value of an attribute that must not change, or that takes the place of any other.
type asIs struct{ build.Expr }

// BzlExpr returns the expression of the rule.
func (a asIs) BzlExpr() build.Expr { return a.Expr }

// Merge returns the value, whatever is there.
func (a asIs) Merge(build.Expr) build.Expr { return a.Expr }

// covers reports whether an existing wit_library is that of a group: of the same package, with one of its files.
func (l *lang) covers(old *rule.Rule, grp *group) bool {
	srcs, _ := sources(old, "srcs", grp.rel, l.candidates(grp.rel))
	var parsed []*witFile
	shared := false
	for _, name := range srcs {
		if f, ok := l.files.wits[name]; ok {
			parsed = append(parsed, f)
			shared = shared || slices.Contains(grp.files, f)
		}
	}
	main := mainPackages(parsed)
	return shared && len(main) == 1 && main[0].String() == grp.pkg.String()
}

// imports generates a wasm_component_import for each component file, and returns the components' names.
func (g *generator) imports() (names []string) {
	olds := existing(g.args.Config, g.args.File, importKind)
	for _, name := range g.args.RegularFiles {
		if !strings.HasSuffix(name, ".wasm") {
			continue
		}
		f := g.files.wasm(g.args.Config.RepoRoot, path.Join(g.args.Rel, name))
		if f.err != nil {
			g.problem(g.args.Config, fmt.Sprintf("%v; no rule was generated for it: repair it, or exclude it with \"# gazelle:exclude %s\"", f.err, name))
		}
		if !f.component || f.err != nil {
			continue
		}
		r := rule.NewRule(importKind, strings.ReplaceAll(g.wc.naming[importNaming], "{file}", strings.TrimSuffix(name, ".wasm")))
		r.SetAttr("src", name)
		var old *rule.Rule
		if i := slices.IndexFunc(olds, func(o *rule.Rule) bool { return strings.TrimPrefix(o.AttrString("src"), ":") == name }); i >= 0 {
			old = olds[i]
			r.SetName(old.Name())
			r.SetAttr("src", old.AttrString("src"))
		}
		if !g.add(r, old, importNaming, name) {
			continue
		}
		if slices.ContainsFunc(f.Imports, needsProvider) {
			names = append(names, r.Name())
		}
	}
	return names
}

// components generates the wasm_component of each directive, and returns the names of all in the folder.
func (g *generator) components() (names []string) {
	olds := existing(g.args.Config, g.args.File, componentKind)
	for _, d := range g.wc.components {
		if strings.HasSuffix(d.core, ".wasm") && !strings.ContainsAny(d.core, ":/") &&
			!slices.Contains(g.args.RegularFiles, d.core) && !slices.Contains(g.args.GenFiles, d.core) {
			g.problem(g.args.Config, fmt.Sprintf("%s: \"# gazelle:%s %s %s %s\": there is no file %s here; name a file or the label of a target",
				label.New("", g.args.Rel, d.name), componentDirective, d.name, d.core, d.world, d.core))
			continue
		}
		r := rule.NewRule(componentKind, d.name)
		r.SetAttr("core", d.core)
		r.SetAttr("world", worldAttr(d.world))
		var old *rule.Rule
		if i := slices.IndexFunc(olds, func(o *rule.Rule) bool { return o.Name() == d.name }); i >= 0 {
			old = olds[i]
		}
		if g.add(r, old, componentDirective, "the directive") {
			g.ix.decls[label.New("", g.args.Rel, d.name)] = d
			names = append(names, d.name)
		}
	}
	for _, o := range olds {
		switch {
		case slices.Contains(names, o.Name()):
		case g.renamed(o):
			g.empty(componentKind, o.Name())
		default:
			names = append(names, o.Name())
		}
	}
	return names
}

// renamed reports whether a wasm_component was generated for a directive that has another name for it now: it has the
// core module and the world of the directive, and no attribute that a user added.
func (g *generator) renamed(old *rule.Rule) bool {
	for _, attr := range old.AttrKeys() {
		if attr != "visibility" && !slices.Contains(managed, attr) {
			return false
		}
	}
	return slices.ContainsFunc(g.wc.components, func(d componentDecl) bool {
		_, written := g.named[d.name]
		return written && strings.TrimPrefix(d.core, ":") == strings.TrimPrefix(old.AttrString("core"), ":") && worldAttr(d.world) == worldAttr(old.AttrString("world"))
	})
}

// worldAttr returns the rule's value for a world: its bare name, which is looked up in the package of the rule's
// wit_library.
func worldAttr(world string) string {
	name, _, _ := strings.Cut(world, "@")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// empties returns rules whose sources are gone, for deletion.
func (g *generator) empties() {
	c := g.args.Config
	for kind, attr := range map[string]string{libraryKind: "srcs", importKind: "src", componentKind: "core"} {
		for _, old := range existing(c, g.args.File, kind) {
			if _, generated := g.named[old.Name()]; generated {
				continue
			}
			srcs, _ := sources(old, attr, g.args.Rel, g.candidates(g.args.Rel))
			if g.deleted[label.New("", g.args.Rel, old.Name())] {
				continue
			}
			if len(srcs) > 0 && g.gone(kind, srcs) {
				g.empty(kind, old.Name())
			} else {
				g.kept[old.Name()] = true
			}
		}
	}
	slices.SortFunc(g.res.Empty, func(a, b *rule.Rule) int { return strings.Compare(a.Kind()+a.Name(), b.Kind()+b.Name()) })
}

func (g *generator) empty(kind, name string) {
	for _, old := range existing(g.args.Config, g.args.File, kind) {
		if old.Name() == name && !old.ShouldKeep() {
			g.deleted[label.New("", g.args.Rel, name)] = true
		}
	}
	g.res.Empty = append(g.res.Empty, rule.NewRule(kind, name))
}

// gone reports whether none of a rule's sources is an existing or generated file that the kind can use.
func (g *generator) gone(kind string, srcs []string) bool {
	for _, s := range srcs {
		name := strings.TrimPrefix(s, g.args.Rel+"/")
		if g.args.Rel == "" {
			name = s
		}
		switch path.Ext(name) {
		case ".wit", ".wasm":
		default:
			return false // the label of a target
		}
		if slices.Contains(g.args.GenFiles, name) {
			return false
		}
		if kind == importKind {
			if g.files.wasm(g.args.Config.RepoRoot, s).component {
				return false
			}
		} else if fileExists(g.args.Config.RepoRoot, s) {
			return false
		}
	}
	return true
}

// fusions generates a wasm_component_fuse for each component that may be a root. Whether it is one, and whether its
// imports can be satisfied, is only known once everything is indexed; Resolve drops the others.
func (g *generator) fusions(components []string) {
	olds := existing(g.args.Config, g.args.File, fuseKind)
	for _, old := range olds {
		root := g.localRoot(old)
		kind, known := g.named[root]
		switch {
		case root == "":
		case !known && !g.kept[root]:
			g.empty(fuseKind, old.Name())
		case (g.kept[root] || kinds[kind].NonEmptyAttrs != nil) && !slices.Contains(components, root):
			components = append(components, root)
		}
	}
	for _, name := range components {
		r := rule.NewRule(fuseKind, g.wc.fuseName(name))
		r.SetAttr("root", ":"+name)
		var old *rule.Rule
		for _, o := range olds {
			if g.localRoot(o) == name && (old == nil || o.Name() == r.Name()) {
				old = o
			}
		}
		if old != nil {
			r.SetName(old.Name())
			r.SetAttr("root", old.AttrString("root"))
		}
		g.add(r, old, fuseNaming, "the fusion of :"+name)
	}
}

// localRoot returns the name of a fusion's root if it is a rule of this folder, neither a file nor a rule elsewhere.
func (g *generator) localRoot(r *rule.Rule) string {
	at, err := label.Parse(r.AttrString("root"))
	if err != nil {
		return ""
	}
	at = local(g.args.Config, at.Abs("", g.args.Rel))
	if at.Repo != "" || at.Pkg != g.args.Rel || strings.HasSuffix(at.Name, ".wasm") {
		return ""
	}
	return at.Name
}
