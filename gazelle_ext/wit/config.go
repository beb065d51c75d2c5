// This file implements directives and the configuration of folders.

package wit

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/rule"
	"github.com/bazelbuild/buildtools/build"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

// Directives. All except wasm_component apply to a folder and those below it. An empty value resets the directive.
const (
	enabledDirective   = "wit_enabled"           // true, false
	strictDirective    = "wit_strict"            // true, false
	hostDirective      = "wit_host"              // patterns of interfaces
	rootDirective      = "wasm_fuse_root"        // patterns of component names, or none
	supplyDirective    = "wasm_supply"           // IMPORTER IMPORT LABEL
	libraryNaming      = "wit_library_naming"    // pattern of rule names
	importNaming       = "wasm_component_naming" // pattern of rule names
	fuseNaming         = "wasm_fuse_naming"      // pattern of rule names
	defaultDirective   = "wit_default_attr"      // KIND ATTRIBUTE VALUE
	searchDirective    = "wit_search"            // patterns of folders
	placeDirective     = "wit_resolve"           // PATTERN LABEL
	componentDirective = "wasm_component"        // NAME CORE WORLD
)

// noRoot is the value of wasm_fuse_root for no roots.
const noRoot = "none"

var namingDefaults = map[string]string{
	libraryNaming: "{package}_wit",
	importNaming:  "{file}",
	fuseNaming:    "{component}_fused",
}

var namingFields = map[string][]string{
	libraryNaming: {"{package}", "{namespace}", "{version}"},
	importNaming:  {"{file}"},
	fuseNaming:    {"{component}"},
}

// packageFields removes the fields of wit_search and wit_resolve.
var packageFields = strings.NewReplacer("{package}", "", "{namespace}", "", "{version}", "")

// witConfig is the configuration of a folder.
type witConfig struct {
	enabled, strict bool
	host            []iface.Pattern // in addition to wasi:*
	roots           []string        // patterns of component names; nil means those that no other component imports from
	supplies        supplyList
	search          []string // patterns of folders, relative to the root of the repository
	places          []packagePlace
	lock            *wkgLock // of the nearest folder with one, or nil
	naming          map[string]string
	defaults        []defaultAttr
	components      []componentDecl // of this folder only
}

type defaultAttr struct {
	kind, attr string
	value      build.Expr
}

// componentDecl is a wasm_component directive.
type componentDecl struct{ name, core, world string }

func getConfig(c *config.Config) *witConfig {
	if wc, ok := c.Exts[languageName].(*witConfig); ok {
		return wc
	}
	return &witConfig{enabled: true, naming: namingDefaults}
}

func (*lang) KnownDirectives() []string {
	return []string{enabledDirective, strictDirective, hostDirective, rootDirective, supplyDirective, libraryNaming, importNaming, fuseNaming,
		defaultDirective, searchDirective, placeDirective, componentDirective}
}

// Configure reads the directives of a folder's BUILD file.
func (l *lang) Configure(c *config.Config, rel string, f *rule.File) {
	if len(c.Langs) == 0 || slices.Contains(c.Langs, languageName) {
		l.visited[rel] = f != nil
		if f != nil {
			l.builds[rel] = buildFile{f, c}
		}
	}
	wc := *getConfig(c)
	wc.components = nil
	c.Exts[languageName] = &wc
	var problems []string
	if lock, err := readLock(c.RepoRoot, rel); err != nil {
		problems = append(problems, err.Error())
	} else if lock != nil {
		wc.lock = lock
	}
	if f != nil {
		problems = append(problems, l.directives(c, &wc, rel, f)...)
	}
	// Reported last, because wit_strict may come after the faulty directive.
	for _, msg := range problems {
		l.problem(c, msg)
	}
}

// directives reads the directives of a BUILD file, and returns what is wrong with them.
func (l *lang) directives(c *config.Config, wc *witConfig, rel string, f *rule.File) (problems []string) {
	for _, d := range f.Directives {
		file := f.Path
		if rel, err := filepath.Rel(c.RepoRoot, f.Path); err == nil {
			file = filepath.ToSlash(rel)
		}
		at := fmt.Sprintf("%s: # gazelle:%s %s", file, d.Key, d.Value)
		before := len(wc.supplies.decls)
		if err := wc.set(d.Key, strings.TrimSpace(d.Value), rel); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", at, err))
			continue
		}
		if len(wc.supplies.decls) > before {
			wc.supplies.decls[before].at = at
			l.supplies[at] = c
		}
		if d.Key == rootDirective && d.Value != noRoot {
			for _, p := range strings.Fields(d.Value) {
				l.roots = append(l.roots, rootPattern{at: at, rel: rel, pattern: p, c: c})
			}
		}
	}
	return problems
}

// set applies one directive of the BUILD file in a folder.
func (wc *witConfig) set(key, value, rel string) error {
	switch key {
	case enabledDirective:
		return boolean(value, true, &wc.enabled)
	case strictDirective:
		return boolean(value, false, &wc.strict)
	case hostDirective:
		return appendList(value, &wc.host, iface.ParsePattern)
	case rootDirective:
		if value == noRoot {
			wc.roots = []string{}
			return nil
		}
		return appendList(value, &wc.roots, pattern)
	case supplyDirective:
		if value == "" {
			wc.supplies = supplyList{}
			return nil
		}
		d, err := parseSupply(value, rel)
		if err == nil {
			wc.supplies = wc.supplies.with(d)
		}
		return err
	case placeDirective:
		if value == "" {
			wc.places = nil
			return nil
		}
		p, err := parsePlace(value, rel)
		if err == nil {
			wc.places = append(wc.places[:len(wc.places):len(wc.places)], p)
		}
		return err
	case searchDirective:
		return appendList(value, &wc.search, func(word string) (string, error) {
			if strings.ContainsAny(packageFields.Replace(word), "{}") || path.IsAbs(word) {
				return "", fmt.Errorf("expected a folder, relative to this one, with {namespace}, {package} and {version} for the parts of a WIT package's name")
			}
			if word = path.Join(rel, word); word == ".." || strings.HasPrefix(word, "../") {
				return "", fmt.Errorf("the folder is outside of the repository")
			}
			return word, nil
		})
	case libraryNaming, importNaming, fuseNaming:
		return wc.setNaming(key, value)
	case defaultDirective:
		return wc.setDefault(value)
	case componentDirective:
		f := strings.Fields(value)
		if len(f) != 3 {
			return fmt.Errorf("expected NAME CORE WORLD")
		}
		wc.components = append(wc.components, componentDecl{f[0], f[1], f[2]})
	}
	return nil
}

func boolean(value string, unset bool, to *bool) error {
	switch value {
	case "":
		*to = unset
	case "true", "false":
		*to = value == "true"
	default:
		return fmt.Errorf("expected true or false")
	}
	return nil
}

// appendList appends what the words of a value stand for to a list; an empty value clears it.
func appendList[T any](value string, to *[]T, parse func(string) (T, error)) error {
	if value == "" {
		*to = nil
		return nil
	}
	for _, word := range strings.Fields(value) {
		p, err := parse(word)
		if err != nil {
			return fmt.Errorf("%s: %w", word, err)
		}
		*to = append((*to)[:len(*to):len(*to)], p)
	}
	return nil
}

// pattern returns a pattern of [path.Match] that is well-formed.
func pattern(s string) (string, error) {
	_, err := path.Match(s, "")
	return s, err
}

func (wc *witConfig) setNaming(key, value string) error {
	if value == "" {
		value = namingDefaults[key]
	}
	rest, used := value, false
	for _, field := range namingFields[key] {
		used = used || strings.Contains(rest, field)
		rest = strings.ReplaceAll(rest, field, "")
	}
	if !used || strings.ContainsAny(rest, "{} \t/:") {
		return fmt.Errorf("expected a name with %s in it", strings.Join(namingFields[key], ", "))
	}
	naming := map[string]string{key: value}
	for k, v := range wc.naming {
		if k != key {
			naming[k] = v
		}
	}
	wc.naming = naming
	return nil
}

// managed are the attributes that the extension sets.
var managed = []string{"name", "srcs", "deps", "src", "core", "wit", "world", "root", "imports"}

func (wc *witConfig) setDefault(value string) error {
	if value == "" {
		wc.defaults = nil
		return nil
	}
	kind, rest, _ := strings.Cut(value, " ")
	attr, text, ok := strings.Cut(strings.TrimSpace(rest), " ")
	if _, known := kinds[kind]; !known || !ok {
		return fmt.Errorf("expected KIND ATTRIBUTE VALUE, with a KIND of %s", strings.Join(sortedKeys(kinds), ", "))
	}
	if slices.Contains(managed, attr) {
		return fmt.Errorf("attribute %s is managed by Gazelle", attr)
	}
	f, err := build.ParseBuild("value", []byte("x = "+text))
	if err != nil || len(f.Stmt) != 1 {
		return fmt.Errorf("VALUE is not a Starlark expression: write a string with quotation marks")
	}
	assign, ok := f.Stmt[0].(*build.AssignExpr)
	if !ok {
		return fmt.Errorf("VALUE is not a Starlark expression: write a string with quotation marks")
	}
	wc.defaults = append(wc.defaults[:len(wc.defaults):len(wc.defaults)], defaultAttr{kind, attr, assign.RHS})
	return nil
}

// applyDefaults sets the default attributes of a new rule. The last directive for an attribute wins. Attributes of an
// existing rule are kept.
func (wc *witConfig) applyDefaults(r *rule.Rule) {
	for _, d := range wc.defaults {
		if d.kind == r.Kind() {
			r.SetAttr(d.attr, d.value)
		}
	}
}

// fuseName returns the name of a component's fusion.
func (wc *witConfig) fuseName(component string) string {
	return strings.ReplaceAll(wc.naming[fuseNaming], "{component}", component)
}

// namedFuse reports whether name is one that Gazelle would choose for a component's fusion, with or without the
// directive.
func (wc *witConfig) namedFuse(name, component string) bool {
	return name == wc.fuseName(component) || name == strings.ReplaceAll(namingDefaults[fuseNaming], "{component}", component)
}

func matchAny(patterns []string, s string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, s)
		return ok
	})
}

// wasi is the pattern of what every host supplies.
var wasi = func() iface.Pattern {
	p, err := iface.ParsePattern("wasi:*")
	if err != nil {
		panic(err)
	}
	return p
}()

// hosted returns the patterns of what the host supplies.
func (wc *witConfig) hosted() []iface.Pattern { return append([]iface.Pattern{wasi}, wc.host...) }

// isHost reports whether the host supplies an import.
func (wc *witConfig) isHost(imp iface.Extern) bool { return matching(wc.hosted(), imp) != nil }

// matching returns the first pattern that matches an import, or nil.
func matching(patterns []iface.Pattern, imp iface.Extern) *iface.Pattern {
	i := slices.IndexFunc(patterns, func(p iface.Pattern) bool { return p.Matches(imp) })
	if i < 0 {
		return nil
	}
	return &patterns[i]
}
