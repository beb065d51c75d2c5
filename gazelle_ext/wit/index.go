// This file implements the index of libraries, components and exports.

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

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// index records what the rules of the repository provide.
type index struct {
	libs     map[label.Label]*library
	byPkg    map[string]*providers // by the full name of a package
	byID     map[string][]string   // full names of packages, by the name without version
	in       map[string][]*library // by the Bazel package of the rule
	comps    map[label.Label]*component
	byName   []*component        // comps, in the order of labels, once the index is closed
	inFolder map[string][]string // names of comps, by their folders and all above, once something asks
	offers   map[string][]offer  // by interface name without version; complete once the index is closed
	docs     map[label.Label]*document
	closed   bool
	decls    map[label.Label]componentDecl
	goRules  map[label.Label]*goRule
	// These are complete once the index is closed.
	goPkgs    map[string][]label.Label // libraries of generated packages in Go, by import path
	goFolders map[string][]label.Label // each wit_go_bindings whose packages are not known, by the import path of their folder, with a slash
}

func newIndex() *index {
	return &index{
		libs:      map[label.Label]*library{},
		byPkg:     map[string]*providers{},
		byID:      map[string][]string{},
		in:        map[string][]*library{},
		comps:     map[label.Label]*component{},
		offers:    map[string][]offer{},
		docs:      map[label.Label]*document{},
		decls:     map[label.Label]componentDecl{},
		goRules:   map[label.Label]*goRule{},
		goPkgs:    map[string][]label.Label{},
		goFolders: map[string][]label.Label{},
	}
}

// sorted returns the components in the order of labels. Only for when the index is closed.
func (ix *index) sorted() []*component {
	if len(ix.byName) != len(ix.comps) {
		ix.byName = nil
		for _, at := range sortedLabels(ix.comps) {
			ix.byName = append(ix.byName, ix.comps[at])
		}
	}
	return ix.byName
}

// library is a wit_library.
type library struct {
	label    label.Label
	packages []*witPackage     // the main package first
	sum      [sha256.Size]byte // of the package's content
	c        *config.Config
	unread   bool // some of its files do not exist
	partial  bool // its sum cannot be compared with that of any other library
	vendored bool // its files are in the deps folder of owner
	owner    string
	// scc numbers the packages that depend on each other.
	scc int
}

// component is a wasm_component or wasm_component_import.
type component struct {
	label            label.Label
	c                *config.Config
	short            string // the file's base name without .wasm
	imports, exports []iface.Extern
	sum              [sha256.Size]byte // zero for a wasm_component
	unread           bool              // its interface is unknown

	memories int // the number of memories of its instances
	// Only for a wasm_component: its world, and the wit_library of an existing rule.
	world, wit string

	wants    []*want
	ruleDeps []label.Label // deps of the existing rule
	fixed    []label.Label // those of them that must stay, because the user says so
	deps     []label.Label // deps that the rule will have
	imported bool          // another component imports from it, or a document instantiates it
	document bool          // a document instantiates it, and says what supplies its imports
	perhaps  bool          // it may be chosen to supply another component
	fused    bool          // it is part of a fusion
	asIs     bool          // its rule keeps its deps because there is a problem
}

// local replaces this repository's name in a label by the empty name.
func local(c *config.Config, l label.Label) label.Label {
	if l.Repo == c.RepoName || l.Repo == "@" {
		l.Repo = ""
	}
	l.Relative = false
	return l
}

// Imports is called for each rule of the repository, generated or not, and records what it provides. The specs it
// returns are for other extensions: names of packages and interfaces with their versions and their compatibility
// tracks.
func (l *lang) Imports(c *config.Config, r *rule.Rule, f *rule.File) []resolve.ImportSpec {
	at := label.New("", f.Pkg, r.Name())
	var names []string
	switch r.Kind() {
	case libraryKind:
		names = l.indexLibrary(c, r, at)
	case importKind, componentKind:
		names = l.indexComponent(c, r, at)
	case fuseKind, composeKind:
		l.indexDocument(c, r, at)
		return nil
	case goKind:
		l.indexGo(c, r, at)
		return nil
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
	lib, parsed := l.readLibrary(c, r, at)
	if lib == nil {
		return nil
	}
	lib.sum, lib.partial = contentSum(lib.packages[0].name, parsed)
	l.ix.libs[at] = lib
	l.ix.in[at.Pkg] = append(l.ix.in[at.Pkg], lib)
	for _, p := range lib.packages {
		full := p.name.String()
		if l.ix.byPkg[full] == nil {
			l.ix.byID[p.name.ID()] = append(l.ix.byID[p.name.ID()], full)
			l.ix.byPkg[full] = newProviders()
		}
		l.ix.byPkg[full].add(lib)
		names = append(names, spellings(p.name.ID(), p.name.Version)...)
	}
	return names
}

// readLibrary reads the packages of a wit_library, and returns its files too, or nil if no package is known.
func (l *lang) readLibrary(c *config.Config, r *rule.Rule, at label.Label) (*library, []*witFile) {
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
		return nil, nil
	}
	lib.packages = packagesOf(main[0], parsed)
	return lib, parsed
}

// generates reports whether a rule generates a file that does not exist, by its outputs or by its name.
func (l *lang) generates(name string) bool {
	at := label.New("", parent(name), path.Base(name))
	return l.made[at] || !isText(name) && !isBinary(name)
}

// contentSum returns a digest that is equal for files with the same declarations of a package. partial reports whether the
// files do not contain all of them, so that the digest may differ from that of the same package elsewhere.
func contentSum(main witsyntax.PackageName, files []*witFile) (sum [sha256.Size]byte, partial bool) {
	var trees []*witsyntax.File
	raw := ""
	for _, f := range files {
		trees = append(trees, f.tree)
		if f.binary && slices.ContainsFunc(f.tree.Items, func(it witsyntax.Item) bool { _, ok := it.(*witsyntax.World); return ok }) {
			raw += "worlds without includes" // not comparable with those of text files
		}
		if len(f.errs) > 0 {
			raw += string(f.sum[:]) // the unread part may differ
		}
	}
	return sha256.Sum256([]byte(witsyntax.Canonical(main, trees) + raw)), raw != ""
}

// packageName parses a package name as written in rules.
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

// vendoredBy returns the folder whose deps folder contains a file, if there is a WIT package in it: WIT tools look
// there for its dependencies.
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

// spellings returns the ways to name something with a version, the exact one first: with its version, with its
// compatibility track, and without.
func spellings(id, version string) []string {
	if version == "" {
		return []string{id}
	}
	out := []string{id + "@" + version}
	if track := iface.VersionTrack(version); track != version {
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
		return nil // only known once the index is closed
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

// candidates returns the .wit files that a glob of a package may match.
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

// resolved returns the libraries that provide a package to a rule: the one that a directive names, or those found in
// the index.
func (l *lang) resolved(c *config.Config, pkg string, name witsyntax.PackageName) []*library {
	if at, ok := override(c, name.ID(), name.Version); ok {
		if lib := l.ix.libs[at]; lib != nil {
			return []*library{lib}
		}
		return nil
	}
	return l.ix.libraries(pkg, name.String())
}

// pkg returns a package as seen from a rule, or nil.
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
