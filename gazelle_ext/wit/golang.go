// This file implements bindings in Go: it keeps the attributes of wit_go_bindings that list packages, and names these packages'
// targets to the extension for Go.
//
// The packages are those of wit-bindgen-go: one in the folder imports for each imported interface, with its types and functions,
// and for each exported one with types that depend on no exported resource; one in exports for each exported interface with
// functions, or with types that do. Types and functions of the world itself are in wit_world and export_wit_world.

package wit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/resolve"
	"github.com/bazelbuild/bazel-gazelle/rule"
	"github.com/bazelbuild/buildtools/build"

	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

const (
	importsAttr, exportsAttr = "imports", "exports"
	worldPackage             = "wit_world"
	exportPrefix             = "export_"
)

// goBindings generates each wit_go_bindings that is there, so that Resolve is called for it.
func (g *generator) goBindings() {
	for _, old := range existing(g.args.Config, g.args.File, goKind) {
		if old.ShouldKeep() {
			continue
		}
		r := rule.NewRule(goKind, old.Name())
		for _, attr := range []string{importsAttr, exportsAttr} {
			if old.Attr(attr) != nil {
				r.SetAttr(attr, asIs{old.Attr(attr)})
			}
		}
		g.add(r, old, "", "")
	}
}

// goRule is a wit_go_bindings.
type goRule struct {
	c                      *config.Config
	importpath, wit, world string
	imports                map[string][]string // nil as long as they are not computed, or if they cannot be
	exports                []string
}

// indexGo records a wit_go_bindings.
func (l *lang) indexGo(c *config.Config, r *rule.Rule, at label.Label) {
	if old := l.old[at]; old != nil {
		r = old
	}
	l.ix.goRules[at] = &goRule{c: c, importpath: r.AttrString("importpath"), wit: r.AttrString("wit"), world: r.AttrString("world")}
}

// closeGo computes the packages of all wit_go_bindings. Those of a rule stay unknown if not all of the world's WIT is known here, or
// if the world has interfaces under plain names.
func (l *lang) closeGo() {
	for at, r := range l.ix.goRules {
		lib, pkg, name, err := l.worldOf(&component{label: at, c: r.c, world: r.world, wit: r.wit})
		if err == nil {
			w := &goWorld{worldSum: worldSum{lang: l, lib: lib, imports: map[ref]bool{}, exports: map[ref]bool{}, seen: map[ref]bool{}}}
			w.include(ref{pkg.name.String(), name})
			w.externs()
			if imports, exports := w.packages(); !w.unknown {
				r.imports, r.exports = imports, exports
			}
		}
		add := func(folder, pkg string) {
			path := r.importpath + "/" + folder + "/" + pkg
			l.ix.goPkgs[path] = append(l.ix.goPkgs[path], label.New("", at.Pkg, at.Name+"_"+pkg))
		}
		add(exportsAttr, "wit_exports")
		if r.imports == nil {
			folder := r.importpath + "/" + importsAttr + "/"
			l.ix.goFolders[folder] = append(l.ix.goFolders[folder], at)
		}
		for pkg := range r.imports {
			add(importsAttr, pkg)
		}
	}
}

// CrossResolve finds generated packages for the extension for Go. Where a rule's packages are not known, all in its folder of imports
// are taken to be its own, because no other rule can have them.
func (l *lang) CrossResolve(_ *config.Config, ix *resolve.RuleIndex, imp resolve.ImportSpec, lang string) (out []resolve.FindResult) {
	if lang != "go" || imp.Lang != "go" || len(l.ix.goRules) == 0 {
		return nil
	}
	l.close(ix)
	for _, at := range l.ix.goPkgs[imp.Imp] {
		out = append(out, resolve.FindResult{Label: at})
	}
	folder, pkg := path.Split(imp.Imp)
	for _, at := range l.ix.goFolders[folder] {
		out = append(out, resolve.FindResult{Label: label.New("", at.Pkg, at.Name+"_"+pkg)})
	}
	return out
}

// dict returns the entries of a dictionary in a BUILD file.
func dict(e build.Expr) map[string]build.Expr {
	out := map[string]build.Expr{}
	if d, ok := e.(*build.DictExpr); ok {
		for _, kv := range d.List {
			if key, ok := kv.Key.(*build.StringExpr); ok {
				out[key.Value] = kv.Value
			}
		}
	}
	return out
}

// resolveGo sets the packages of a wit_go_bindings. Attributes stay as they are if these are not known: the build then says what to
// write.
func (l *lang) resolveGo(c *config.Config, ix *resolve.RuleIndex, r *rule.Rule, from label.Label) {
	old, known := l.old[from], l.ix.goRules[from]
	if known == nil || known.imports == nil {
		switch {
		case l.incomplete(c):
			l.partial[from.String()] = true
		case old.Attr(importsAttr) == nil && old.Attr(exportsAttr) == nil:
			l.problem(c, fmt.Sprintf("%s: imports and exports: the packages of its world are not known here, because it uses WIT packages of other modules, or has interfaces under plain names: build the target, whose message says what to write",
				from))
		}
		return
	}
	setDict(r, old, importsAttr, known.imports)
	values := map[string]string{}
	before := dict(old.Attr(exportsAttr))
	for _, e := range known.exports {
		path := known.importpath + "/" + exportsAttr + "/" + e
		found := ix.FindRulesByImportWithConfig(c, resolve.ImportSpec{Lang: "go", Imp: path}, "go")
		switch had, _ := before[e].(*build.StringExpr); {
		case len(found) == 1:
			values[e] = local(c, found[0].Label).Rel("", from.Pkg).String()
		case had != nil:
			values[e] = had.Value
		default:
			l.problem(c, fmt.Sprintf("%s: exports: no go_library has the import path %q, of the package that defines the functions of an exported interface: add it, or name another one: exports = {%q: LABEL}",
				from, path, e))
			return
		}
	}
	setDict(r, old, exportsAttr, values)
}

// setDict sets an attribute to a dictionary, in place of that of an existing rule, or removes it if there are no entries.
func setDict[V any](r, old *rule.Rule, attr string, value map[string]V) {
	if len(value) == 0 {
		r.DelAttr(attr)
		return
	}
	expr := rule.ExprFromValue(value)
	for _, v := range dict(expr) {
		if list, ok := v.(*build.ListExpr); ok && len(list.List) < 2 {
			list.ForceMultiLine = false
		}
	}
	if d, ok := expr.(*build.DictExpr); ok {
		d.ForceMultiLine = len(value) > 1
	}
	if old.Attr(attr) != nil {
		expr = asIs{expr}
	}
	r.SetAttr(attr, expr)
}

// goWorld computes the packages of a world in Go.
type goWorld struct {
	worldSum
	unknown  bool
	versions map[string]int // how many there are of each package, once something asks
}

// typeAt is a type of an interface.
type typeAt struct {
	in   ref
	name string
}

// packages returns the generated packages, each with those that it uses, and the packages in the folder exports.
func (w *goWorld) packages() (imports map[string][]string, exports []string) {
	imports = map[string][]string{}
	add := func(name string, used map[ref]bool) {
		seen := map[string]bool{}
		for _, u := range imports[name] {
			seen[u] = true
		}
		for u := range used {
			seen[w.goName(u)] = true
		}
		delete(seen, name)
		imports[name] = sortedKeys(seen)
	}
	for r := range w.imports {
		if i := w.known(r); i != nil {
			add(w.goName(r), w.used(r, i.in.Items, true))
		}
	}
	for r := range w.exports {
		i := w.known(r)
		if i == nil {
			continue
		}
		free, bound, functions := false, false, false
		for _, it := range i.in.Items {
			if _, ok := it.(*witsyntax.Func); ok && !unstable(attrsOf(it)) {
				functions = true
			}
			for _, name := range defined(it) {
				if w.exported(typeAt{r, name}, nil) {
					bound = true
				} else {
					free = true
				}
			}
		}
		if free && !w.imports[r] {
			add(w.goName(r), w.used(r, i.in.Items, false))
		}
		if bound || functions {
			exports = append(exports, exportPrefix+w.goName(r))
		}
	}
	for r := range w.seen {
		world := w.pkg(w.lib, r.pkg).worlds[r.name]
		w.unknown = w.unknown || slices.ContainsFunc(world.includes, func(i inclusion) bool { return !w.seen[i.ref] })
		used, here := w.ofWorld(world)
		if here {
			add(worldPackage, used)
		}
		for _, it := range world.in.Items {
			if x, ok := it.(*witsyntax.Extern); ok && x.Export && x.Func != nil && !unstable(x.Attrs) {
				exports = append(exports, exportPrefix+worldPackage)
			}
		}
	}
	slices.Sort(exports)
	return imports, slices.Compact(exports)
}

// ofWorld returns the interfaces whose types a world's own types and imported functions use, and whether there are any of these.
func (w *goWorld) ofWorld(world *world) (used map[ref]bool, here bool) {
	used = map[ref]bool{}
	types := map[string][]typeAt{} // by name; nil for a type of the world
	mention := func(list ...*witsyntax.Type) {
		for _, t := range list {
			names(t, func(name string) {
				for _, at := range types[name] {
					w.owners(at, used)
				}
			})
		}
		here = true
	}
	for _, it := range world.in.Items {
		if it, ok := it.(*witsyntax.Use); ok && !unstable(it.Attrs) {
			here = true
			for _, n := range it.Names {
				at := typeAt{world.scope.ref(it.Path), n.Name}
				types[localName(n)] = []typeAt{at}
				w.owners(at, used)
			}
		}
	}
	for _, it := range world.in.Items {
		switch it := it.(type) {
		case *witsyntax.TypeDef:
			if !unstable(it.Attrs) {
				mention(typesOf(it)...)
			}
		case *witsyntax.Extern:
			switch {
			case unstable(it.Attrs):
			case it.Interface != nil || it.Path != nil && it.Name != "":
				w.unknown = true
			case it.Func != nil && !it.Export:
				mention(signature(*it.Func)...)
			}
		}
	}
	return used, here
}

// used returns the interfaces whose types an interface uses: in its types that are generated with it, and in its functions if they
// are too.
func (w *goWorld) used(r ref, items []witsyntax.InterfaceItem, functions bool) map[ref]bool {
	used := map[ref]bool{}
	mention := func(list []*witsyntax.Type) {
		for _, t := range list {
			names(t, func(name string) { w.owners(typeAt{r, name}, used) })
		}
	}
	for _, it := range items {
		if unstable(attrsOf(it)) {
			continue
		}
		switch it := it.(type) {
		case *witsyntax.Use:
			for _, name := range defined(it) {
				if functions || !w.exported(typeAt{r, name}, nil) {
					w.owners(typeAt{r, name}, used)
				}
			}
		case *witsyntax.TypeDef:
			if functions || !w.exported(typeAt{r, it.Name}, nil) {
				mention(typesOf(it))
			}
			if functions {
				for _, f := range it.Funcs {
					mention(signature(f.Type))
				}
			}
		case *witsyntax.Func:
			if functions {
				mention(signature(it.Type))
			}
		}
	}
	delete(used, r)
	return used
}

// known returns an interface, if its package is known here.
func (w *goWorld) known(r ref) *interfaceUses {
	i := w.iface(r)
	if i == nil || i.in == nil {
		w.unknown = true
		return nil
	}
	return i
}

// find returns the definition of a type, or the type that a use names.
func (w *goWorld) find(t typeAt) (def *witsyntax.TypeDef, to *typeAt) {
	i := w.known(t.in)
	if i == nil {
		return nil, nil
	}
	for _, it := range i.in.Items {
		switch it := it.(type) {
		case *witsyntax.TypeDef:
			if it.Name == t.name {
				return it, nil
			}
		case *witsyntax.Use:
			for _, n := range it.Names {
				if localName(n) == t.name {
					return nil, &typeAt{i.scope.ref(it.Path), n.Name}
				}
			}
		}
	}
	return nil, nil
}

// owners adds the interfaces whose packages have the types that a type's name in Go consists of: aliases are resolved.
func (w *goWorld) owners(t typeAt, out map[ref]bool) {
	def, to := w.find(t)
	switch {
	case to != nil:
		w.owners(*to, out)
	case def != nil && def.Kind != witsyntax.Alias:
		out[t.in] = true
	case def != nil:
		names(def.Type, func(name string) { w.owners(typeAt{t.in, name}, out) })
	}
}

// exported reports whether a type is, or contains, a resource that the world exports.
func (w *goWorld) exported(t typeAt, within []typeAt) bool {
	if slices.Contains(within, t) {
		return false // a cycle, which is an error elsewhere
	}
	within = append(within[:len(within):len(within)], t)
	def, to := w.find(t)
	switch {
	case to != nil:
		return w.exported(*to, within)
	case def == nil:
		return false
	case def.Kind == witsyntax.Resource:
		return w.exports[t.in]
	}
	found := false
	for _, part := range typesOf(def) {
		names(part, func(name string) { found = found || w.exported(typeAt{t.in, name}, within) })
	}
	return found
}

// goName returns the name of an interface's package. It has the version if the packages here have several of one name.
func (w *goWorld) goName(r ref) string {
	id, version, _ := strings.Cut(r.pkg, "@")
	name := id + "_"
	if version != "" && w.severalVersions(id) {
		name += strings.NewReplacer(".", "_", "-", "_", "+", "_").Replace(version) + "_"
	}
	return strings.ToLower(strings.NewReplacer(":", "_", "-", "_", "/", "_").Replace(name + r.name))
}

// severalVersions reports whether the WIT of the world's package contains several versions of a package.
func (w *goWorld) severalVersions(id string) bool {
	if w.versions == nil {
		w.versions = map[string]int{}
		seen := map[string]bool{}
		var walk func(name string)
		walk = func(name string) {
			if seen[name] {
				return
			}
			seen[name] = true
			in, _, _ := strings.Cut(name, "@")
			w.versions[in]++
			if p := w.pkg(w.lib, name); p != nil {
				for other := range p.foreign {
					walk(other)
				}
			}
		}
		for _, p := range w.lib.packages {
			walk(p.name.String())
		}
	}
	return w.versions[id] > 1
}

// localName returns the name that a use declares.
func localName(n witsyntax.Rename) string {
	if n.As != "" {
		return n.As
	}
	return n.Name
}

func attrsOf(it witsyntax.InterfaceItem) witsyntax.Attrs {
	switch it := it.(type) {
	case *witsyntax.Use:
		return it.Attrs
	case *witsyntax.TypeDef:
		return it.Attrs
	case *witsyntax.Func:
		return it.Attrs
	}
	return witsyntax.Attrs{}
}

// defined returns the names of the types that an item declares.
func defined(it witsyntax.InterfaceItem) (out []string) {
	if unstable(attrsOf(it)) {
		return nil
	}
	switch it := it.(type) {
	case *witsyntax.TypeDef:
		out = append(out, it.Name)
	case *witsyntax.Use:
		for _, n := range it.Names {
			out = append(out, localName(n))
		}
	}
	return out
}

// typesOf returns the types that a definition contains, without those of a resource's functions.
func typesOf(def *witsyntax.TypeDef) (out []*witsyntax.Type) {
	if def.Type != nil {
		out = append(out, def.Type)
	}
	for _, f := range def.Fields {
		if f.Type != nil {
			out = append(out, f.Type)
		}
	}
	return out
}

// signature returns the types of parameters and of the result.
func signature(f witsyntax.FuncType) (out []*witsyntax.Type) {
	for _, p := range f.Params {
		out = append(out, p.Type)
	}
	if f.Result != nil {
		out = append(out, f.Result)
	}
	return out
}

// names calls a function with each name of a definition in a type.
func names(t *witsyntax.Type, visit func(string)) {
	if t == nil {
		return
	}
	if !t.Builtin {
		visit(t.Name)
	}
	for _, a := range t.Args {
		names(a, visit)
	}
}
