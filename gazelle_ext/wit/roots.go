// This file implements the choice of the components that are fused.

package wit

import (
	"fmt"
	"slices"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/rule"
)

// rootPattern is a pattern of a wasm_fuse_root directive.
type rootPattern struct {
	at, rel, pattern string // the directive, its folder
	c                *config.Config
}

// dead reports whether a pattern matches no component. When Gazelle runs on a part of the repository, there may be
// others.
func (l *lang) dead(p rootPattern) bool {
	if l.incomplete(p.c) || !l.generated[""] {
		return false
	}
	for _, name := range l.ix.names(p.rel) {
		if matchAny([]string{p.pattern}, name) {
			return false
		}
	}
	return true
}

// names returns the names of the components in a folder and below it.
func (ix *index) names(folder string) []string {
	if ix.inFolder == nil {
		ix.inFolder = map[string][]string{}
		for _, comp := range ix.sorted() {
			for at := comp.label.Pkg; ; at = parent(at) {
				ix.inFolder[at] = append(ix.inFolder[at], comp.label.Name)
				if at == "" {
					break
				}
			}
		}
	}
	return ix.inFolder[folder]
}

// checkRoots reports patterns of roots that match no component.
func (l *lang) checkRoots() {
	for _, p := range l.roots {
		if l.dead(p) {
			l.problem(p.c, fmt.Sprintf("%s: no component here or below is called %s: correct the name, or remove it", p.at, p.pattern))
		}
	}
}

// misnamed reports whether the roots of a folder are uncertain because a directive names one that does not exist.
func (l *lang) misnamed(c *config.Config, pkg string) bool {
	return slices.ContainsFunc(l.roots, func(p rootPattern) bool {
		return within(pkg, p.rel) && slices.Contains(getConfig(c).roots, p.pattern) && l.dead(p)
	})
}

// isRoot reports whether a component is the root of a fusion: if a directive says so, or, without a directive, if no
// other component imports from it, or if a user wrote the fusion or refers to it.
func (l *lang) isRoot(c *config.Config, comp *component, fusion label.Label, old *rule.Rule, ours bool) bool {
	wc := getConfig(c)
	if wc.roots != nil && matchAny(wc.roots, comp.label.Name) || wc.roots == nil && !comp.imported {
		return true
	}
	if old == nil {
		return false
	}
	return wc.roots == nil && !ours || l.referred(fusion)
}
