// This file implements the check of labels in rules.

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

// reference is an occurrence of a label in a rule.
type reference struct {
	from label.Label
	attr string
	c    *config.Config
}

// textAttrs are attributes whose values are not labels.
var textAttrs = []string{"name", "cmd", "tags", "package", "world", "visibility", "calls", "expected", "plugs", "imports"}

// references collects the labels that rules of the visited BUILD files refer to.
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

// referred reports whether another rule refers to a rule.
func (l *lang) referred(at label.Label) bool {
	return slices.ContainsFunc(l.references()[at], func(r reference) bool { return r.from != at && !l.deleted[r.from] })
}

// checkReferences reports references to rules that this run deletes, except from rules that it rewrites.
func (l *lang) checkReferences() {
	if len(l.deleted) == 0 {
		return
	}
	for _, at := range sortedLabels(l.deleted) {
		for _, r := range l.references()[at] {
			created := l.rules[r.from] != nil && l.old[r.from] == nil
			if r.from == at || created || l.deleted[r.from] || l.rules[r.from] != nil && (slices.Contains([]string{"deps", "wit", "names"}, r.attr)) {
				continue
			}
			l.problem(r.c, fmt.Sprintf("%s: %s names %s, which this run deletes, because the source of that rule is gone: name another target, or delete this rule too",
				r.from, r.attr, at))
		}
	}
}

// checkDeps reports deps that a rule keeps although they no longer exist.
func (l *lang) checkDeps(c *config.Config, from label.Label, deps []label.Label) {
	for _, at := range deps {
		if l.missing(c, at) {
			l.problem(c, fmt.Sprintf("%s: deps still has %s, which does not exist: solve the other problem of the rule first, or delete the entry",
				from, at))
		}
	}
}

// nameless are functions of BUILD files that declare no target.
var nameless = []string{"package", "exports_files", "licenses", "package_group", "load"}

// missing reports whether a target certainly does not exist: its folder has no BUILD file, or has one without a rule
// that could declare it, and it is not a file.
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
	// Macros declare targets whose names begin with their own.
	for _, r := range f.Rules {
		if r.Name() == "" && !slices.Contains(nameless, r.Kind()) || r.Name() != "" && strings.HasPrefix(at.Name, r.Name()) && (at.Name == r.Name() || !ours(f.c, r) || isKind(f.c, r, goKind)) {
			return false
		}
	}
	return true
}
