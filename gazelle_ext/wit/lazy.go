// This file implements the choice of the folders that are indexed with -index=lazy.

package wit

import (
	"strings"

	"github.com/bazelbuild/bazel-gazelle/config"
	"github.com/bazelbuild/bazel-gazelle/label"
	"github.com/bazelbuild/bazel-gazelle/rule"
	"github.com/bazelbuild/bazel-gazelle/walk"

	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// seeker finds the folders whose rules some rules may depend on: those of the targets that they name already, those that
// wit_search directives name for the packages they refer to, and all folders above, because the nearest provider wins. The
// same holds for the rules that it finds there.
type seeker struct {
	*lang
	c     *config.Config // of the folder that is generated, whose directives say where to look
	found []string
}

// seek returns the folders to index for the rules of a folder.
func (l *lang) seek(c *config.Config, rel string, f *rule.File, gen []*rule.Rule) []string {
	if !c.IndexLibraries || !c.IndexLazy {
		return nil
	}
	s := &seeker{lang: l, c: c}
	s.add(rel)
	s.rules(rel, f, gen)
	for i := 0; i < len(s.found); i++ {
		if at := s.found[i]; at != rel {
			if info, err := walk.GetDirInfo(at); err == nil {
				s.rules(at, info.File, nil)
			}
		}
	}
	return s.found
}

// add adds a folder and all above it, unless an earlier folder of this run did.
func (s *seeker) add(rel string) {
	for !s.sought[rel] {
		s.sought[rel] = true
		s.found = append(s.found, rel)
		if rel == "" {
			return
		}
		rel = parent(rel)
	}
}

// rules adds the folders that the rules of a folder, existing and new, may depend on.
func (s *seeker) rules(rel string, f *rule.File, gen []*rule.Rule) {
	all := gen
	if f != nil {
		all = append(all[:len(all):len(all)], f.Rules...)
	}
	for _, r := range all {
		if !ours(s.c, r) {
			continue
		}
		for _, attr := range []string{"deps", "wit", "root"} {
			names := r.AttrStrings(attr)
			if one := r.AttrString(attr); one != "" {
				names = append(names, one)
			}
			for _, at := range s.labels(s.c, names, rel) {
				if at.Repo == "" {
					s.add(at.Pkg)
				}
			}
		}
		if len(getConfig(s.c).search) > 0 {
			s.mentions(r, label.New("", rel, r.Name()))
		}
	}
}

// mentions adds the folders that directives name for the packages that the sources of a rule refer to.
func (s *seeker) mentions(r *rule.Rule, at label.Label) {
	switch {
	case isKind(s.c, r, libraryKind):
		lib, _ := s.readLibrary(s.c, r, at)
		if lib == nil {
			return
		}
		for _, p := range lib.packages {
			s.searchAll(p.foreign)
		}
	case isKind(s.c, r, importKind):
		srcs, _ := sources(r, "src", at.Pkg, nil)
		for _, src := range srcs {
			for _, imp := range s.files.wasm(s.c.RepoRoot, src).Imports {
				s.searchFor(imp.ID, imp.Version)
			}
		}
	case isKind(s.c, r, componentKind):
		world := r.AttrString("world")
		if d, ok := s.ix.decls[at]; ok {
			world = d.world
		}
		id, version, _ := strings.Cut(world, "@")
		s.searchFor(id, version)
	default:
		if d := readDocument(s.c, r, at); d != nil {
			s.searchAll(d.created)
			s.searchAll(d.wits)
		}
	}
}

func (s *seeker) searchAll(mentions map[string]mention) {
	for _, full := range sortedKeys(mentions) {
		s.search(mentions[full].name)
	}
}

// searchFor adds the folders for the package of an interface or world, if it has one.
func (s *seeker) searchFor(id, version string) {
	i := strings.LastIndexByte(id, '/')
	if i < 0 {
		return
	}
	if pkg, ok := packageName(spellings(id[:i], version)[0]); ok {
		s.search(pkg)
	}
}

func (s *seeker) search(pkg witsyntax.PackageName) {
	fields := strings.NewReplacer("{package}", strings.Join(pkg.Names, "/"), "{namespace}", strings.Join(pkg.Namespaces, "/"),
		"{version}", pkg.Version)
	for _, pattern := range getConfig(s.c).search {
		s.add(folder(fields.Replace(pattern)))
	}
}
