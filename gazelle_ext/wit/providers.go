// This file implements the choice among the libraries of a WIT package.

package wit

import (
	"slices"
	"strings"
)

// providers are the libraries of one WIT package.
type providers struct {
	all []*library
	// own are those whose files are not in a deps folder, by the Bazel package of the rule; vendored are the others, by owner.
	own, vendored map[string][]*library
	merged        []*library // what all own ones are, once something asks
	owners        []string   // the keys of vendored, sorted, once something asks
}

func newProviders() *providers {
	return &providers{own: map[string][]*library{}, vendored: map[string][]*library{}}
}

func (p *providers) add(lib *library) {
	p.all = append(p.all, lib)
	if lib.vendored {
		p.vendored[lib.owner] = append(p.vendored[lib.owner], lib)
	} else {
		p.own[lib.label.Pkg] = append(p.own[lib.label.Pkg], lib)
	}
	p.merged, p.owners = nil, nil
}

// libraries returns the libraries that provide a package to a rule in pkg: one, unless they differ in content.
// Libraries in a deps folder serve only the folder above it, and only if the repository has no other library of the
// package.
func (ix *index) libraries(pkg, name string) []*library {
	p := ix.byPkg[name]
	if p == nil {
		return nil
	}
	if len(p.own) == 0 {
		found, _ := nearest(pkg, func(folder string) []*library { return p.vendored[folder] })
		return merged(found)
	}
	if found, enclosed := nearest(pkg, func(folder string) []*library { return p.own[folder] }); enclosed {
		return merged(found)
	}
	if p.merged == nil {
		var all []*library
		for _, libs := range p.own {
			all = append(all, libs...)
		}
		p.merged = merged(all)
	}
	return p.merged
}

// below returns the vendored libraries of a package that serve folders below pkg, where the WIT of a component is.
func (ix *index) below(pkg, name string) (found []*library) {
	p := ix.byPkg[name]
	if p == nil {
		return nil
	}
	if p.owners == nil {
		p.owners = sortedKeys(p.vendored)
	}
	// The names of all folders below one are together, and begin with its name.
	prefix := pkg + "/"
	if pkg == "" {
		prefix = ""
	}
	first, _ := slices.BinarySearch(p.owners, prefix)
	for _, owner := range p.owners[first:] {
		if !strings.HasPrefix(owner, prefix) {
			break
		}
		found = append(found, p.vendored[owner]...)
	}
	if pkg != "" {
		found = append(found, p.vendored[pkg]...)
	}
	return merged(found)
}

// within reports whether a folder is another one or below it.
func within(folder, above string) bool {
	return above == "" || folder == above || strings.HasPrefix(folder, above+"/")
}

// merged sorts libraries, and keeps one of those with equal content.
func merged(found []*library) []*library {
	if len(found) < 2 {
		return found
	}
	slices.SortFunc(found, func(a, b *library) int { return strings.Compare(a.label.String(), b.label.String()) })
	if !slices.ContainsFunc(found, func(l *library) bool { return l.sum != found[0].sum || l.unread }) {
		return found[:1]
	}
	return found
}
