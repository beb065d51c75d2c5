// This file implements `gazelle fix`.

package wit

import (
	"slices"
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/rule"
	"github.com/bazelbuild/bazel-gazelle/walk"
	"github.com/bazelbuild/buildtools/build"
)

// Fix implements `gazelle fix`: it renames rules of WIT packages and imported components to the names that new rules
// would get, and updates references to them in the same BUILD file. `gazelle update` keeps such names.
func (l *lang) Fix(c *config.Config, f *rule.File) {
	wc := getConfig(c)
	if !c.ShouldFix || !wc.enabled {
		return
	}
	info, err := walk.GetDirInfo(f.Pkg)
	if err != nil {
		return
	}
	groups, _, _ := l.groups(c, f.Pkg, info.RegularFiles, info.Subdirs)
	for _, r := range existing(c, f, libraryKind) {
		for _, grp := range groups {
			if l.covers(r, grp) {
				rename(f, r, grp.name)
				break
			}
		}
	}
	for _, r := range existing(c, f, importKind) {
		if file, ok := strings.CutSuffix(strings.TrimPrefix(r.AttrString("src"), ":"), ".wasm"); ok && !strings.ContainsAny(file, "/:") {
			rename(f, r, strings.ReplaceAll(wc.naming[importNaming], "{file}", file))
		}
	}
}

// rename renames a rule and the references to it, unless the name is taken or the rule is marked to be kept.
func rename(f *rule.File, r *rule.Rule, name string) {
	old := r.Name()
	taken := func(o *rule.Rule) bool { return o.Name() == name }
	if old == name || r.ShouldKeep() || slices.ContainsFunc(f.Rules, taken) {
		return
	}
	r.SetName(name)
	for _, o := range f.Rules {
		for _, attr := range o.AttrKeys() {
			if attr == "name" {
				continue
			}
			build.Walk(o.Attr(attr), func(e build.Expr, _ []build.Expr) {
				if str, ok := e.(*build.StringExpr); ok {
					if pkg, ok := strings.CutSuffix(str.Value, ":"+old); ok && (pkg == "" || pkg == "//"+f.Pkg) {
						str.Value = pkg + ":" + name
					}
				}
			})
		}
	}
}
