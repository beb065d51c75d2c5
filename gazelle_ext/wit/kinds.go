// This file implements the kinds of rules.

package wit

import (
	"slices"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/rule"
)

// Rule kinds.
const (
	libraryKind   = "wit_library"
	importKind    = "wasm_component_import"
	componentKind = "wasm_component"
	fuseKind      = "wasm_component_fuse"
	composeKind   = "wasm_component_compose"
	goKind        = "wit_go_bindings"
)

const moduleName = "rules_wasm_fuse"

var kinds = map[string]rule.KindInfo{
	libraryKind: {
		MatchAttrs:     []string{"srcs"},
		NonEmptyAttrs:  map[string]bool{"srcs": true},
		MergeableAttrs: map[string]bool{"srcs": true},
		ResolveAttrs:   map[string]bool{"deps": true},
	},
	importKind: {
		MatchAttrs:     []string{"src"},
		NonEmptyAttrs:  map[string]bool{"src": true},
		MergeableAttrs: map[string]bool{"src": true},
		ResolveAttrs:   map[string]bool{"deps": true},
	},
	componentKind: {
		NonEmptyAttrs:  map[string]bool{"core": true},
		MergeableAttrs: map[string]bool{"core": true, "world": true},
		ResolveAttrs:   map[string]bool{"deps": true, "wit": true, "world": true},
	},
	fuseKind: {
		MatchAttrs:      []string{"root"},
		NonEmptyAttrs:   map[string]bool{"root": true, "wac": true},
		SubstituteAttrs: map[string]bool{"root": true},
		MergeableAttrs:  map[string]bool{"root": true, "wac": true},
		ResolveAttrs:    map[string]bool{"deps": true, "imports": true, "names": true},
	},
	// Only with a document.
	composeKind: {
		NonEmptyAttrs:  map[string]bool{"wac": true},
		MergeableAttrs: map[string]bool{"wac": true},
		ResolveAttrs:   map[string]bool{"deps": true, "names": true},
	},
	// Never a new one.
	goKind: {
		NonEmptyAttrs: map[string]bool{"world": true},
		ResolveAttrs:  map[string]bool{"exports": true, "imports": true},
	},
}

// kindsForGo are the kinds in the file that loads rules_go.
var kindsForGo = []string{goKind}

func (*lang) Kinds() map[string]rule.KindInfo { return kinds }

// Loads returns the load statement for a repository without bzlmod.
func (l *lang) Loads() []rule.LoadInfo {
	return l.ApparentLoads(func(string) string { return "" })
}

// ApparentLoads returns the load statement with the root module's name for this module.
func (*lang) ApparentLoads(apparent func(module string) string) []rule.LoadInfo {
	repo := apparent(moduleName)
	if repo == "" {
		repo = moduleName
	}
	others := slices.DeleteFunc(sortedKeys(kinds), func(kind string) bool { return slices.Contains(kindsForGo, kind) })
	return []rule.LoadInfo{
		{Name: "@" + repo + "//rules:defs.bzl", Symbols: others},
		{Name: "@" + repo + "//rules:go.bzl", Symbols: kindsForGo},
	}
}

// isKind reports whether a rule is of one of this extension's kinds, directly, mapped or aliased.
func isKind(c *config.Config, r *rule.Rule, kind string) bool {
	got := r.Kind()
	if aliased, ok := c.AliasMap[got]; ok {
		got = aliased
	}
	if got == kind {
		return true
	}
	for seen := 0; seen <= len(c.KindMap); seen++ {
		mapped, ok := c.KindMap[kind]
		if !ok {
			return false
		}
		kind = mapped.KindName
		if got == kind {
			return true
		}
	}
	return false
}

// existing returns the rules of a kind in a BUILD file, which may be nil.
func existing(c *config.Config, f *rule.File, kind string) []*rule.Rule {
	var out []*rule.Rule
	if f != nil {
		for _, r := range f.Rules {
			if isKind(c, r, kind) {
				out = append(out, r)
			}
		}
	}
	return out
}
