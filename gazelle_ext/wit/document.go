// This file implements rules with WAC documents.

package wit

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/resolve"
	"github.com/bazelbuild/bazel-gazelle/rule"
	"github.com/bazelbuild/buildtools/build"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// documentLanguage is the name of WAC in resolve directives, whose imports are packages that documents instantiate.
const documentLanguage = "wac"

// documentExt is the extension of documents.
const documentExt = ".wac"

// document is a rule with a WAC document.
type document struct {
	label label.Label
	c     *config.Config
	file  string // relative to the root of the repository
	errs  []string
	// created are the packages that the document instantiates, wits the WIT packages that it refers to, each with the position
	// of the first time. target is the one of wits with the world that the document targets.
	created map[string]mention
	wits    map[string]mention
	target  string
	names   map[label.Label][]string // of an existing rule
	parts   map[string]*part         // of created, once the index is closed
}

// part is the component that a package of a document stands for.
type part struct {
	comp  *component // nil if the target is unknown
	label label.Label
	named bool // the rule has to say the name, because it is not that of the file
	msg   string
}

// documents generates a rule for each document of the folder: the existing one, or else a wasm_component_fuse.
func (g *generator) documents() {
	for _, kind := range []string{fuseKind, composeKind} {
		for _, old := range existing(g.args.Config, g.args.File, kind) {
			name := strings.TrimPrefix(old.AttrString("wac"), ":")
			local := strings.HasSuffix(name, documentExt) && !strings.ContainsAny(name, ":/")
			if local && !slices.Contains(g.args.RegularFiles, name) && !slices.Contains(g.args.GenFiles, name) {
				g.empty(kind, old.Name())
			}
		}
	}
	for _, name := range g.args.RegularFiles {
		stem, ok := strings.CutSuffix(name, documentExt)
		if !ok {
			continue
		}
		r, old := rule.NewRule(fuseKind, g.wc.fuseName(stem)), (*rule.Rule)(nil)
		taken := false
		for _, kind := range []string{fuseKind, composeKind} {
			for _, o := range existing(g.args.Config, g.args.File, kind) {
				if strings.TrimPrefix(o.AttrString("wac"), ":") == name && (old == nil || o.Name() == g.wc.fuseName(stem)) {
					r, old = rule.NewRule(kind, o.Name()), o
				}
				taken = taken || o.Name() == g.wc.fuseName(stem)
			}
		}
		if old == nil && taken {
			g.named[r.Name()] = fuseKind // of another root or document
		}
		r.SetAttr("wac", name)
		if old != nil {
			r.SetAttr("wac", old.AttrString("wac"))
		}
		g.add(r, old, fuseNaming, name)
	}
}

// indexDocument records the document of a rule, if it has one that can be read, with the names that an existing rule gives.
func (l *lang) indexDocument(c *config.Config, r *rule.Rule, at label.Label) {
	d := readDocument(c, r, at)
	if d == nil {
		return
	}
	l.ix.docs[at] = d
	old := r
	if o := l.old[at]; o != nil {
		old = o
	}
	if dict, ok := old.Attr("names").(*build.DictExpr); ok {
		for _, kv := range dict.List {
			key, _ := kv.Key.(*build.StringExpr)
			value, _ := kv.Value.(*build.StringExpr)
			if key == nil || value == nil {
				continue
			}
			for _, to := range l.labels(c, []string{key.Value}, at.Pkg) {
				d.names[to] = strings.Fields(value.Value)
			}
		}
	}
}

// readDocument reads the document of a rule, or returns nil if there is none.
func readDocument(c *config.Config, r *rule.Rule, at label.Label) *document {
	srcs, _ := sources(r, "wac", at.Pkg, nil)
	if len(srcs) != 1 {
		return nil
	}
	src, err := os.ReadFile(filepath.Join(c.RepoRoot, filepath.FromSlash(srcs[0])))
	if err != nil {
		return nil // the label of a target
	}
	d := &document{label: at, c: c, file: srcs[0], created: map[string]mention{}, names: map[label.Label][]string{}}
	tree, errs := witsyntax.ParseDocument(d.file, src)
	for _, e := range errs {
		d.errs = append(d.errs, e.Error())
	}
	if len(errs) == 0 {
		d.read(tree)
	}
	return d
}

// read collects the packages that a document names.
func (d *document) read(tree *witsyntax.Document) {
	// Declarations in a document refer to other packages as those of a package do.
	s := scope{
		pkg:   &witPackage{name: tree.Package.Name, foreign: map[string]mention{}},
		file:  &witFile{tree: &witsyntax.File{Name: d.file}},
		local: map[string]witsyntax.UsePath{},
	}
	if tree.Targets != nil {
		s.foreign(*tree.Targets)
		if tree.Targets.Package != nil {
			d.target = tree.Targets.Package.String()
		}
	}
	for _, st := range tree.Statements {
		switch st := st.(type) {
		case *witsyntax.Import:
			if st.Path != nil {
				s.foreign(*st.Path)
			}
			if st.Interface != nil {
				s.iface(st.Interface)
			}
		case *witsyntax.Let:
			d.expr(st.Value)
		case *witsyntax.Export:
			d.expr(st.Value)
		case *witsyntax.Interface:
			s.iface(st)
		case *witsyntax.World:
			s.world(st)
		}
	}
	d.wits = s.pkg.foreign
}

func (d *document) expr(e witsyntax.Expr) {
	switch e := e.(type) {
	case *witsyntax.Access:
		d.expr(e.Of)
	case *witsyntax.New:
		if id := e.Package.String(); d.created[id].pos == "" {
			d.created[id] = mention{name: e.Package, pos: fmt.Sprintf("%s:%d:%d", d.file, e.PackagePos.Line, e.PackagePos.Col)}
		}
		for _, a := range e.Args {
			if a.Value != nil {
				d.expr(a.Value)
			}
		}
	}
}

// closeDocuments finds the components that documents instantiate. These are no roots of their own fusions.
func (l *lang) closeDocuments() {
	if len(l.ix.docs) == 0 {
		return
	}
	byFile := map[string]map[string][]*component{} // by the name of the file, and by Bazel package
	for _, comp := range l.ix.sorted() {
		if comp.short == "" {
			continue
		}
		if byFile[comp.short] == nil {
			byFile[comp.short] = map[string][]*component{}
		}
		byFile[comp.short][comp.label.Pkg] = append(byFile[comp.short][comp.label.Pkg], comp)
	}
	for _, at := range sortedLabels(l.ix.docs) {
		d := l.ix.docs[at]
		d.parts = map[string]*part{}
		for _, full := range sortedKeys(d.created) {
			p := l.part(d, d.created[full].name, byFile[d.created[full].name.Names[0]])
			d.parts[full] = p
			if p.comp != nil {
				p.comp.imported, p.comp.document = true, true
			}
		}
		d.distinguish()
	}
}

// part finds the component for a package of a document: the one that a directive names, or the existing rule, or else the
// nearest of those whose file is called like the package, as wasmfuse finds it among its arguments.
func (l *lang) part(d *document, name witsyntax.PackageName, byPkg map[string][]*component) *part {
	for _, s := range spellings(name.ID(), name.Version) {
		at, ok := resolve.FindRuleWithOverride(d.c, resolve.ImportSpec{Lang: documentLanguage, Imp: s}, documentLanguage)
		if !ok {
			continue
		}
		if at = local(d.c, at); l.missing(d.c, at) {
			return &part{msg: fmt.Sprintf("package %s is %s by a directive, but there is no such target; name another one, or remove the directive", name, at)}
		}
		return l.stands(at, name)
	}
	for _, at := range sortedLabels(d.names) {
		if slices.Contains(d.names[at], name.String()) && !l.missing(d.c, at) {
			return l.stands(at, name)
		}
	}
	found, enclosed := nearest(d.label.Pkg, func(pkg string) []*component { return byPkg[pkg] })
	if !enclosed {
		for _, pkg := range sortedKeys(byPkg) {
			found = append(found, byPkg[pkg]...)
		}
	}
	// Of several, one in a folder that is called like the namespace.
	namespace := name.Namespaces[len(name.Namespaces)-1]
	if inside := slices.DeleteFunc(slices.Clone(found), func(c *component) bool { return path.Base(c.label.Pkg) != namespace }); len(found) > 1 && len(inside) > 0 {
		found = inside
	}
	directive := func(to string) string {
		return fmt.Sprintf("\"# gazelle:resolve %s %s %s\"", documentLanguage, name, to)
	}
	switch {
	case len(found) == 1:
		return l.stands(found[0].label, name)
	case len(found) > 1:
		return &part{msg: fmt.Sprintf("package %s could be any of %s; choose with %s", name, listed(slices.Values(found)), directive(found[0].label.String()))}
	case l.incomplete(d.c):
		return &part{}
	}
	return &part{msg: fmt.Sprintf("no component of the repository is package %s, for example by being in a file %s.wasm; name one with %s", name, name.Names[0], directive("LABEL"))}
}

// stands returns the part of a target. wasmfuse recognises a component without a name by its file.
func (l *lang) stands(at label.Label, name witsyntax.PackageName) *part {
	comp := l.ix.comps[at]
	return &part{comp: comp, label: at, named: comp == nil || comp.short != name.Names[0]}
}

// distinguish names the parts that have the same file name, and those that stand for several packages.
func (d *document) distinguish() {
	files, packages := map[string]label.Label{}, map[label.Label]int{}
	clash := map[string]bool{}
	for _, p := range d.parts {
		packages[p.label]++
		if p.comp == nil {
			continue
		}
		if at, ok := files[p.comp.short]; ok && at != p.label {
			clash[p.comp.short] = true
		}
		files[p.comp.short] = p.label
	}
	for _, p := range d.parts {
		p.named = p.named || packages[p.label] > 1 || p.comp != nil && clash[p.comp.short]
	}
}

// resolveDocument sets deps to the packages that a document names, and names to those names that the files do not tell. If
// there is a problem, an existing rule is left as it is, and a new one is dropped.
func (l *lang) resolveDocument(c *config.Config, ix *resolve.RuleIndex, r *rule.Rule, from label.Label) {
	d := l.ix.docs[from]
	if d == nil {
		l.partial[from.String()] = true
		l.leave(r, from)
		return
	}
	problems, unsure := slices.Clone(d.errs), false
	deps, names := map[label.Label]bool{}, map[string]string{}
	for _, full := range sortedKeys(d.parts) {
		p := d.parts[full]
		switch {
		case p.msg != "":
			problems = append(problems, d.created[full].pos+": "+p.msg)
		case p.label == label.NoLabel:
			unsure = true
		default:
			deps[p.label] = true
			if key := p.label.Rel("", from.Pkg).String(); p.named {
				names[key] = strings.TrimSpace(names[key] + " " + full)
			}
		}
	}
	for _, full := range sortedKeys(d.wits) {
		at, msg := l.library(c, ix, &library{label: from, c: c}, d.wits[full])
		switch {
		case at != label.NoLabel:
			deps[at] = true
		case full != d.target && d.has(d.wits[full].name):
		case msg != "":
			problems = append(problems, d.wits[full].pos+": "+msg)
		default:
			unsure = true
		}
	}
	for _, msg := range problems {
		l.problem(c, fmt.Sprintf("%s: %s", from, msg))
	}
	if unsure {
		l.partial[from.String()] = true
	}
	if unsure || len(problems) > 0 {
		l.leave(r, from)
		return
	}
	var list []string
	for _, at := range sortedLabels(deps) {
		list = append(list, at.Rel("", from.Pkg).String())
	}
	slices.Sort(list)
	if len(list) > 0 {
		r.SetAttr("deps", list)
	}
	l.setNames(r, d, names)
}

// setNames sets the attribute names of a document's rule.
func (l *lang) setNames(r *rule.Rule, d *document, names map[string]string) {
	old := l.old[d.label]
	same := len(names) == len(d.names)
	for at, list := range d.names {
		same = same && names[at.Rel("", d.label.Pkg).String()] == strings.Join(list, " ")
	}
	switch {
	case len(names) > 0 && same:
		r.SetAttr("names", asIs{old.Attr("names")})
	case len(names) > 0:
		r.SetAttr("names", asIs{rule.ExprFromValue(names)})
	case old != nil && !old.ShouldKeep():
		old.DelAttr("names") // Gazelle cannot merge a dict with nothing
	}
}

// has reports whether a component of a document imports or exports an interface of a WIT package, from which the document has
// it.
func (d *document) has(name witsyntax.PackageName) bool {
	of := func(x iface.Extern) bool {
		return strings.HasPrefix(x.ID, name.ID()+"/") && x.Version == cmp.Or(name.Version, x.Version)
	}
	for _, p := range d.parts {
		if p.comp != nil && (slices.ContainsFunc(p.comp.imports, of) || slices.ContainsFunc(p.comp.exports, of)) {
			return true
		}
	}
	return false
}
