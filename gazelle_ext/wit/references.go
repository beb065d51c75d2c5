package wit

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/buildtools/build"
)

// reference is a place where a rule names another.
type reference struct {
	from label.Label
	attr string
	c    *config.Config
}

// textAttrs are attributes whose values are no labels.
var textAttrs = []string{"name", "cmd", "tags", "package", "world", "visibility", "calls", "expected", "plugs"}

// references collects which rules of the BUILD files that were seen name which labels.
func (l *lang) references() map[label.Label][]reference {
	if l.refs != nil {
		return l.refs
	}
	l.refs = map[label.Label][]reference{}
	for _, rel := range sortedKeys(l.builds) {
		f := l.builds[rel]
		for _, r := range f.Rules {
			from := label.New("", rel, r.Name())
			for _, attr := range r.AttrKeys() {
				if slices.Contains(textAttrs, attr) {
					continue
				}
				build.Walk(r.Attr(attr), func(e build.Expr, _ []build.Expr) {
					s, ok := e.(*build.StringExpr)
					if !ok {
						return
					}
					if at, err := label.Parse(s.Value); err == nil {
						at = local(f.c, at.Abs("", rel))
						l.refs[at] = append(l.refs[at], reference{from, attr, f.c})
					}
				})
			}
		}
	}
	return l.refs
}

// referred says whether another rule names a rule.
func (l *lang) referred(at label.Label) bool {
	return slices.ContainsFunc(l.references()[at], func(r reference) bool { return r.from != at && !l.deleted[r.from] })
}

// checkReferences reports rules that name what this run deletes. Those that the run writes itself do no more.
func (l *lang) checkReferences() {
	if len(l.deleted) == 0 {
		return
	}
	for _, at := range sortedLabels(l.deleted) {
		for _, r := range l.references()[at] {
			if r.from == at || l.deleted[r.from] || l.rules[r.from] != nil && (r.attr == "deps" || r.attr == "wit") {
				continue
			}
			l.problem(r.c, fmt.Sprintf("%s: %s names %s, which this run deletes, because what it was written for is gone: name another target, or delete the rule too",
				r.from, r.attr, at))
		}
	}
}

// checkDeps reports deps that a rule keeps although they are no more.
func (l *lang) checkDeps(c *config.Config, from label.Label, deps []label.Label) {
	for _, at := range deps {
		if l.missing(c, at) {
			l.problem(c, fmt.Sprintf("%s: deps keeps %s, which does not exist: solve the problem of the rule first, or delete the entry by hand",
				from, at))
		}
	}
}

// nameless are functions of BUILD files that make no target.
var nameless = []string{"package", "exports_files", "licenses", "package_group", "load"}

// missing says that there is surely no such target: its folder has no BUILD file, or one that was read and has no rule
// that could make it; nor is it a file.
func (l *lang) missing(c *config.Config, at label.Label) bool {
	if at.Repo != "" || l.rules[at] != nil && !l.deleted[at] || l.made[at] {
		return false
	}
	if l.deleted[at] {
		return true
	}
	if fileExists(c.RepoRoot, path.Join(at.Pkg, at.Name)) {
		return false
	}
	f, ok := l.builds[at.Pkg]
	if !ok {
		return !slices.ContainsFunc(c.ValidBuildFileNames, func(name string) bool {
			_, err := os.Stat(filepath.Join(c.RepoRoot, filepath.FromSlash(at.Pkg), name))
			return err == nil
		})
	}
	// Macros make targets whose names begin with their own.
	for _, r := range f.Rules {
		if r.Name() == "" && !slices.Contains(nameless, r.Kind()) || r.Name() != "" && strings.HasPrefix(at.Name, r.Name()) && (at.Name == r.Name() || !ours(f.c, r)) {
			return false
		}
	}
	return true
}
