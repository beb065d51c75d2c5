// This file implements the grouping of files into WIT packages.

package wit

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/walk"

	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// group is the files of one WIT package, and the name of its rule unless there is an existing one.
type group struct {
	rel   string // folder of the rule
	pkg   witsyntax.PackageName
	srcs  []string // relative to rel
	files []*witFile
	name  string
}

// ownedByParent reports whether a folder contains dependencies of the WIT package above it: it is named deps, or is
// inside one. Package managers rewrite such folders, so their rules go to the folder above, as long as they have no
// BUILD files.
func (l *lang) ownedByParent(c *config.Config, rel string) bool {
	owner, ok := "", false
	if path.Base(rel) == "deps" {
		owner, ok = parent(rel), true
	} else if deps := path.Dir(rel); path.Base(deps) == "deps" {
		if info, err := walk.GetDirInfo(deps); err == nil && info.File == nil {
			owner, ok = parent(deps), true
		}
	}
	if !ok {
		return false
	}
	return l.hasWIT(c, owner)
}

// hasWIT reports whether there is a WIT package in a folder.
func (l *lang) hasWIT(c *config.Config, rel string) bool {
	info, err := walk.GetDirInfo(rel)
	return err == nil && len(l.wits(c, rel, "", info.RegularFiles)) > 0
}

func isText(name string) bool { return strings.HasSuffix(name, ".wit") }

func fileExists(root, name string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil
}

// groups returns the packages of a folder and of its deps folder. elsewhere are those in the deps folder in place of which a
// directive names other libraries.
func (l *lang) groups(c *config.Config, rel string, regular, subdirs []string) (groups, elsewhere []*group, problems []string) {
	// A binary package is a single file.
	collect := func(names []string) {
		var texts []string
		var parts [][]string
		for _, name := range names {
			if isBinary(name) {
				parts = append(parts, []string{name})
			} else {
				texts = append(texts, name)
			}
		}
		for _, part := range append([][]string{texts}, parts...) {
			got, p := l.group(c, rel, part)
			groups, problems = append(groups, got...), append(problems, p...)
		}
	}
	own := l.wits(c, rel, "", regular)
	collect(own)
	if len(own) > 0 && slices.Contains(subdirs, "deps") {
		info, err := walk.GetDirInfo(path.Join(rel, "deps"))
		if err == nil && info.File == nil {
			for _, f := range l.wits(c, rel, "deps", info.RegularFiles) {
				collect([]string{f})
			}
			problems = append(problems, l.unread(c, rel, "deps", info.RegularFiles)...)
			for _, d := range info.Subdirs {
				sub := path.Join("deps", d)
				if info, err := walk.GetDirInfo(path.Join(rel, sub)); err == nil && info.File == nil {
					collect(l.wits(c, rel, sub, info.RegularFiles))
					problems = append(problems, l.unread(c, rel, sub, info.RegularFiles)...)
				}
			}
		}
	}
	groups = slices.DeleteFunc(groups, func(g *group) bool {
		at, ok := placed(c, g.pkg.ID(), g.pkg.Version)
		if ok = ok && strings.HasPrefix(g.srcs[0], "deps/") && (at.Repo != "" || at.Pkg != rel); ok {
			elsewhere = append(elsewhere, g)
		}
		return ok
	})
	groups, twice := unique(groups)
	nameGroups(groups, getConfig(c).naming[libraryNaming])
	return groups, elsewhere, append(problems, twice...)
}

// wits returns the files in dir, a folder below rel, that contain WIT.
func (l *lang) wits(c *config.Config, rel, dir string, names []string) (out []string) {
	for _, n := range names {
		if name := path.Join(dir, n); l.files.isWIT(c.RepoRoot, path.Join(rel, name)) {
			out = append(out, name)
		}
	}
	return out
}

// unread reports files in a folder of dependencies that should be packages but cannot be read: damaged files, and
// packages in the text format of components, unless the binary form is beside them.
func (l *lang) unread(c *config.Config, rel, dir string, names []string) (problems []string) {
	for _, n := range names {
		file := path.Join(rel, dir, n)
		exclude := fmt.Sprintf("\"# gazelle:exclude %s\" in the BUILD file of //%s", path.Join(dir, n), rel)
		if isBinary(n) {
			if err := l.files.wasm(c.RepoRoot, file).err; err != nil {
				problems = append(problems, fmt.Sprintf("%v; no rule was generated for it: repair it, or exclude it with %s", err, exclude))
			}
			continue
		}
		stem, ok := strings.CutSuffix(n, ".wat")
		if !ok || slices.Contains(names, stem+".wasm") {
			continue
		}
		problems = append(problems, fmt.Sprintf("%s: WIT packages in the text format of WebAssembly are not read: convert it with `wasm-tools parse %s -o %s`, or leave it out with %s",
			file, file, path.Join(rel, dir, stem+".wasm"), exclude))
	}
	return problems
}

// group groups the files of one folder by package. Files that declare no package belong to the folder's only package.
func (l *lang) group(c *config.Config, rel string, names []string) (groups []*group, problems []string) {
	byName := map[string]*group{}
	var nameless []string
	add := func(grp *group, name string, f *witFile) {
		grp.srcs, grp.files = append(grp.srcs, name), append(grp.files, f)
	}
	for _, name := range names {
		f, err := l.files.wit(c.RepoRoot, path.Join(rel, name))
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		for _, e := range f.errs {
			problems = append(problems, e.Error())
		}
		if f.tree.Package == nil {
			nameless = append(nameless, name)
			continue
		}
		id := f.tree.Package.Name.String()
		if byName[id] == nil {
			byName[id] = &group{rel: rel, pkg: f.tree.Package.Name}
			groups = append(groups, byName[id])
		}
		add(byName[id], name, f)
	}
	for _, name := range nameless {
		f := l.files.wits[path.Join(rel, name)]
		switch {
		case len(groups) == 1:
			add(groups[0], name, f)
		case len(f.errs) > 0: // the declaration may be in the part that failed to parse
		case len(groups) == 0:
			problems = append(problems, fmt.Sprintf("%s: no file of the folder declares its WIT package; begin this one with \"package namespace:name;\"",
				path.Join(rel, name)))
		default:
			var all []string
			for _, grp := range groups {
				all = append(all, grp.pkg.String())
			}
			problems = append(problems, fmt.Sprintf("%s: the file declares no WIT package, and its folder has several: %s; begin it with one of \"package %s;\"",
				path.Join(rel, name), strings.Join(all, ", "), strings.Join(all, ";\", \"package ")))
		}
	}
	for _, grp := range groups {
		slices.Sort(grp.srcs)
	}
	return groups, problems
}

// unique keeps the first group of each package.
func unique(groups []*group) (kept []*group, problems []string) {
	seen := map[string]*group{}
	for _, g := range groups {
		first := seen[g.pkg.String()]
		if first == nil {
			seen[g.pkg.String()] = g
			kept = append(kept, g)
			continue
		}
		problems = append(problems, fmt.Sprintf("%s: WIT package %s is also in %s, which is used instead; remove one of them",
			path.Join(g.rel, g.srcs[0]), g.pkg, path.Join(g.rel, first.srcs[0])))
	}
	return kept, problems
}

// nameGroups names rules by a pattern. Packages whose names would collide get longer ones, with the namespace, then
// also the version.
func nameGroups(groups []*group, pattern string) {
	longer := []func(witsyntax.PackageName) []string{
		func(n witsyntax.PackageName) []string { return n.Names },
		func(n witsyntax.PackageName) []string { return append(slices.Clone(n.Namespaces), n.Names...) },
		func(n witsyntax.PackageName) []string {
			return append(append(slices.Clone(n.Namespaces), n.Names...), n.Version)
		},
	}
	todo := groups
	for _, parts := range longer {
		count := map[string]int{}
		for _, g := range todo {
			pkg := strings.TrimSuffix(strings.Join(parts(g.pkg), "_"), "_")
			g.name = strings.NewReplacer("{package}", pkg, "{namespace}", strings.Join(g.pkg.Namespaces, "_"),
				"{version}", g.pkg.Version).Replace(pattern)
			count[g.name]++
		}
		todo = slices.DeleteFunc(slices.Clone(todo), func(g *group) bool { return count[g.name] == 1 })
	}
}
