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
	packages []*witPackage // the main package first
	sum      [sha256.Size]byte
	c        *config.Config
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

	// Of a wasm_component: its world, and the wit_library that an existing rule names.
	world, wit string
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
	h := sha256.New()
	for _, name := range srcs {
		if f, err := l.files.wit(c.RepoRoot, name); err == nil {
			parsed = append(parsed, f)
		}
	}
	sums := make([]string, len(parsed))
	for i, f := range parsed {
		sums[i] = string(f.sum[:])
	}
	slices.Sort(sums)
	h.Write([]byte(strings.Join(sums, "")))
	h.Sum(lib.sum[:0])
	main := mainPackages(parsed)
	if len(main) == 0 {
		return nil
	}
	lib.packages = packagesOf(main[0], parsed)
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
	if r.Kind() == componentKind {
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
	comp.imports, comp.exports, comp.sum = f.imports, f.exports, f.sum
	for _, x := range f.exports {
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
			if strings.HasSuffix(f, ".wit") {
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
func nearest[T any](pkg string, all []T, at func(T) label.Label) []T {
	best := -1
	var out []T
	for _, x := range all {
		depth := -1
		p := at(x).Pkg
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

// libraries gives those that provide a package to a rule in pkg: one, unless they differ in content.
func (ix *index) libraries(pkg, name string) []*library {
	found := nearest(pkg, ix.byPkg[name], func(l *library) label.Label { return l.label })
	slices.SortFunc(found, func(a, b *library) int { return strings.Compare(a.label.String(), b.label.String()) })
	if len(found) > 1 && !slices.ContainsFunc(found, func(l *library) bool { return l.sum != found[0].sum }) {
		return found[:1]
	}
	return found
}

// pkg gives a package as a rule sees it, nil if there is none.
func (ix *index) pkg(from *library, name string) *witPackage {
	libs := append([]*library{from}, ix.libraries(from.label.Pkg, name)...)
	for _, l := range libs {
		for _, p := range l.packages {
			if p.name.String() == name {
				return p
			}
		}
	}
	return nil
}
