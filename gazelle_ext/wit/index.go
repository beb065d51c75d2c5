package wit

import (
	"crypto/sha256"
	"path"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/resolve"
	"github.com/bazelbuild/bazel-gazelle/rule"
	"github.com/bazelbuild/bazel-gazelle/walk"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/internal/witsyntax"
)

// index is what the rules of the repository provide.
type index struct {
	libs   map[label.Label]*library
	byPkg  map[string][]*library // by the full name of a package
	byID   map[string][]string   // full names of packages, by the name without version
	comps  map[label.Label]*component
	offers map[string][]offer // by interface name without version; complete once closed
	closed bool
	decls  map[label.Label]componentDecl
}

func newIndex() *index {
	return &index{
		libs:   map[label.Label]*library{},
		byPkg:  map[string][]*library{},
		byID:   map[string][]string{},
		comps:  map[label.Label]*component{},
		offers: map[string][]offer{},
		decls:  map[label.Label]componentDecl{},
	}
}

// library is a wit_library.
type library struct {
	label    label.Label
	packages []*witPackage     // the main package first
	sum      [sha256.Size]byte // of what the package says
	c        *config.Config
	unread   bool // some of its files are not there
	vendored bool // its files are in the deps folder of owner
	owner    string
	// scc is a number that packages have in common which need each other.
	scc int
}

// component is a wasm_component or wasm_component_import.
type component struct {
	label            label.Label
	c                *config.Config
	short            string // the file's base name without .wasm
	imports, exports []fusecore.Extern
	sum              [sha256.Size]byte // of a wasm_component: zero
	unread           bool              // its interface is not known

	memories int // how many its instances define
	// Of a wasm_component: its world, and the wit_library that an existing rule names.
	world, wit string

	wants    []*want
	ruleDeps []label.Label // deps of the rule as it was found
	fixed    []label.Label // those of them that stay, because somebody said so
	deps     []label.Label // deps of the rule as it is going to be
	imported bool          // another component imports from it
	perhaps  bool          // it may be chosen to supply another one
	fused    bool          // a fusion has it
	asIs     bool          // its rule keeps the deps it has, because there is a problem
}

// offer is an export of a component.
type offer struct {
	comp   *component
	extern fusecore.Extern
}

// local gives a label of this repository the empty repository name.
func local(c *config.Config, l label.Label) label.Label {
	if l.Repo == c.RepoName || l.Repo == "@" {
		l.Repo = ""
	}
	l.Relative = false
	return l
}

// Imports is called for each rule of the repository, whether generated or not, and notes what it provides. The specs are
// for other extensions: names of packages and interfaces with their versions and their compatibility tracks.
func (l *lang) Imports(c *config.Config, r *rule.Rule, f *rule.File) []resolve.ImportSpec {
	at := label.New("", f.Pkg, r.Name())
	var names []string
	switch r.Kind() {
	case libraryKind:
		names = l.indexLibrary(c, r, at)
	case importKind, componentKind:
		names = l.indexComponent(c, r, at)
	default:
		return nil
	}
	specs := []resolve.ImportSpec{}
	for _, n := range names {
		specs = append(specs, resolve.ImportSpec{Lang: languageName, Imp: n})
	}
	return specs
}

func (l *lang) indexLibrary(c *config.Config, r *rule.Rule, at label.Label) (names []string) {
	srcs, _ := sources(r, "srcs", at.Pkg, l.candidates(at.Pkg))
	lib := &library{label: at, c: c}
	var parsed []*witFile
	for _, name := range srcs {
		f, err := l.files.wit(c.RepoRoot, name)
		if err != nil {
			lib.unread = lib.unread || l.generates(name)
			continue
		}
		parsed = append(parsed, f)
		if owner, ok := l.vendoredBy(c, name); ok {
			lib.vendored, lib.owner = true, owner
		}
	}
	main := mainPackages(parsed)
	if declared, ok := packageName(r.AttrString("package")); ok && len(main) == 0 {
		main = append(main, declared)
	}
	if len(main) == 0 {
		return nil
	}
	lib.packages = packagesOf(main[0], parsed)
	lib.sum = contentSum(main[0], parsed)
	l.ix.libs[at] = lib
	for _, p := range lib.packages {
		full := p.name.String()
		if len(l.ix.byPkg[full]) == 0 {
			l.ix.byID[p.name.ID()] = append(l.ix.byID[p.name.ID()], full)
		}
		l.ix.byPkg[full] = append(l.ix.byPkg[full], lib)
		names = append(names, spellings(p.name.ID(), p.name.Version)...)
	}
	return names
}

// generates says whether a file that is not there may be generated: by a rule that says so, or by a target of that name.
func (l *lang) generates(name string) bool {
	at := label.New("", strings.TrimPrefix(path.Dir(name), "."), path.Base(name))
	return l.made[at] || !isText(name) && !isBinary(name)
}

// contentSum is equal for files that say the same of a package.
func contentSum(main witsyntax.PackageName, files []*witFile) [sha256.Size]byte {
	var trees []*witsyntax.File
	raw := ""
	for _, f := range files {
		trees = append(trees, f.tree)
		if f.binary && slices.ContainsFunc(f.tree.Items, func(it witsyntax.Item) bool { _, ok := it.(*witsyntax.World); return ok }) {
			raw += "worlds without includes" // cannot be compared with those of a text
		}
		if len(f.errs) > 0 {
			raw += string(f.sum[:]) // what could not be read may differ
		}
	}
	return sha256.Sum256([]byte(witsyntax.Canonical(main, trees) + raw))
}

// packageName reads the name of a package as rules say it.
func packageName(s string) (witsyntax.PackageName, bool) {
	if s == "" {
		return witsyntax.PackageName{}, false
	}
	f, errs := witsyntax.Parse("", []byte("package "+s+";"))
	if len(errs) > 0 || f.Package == nil {
		return witsyntax.PackageName{}, false
	}
	return f.Package.Name, true
}

// vendoredBy gives the folder whose deps folder a file is in: one with a WIT package, whose tools look for its
// dependencies there.
func (l *lang) vendoredBy(c *config.Config, file string) (owner string, ok bool) {
	parts := strings.Split(path.Dir(file), "/")
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i] != "deps" {
			continue
		}
		owner = path.Join(parts[:i]...)
		if l.hasWIT(c, owner) {
			return owner, true
		}
	}
	return "", false
}

// spellings are the ways to name something with a version, the exact one first: with its version, with its compatibility
// track, and with none.
func spellings(id, version string) []string {
	if version == "" {
		return []string{id}
	}
	out := []string{id + "@" + version}
	if track := fusecore.VersionTrack(version); track != version {
		out = append(out, id+"@"+track)
	}
	return append(out, id)
}

func (l *lang) indexComponent(c *config.Config, r *rule.Rule, at label.Label) (names []string) {
	comp := &component{label: at, c: c}
	l.ix.comps[at] = comp
	comp.ruleDeps = l.labels(c, r.AttrStrings("deps"), at.Pkg)
	comp.fixed = l.labels(c, l.fixedDeps(r, at), at.Pkg)
	if r.Kind() == componentKind {
		comp.memories = 1 // most core modules have one
		comp.short, comp.world, comp.wit = at.Name, r.AttrString("world"), r.AttrString("wit")
		if d, ok := l.ix.decls[at]; ok {
			comp.world = d.world
			if strings.Contains(d.world, "/") {
				comp.wit = ""
			}
		}
		return nil // known once the index is closed
	}
	srcs, _ := sources(r, "src", at.Pkg, nil)
	if len(srcs) != 1 {
		comp.unread = true
		return nil
	}
	f := l.files.wasm(c.RepoRoot, srcs[0])
	if !f.component || f.err != nil {
		comp.unread = true
		return nil
	}
	comp.short = strings.TrimSuffix(path.Base(srcs[0]), ".wasm")
	comp.imports, comp.exports, comp.memories, comp.sum = f.Imports, f.Exports, f.Memories, f.sum
	for _, x := range f.Exports {
		if x.ID != "" {
			names = append(names, spellings(x.ID, x.Version)...)
		}
	}
	return names
}

// candidates are the .wit files that a glob of a package may match.
func (l *lang) candidates(pkg string) (names []string) {
	add := func(rel string) []string {
		info, err := walk.GetDirInfo(path.Join(pkg, rel))
		if err != nil || rel != "" && info.File != nil {
			return nil
		}
		for _, f := range info.RegularFiles {
			if isText(f) {
				names = append(names, path.Join(rel, f))
			}
		}
		return info.Subdirs
	}
	if !slices.Contains(add(""), "deps") {
		return names
	}
	for _, d := range add("deps") {
		add(path.Join("deps", d))
	}
	return names
}

// nearest keeps, of several rules, those in the package that encloses pkg most closely, and all when none does: copies of
// a package that are vendored beside their user are the user's own.
func nearest[T any](pkg string, all []T, at func(T) string) []T {
	best := -1
	var out []T
	for _, x := range all {
		depth := -1
		p := at(x)
		switch {
		case p == "":
			depth = 0
		case p == pkg || strings.HasPrefix(pkg, p+"/"):
			depth = strings.Count(p, "/") + 1
		}
		if depth > best {
			best, out = depth, nil
		}
		if depth == best {
			out = append(out, x)
		}
	}
	return out
}

// libraries gives those that provide a package to a rule in pkg: one, unless they differ in content. What is in a deps
// folder serves the folder above it alone, and only where the repository has no such package of its own.
func (ix *index) libraries(pkg, name string) []*library {
	var own, vendored []*library
	for _, l := range ix.byPkg[name] {
		switch {
		case !l.vendored:
			own = append(own, l)
		case within(pkg, l.owner):
			vendored = append(vendored, l)
		}
	}
	found := own
	if len(own) == 0 {
		found = vendored
	}
	found = nearest(pkg, found, func(l *library) string {
		if l.vendored {
			return l.owner
		}
		return l.label.Pkg
	})
	return merged(found)
}

// below gives the vendored libraries of a package that serve folders below pkg: there is the WIT of a component.
func (ix *index) below(pkg, name string) (found []*library) {
	for _, l := range ix.byPkg[name] {
		if l.vendored && within(l.owner, pkg) {
			found = append(found, l)
		}
	}
	return merged(found)
}

// within says whether a folder is another one or below it.
func within(folder, above string) bool {
	return above == "" || folder == above || strings.HasPrefix(folder, above+"/")
}

// merged sorts libraries, and keeps one of them if all say the same.
func merged(found []*library) []*library {
	slices.SortFunc(found, func(a, b *library) int { return strings.Compare(a.label.String(), b.label.String()) })
	if len(found) > 1 && !slices.ContainsFunc(found, func(l *library) bool { return l.sum != found[0].sum || l.unread }) {
		return found[:1]
	}
	return found
}

// resolved gives the libraries that provide a package to a rule: that which a directive names, or those that are found.
func (l *lang) resolved(c *config.Config, pkg string, name witsyntax.PackageName) []*library {
	if at, ok := override(c, name.ID(), name.Version); ok {
		if lib := l.ix.libs[at]; lib != nil {
			return []*library{lib}
		}
		return nil
	}
	return l.ix.libraries(pkg, name.String())
}

// pkg gives a package as a rule sees it, nil if there is none.
func (l *lang) pkg(from *library, name string) *witPackage {
	libs := []*library{from}
	if parsed, ok := packageName(name); ok {
		libs = append(libs, l.resolved(from.c, from.label.Pkg, parsed)...)
	}
	for _, l := range libs {
		for _, p := range l.packages {
			if p.name.String() == name {
				return p
			}
		}
	}
	return nil
}
