// Package wit is a Gazelle extension for WIT packages and WebAssembly components. It generates
//
//   - a wit_library for each WIT package: the .wit files of a folder that declare one package, with those in its deps
//     folder as separate libraries beside it; their deps are the packages that the files refer to,
//   - a wasm_component_import for each .wasm file that contains a component,
//   - a wasm_component for each wasm_component directive,
//   - a wasm_component_fuse for each component whose imports are exports of other components of the repository, or of the
//     host.
//
// Gazelle generates rules folder by folder, then resolves dependencies. In between, Imports (index.go) collects what
// every rule of the repository provides. Worlds are computed at the first Resolve, because they may include worlds of
// packages that are indexed later (world.go). Problems are collected, and printed sorted at the end; in strict mode
// Gazelle then exits before it writes anything.
//
// The extension implements version 1 of Gazelle's interfaces although they are deprecated: gazelle_binary of Gazelle
// 0.53 accepts no other, and version 2 has only pre-releases.
package wit

import (
	"context"
	"flag"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/language"
	"github.com/bazelbuild/bazel-gazelle/rule"
)

// languageName is the name of the extension, and of its imports in resolve directives.
const languageName = "wit"

// lang is the state of one run.
type lang struct {
	language.BaseLifecycleManager
	files *files
	ix    *index
	// visited and generated are the folders that were configured and those where rules were generated. They differ when
	// Gazelle runs on a part of the repository. The value of visited reports whether there is a BUILD file.
	visited   map[string]bool
	generated map[string]bool
	recursive bool            // the root was generated, and the folders below it
	sought    map[string]bool // folders that are to be indexed, with -index=lazy
	// rules are the generated rules, and old the rules they replace. With map_kind, Resolve receives a copy of a rule,
	// but only the original can be deleted.
	rules    map[label.Label]*rule.Rule
	old      map[label.Label]*rule.Rule
	builds   map[string]buildFile // BUILD files by folder, before changes
	deleted  map[label.Label]bool // rules that this run deletes
	made     map[label.Label]bool // files that rules generate
	refs     map[label.Label][]reference
	roots    []rootPattern                 // of wasm_fuse_root directives
	supplies map[string]*config.Config     // wasm_supply directives, by place and text
	used     map[string]bool               // those of them that matched an import
	problems map[string]bool               // the value reports whether the problem is an error where it arose
	notes    map[string]bool               // remarks that are not problems
	unmet    bool                          // one of the problems is an import without a supplier
	libDeps  map[label.Label][]label.Label // of the resolved libraries
	gaps     *bool                         // whether folders were seen that may lack rules
	partial  map[string]bool               // labels of rules whose dependencies were kept because the index is incomplete
}

// buildFile is a BUILD file and the configuration of its folder.
type buildFile struct {
	*rule.File
	c *config.Config
}

// NewLanguage returns the extension. gazelle_binary calls it.
func NewLanguage() language.Language {
	return &lang{
		files:     newFiles(),
		ix:        newIndex(),
		visited:   map[string]bool{},
		generated: map[string]bool{},
		sought:    map[string]bool{},
		rules:     map[label.Label]*rule.Rule{},
		old:       map[label.Label]*rule.Rule{},
		builds:    map[string]buildFile{},
		deleted:   map[label.Label]bool{},
		made:      map[label.Label]bool{},
		notes:     map[string]bool{},
		supplies:  map[string]*config.Config{},
		used:      map[string]bool{},
		problems:  map[string]bool{},
		libDeps:   map[label.Label][]label.Label{},
		partial:   map[string]bool{},
	}
}

func (*lang) Name() string { return languageName }

func (*lang) RegisterFlags(*flag.FlagSet, string, *config.Config) {}

func (*lang) CheckFlags(*flag.FlagSet, *config.Config) error { return nil }

func (*lang) Embeds(*rule.Rule, label.Label) []label.Label { return nil }

// problem records an error. In strict mode it ends the run with exit status 1.
func (l *lang) problem(c *config.Config, msg string) {
	l.problems[msg] = l.problems[msg] || c.Strict || getConfig(c).strict
}

// note records a remark that is not a problem.
func (l *lang) note(msg string) { l.notes[msg] = true }

// AfterResolvingDeps prints the problems of the run, before anything is written. In strict mode it then exits.
func (l *lang) AfterResolvingDeps(context.Context) {
	l.checkCopies()
	l.checkVendored()
	l.checkReferences()
	l.checkRoots()
	l.checkSupplies()
	l.checkLeftOut()
	strict := false
	for _, msg := range sortedKeys(l.problems) {
		log.Print(msg)
		strict = strict || l.problems[msg]
	}
	for _, msg := range sortedKeys(l.notes) {
		log.Print(msg)
	}
	if len(l.partial) > 0 {
		names := sortedKeys(l.partial)
		log.Printf("not all of the repository was indexed, so dependencies were kept as they are in %s: to resolve all, run gazelle at the root of the repository with -index=all",
			strings.Join(names, ", "))
	}
	if strict {
		log.Print("nothing was written, because the mode is strict")
		os.Exit(1)
	}
}

// incomplete reports whether rules of the repository may be missing from the index.
func (l *lang) incomplete(c *config.Config) bool {
	if !c.IndexLibraries || c.IndexLazy && !l.recursive {
		return true
	}
	if l.gaps == nil {
		gaps := false
		for rel, hasBuild := range l.visited {
			if !hasBuild && !l.generated[rel] && holdsSources(filepath.Join(c.RepoRoot, filepath.FromSlash(rel))) {
				gaps = true
			}
		}
		l.gaps = &gaps
	}
	return *l.gaps
}

// holdsSources reports whether a folder has files that rules are generated for.
func holdsSources(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return isText(e.Name()) || isBinary(e.Name())
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
