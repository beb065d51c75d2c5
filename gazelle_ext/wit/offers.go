// This file implements the exports among which the supplier of an import is chosen.

package wit

import (
	"iter"
	"path"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

// offer is an export of a component.
type offer struct {
	comp   *component
	extern iface.Extern
}

// candidates are the exports of one interface, as imports of one version of it see them. All wants of that version share
// them.
type candidates struct {
	imp iface.Extern
	// fits can satisfy the import, others have another version; both in the order of labels.
	fits, others []offer
	byPkg        map[string][]offer // fits, by the Bazel package of their components
	best         []offer            // what choose returns where no package with fits encloses that of the importer
	group        int                // of the wiring; -1 until it is known
}

// newCandidates returns the candidates for an import among all exports of its interface.
func newCandidates(imp iface.Extern, exports []offer) *candidates {
	c := &candidates{imp: imp, byPkg: map[string][]offer{}, group: -1}
	for _, o := range exports {
		if !fits(imp, o.extern) {
			c.others = append(c.others, o)
			continue
		}
		c.fits = append(c.fits, o)
		c.byPkg[o.comp.label.Pkg] = append(c.byPkg[o.comp.label.Pkg], o)
	}
	c.best = choose(imp, c.fits)
	return c
}

// fits reports whether an export can satisfy an import of the same interface: its version is equal, or later on the
// same compatibility track.
func fits(imp, x iface.Extern) bool {
	return x.Version == imp.Version || imp.Version != "" && x.Version != "" && !iface.VersionOlder(x.Version, imp.Version) &&
		iface.VersionTrack(x.Version) == iface.VersionTrack(imp.Version)
}

// fits returns the offers that can satisfy the want and close no cycle, in the order of labels. A component cannot satisfy
// its own wants.
func (w *want) fits() iter.Seq[offer] {
	return func(yield func(offer) bool) {
		if w.from == nil {
			return
		}
		for _, o := range w.from.fits {
			if w.eligible(o) && !yield(o) {
				return
			}
		}
	}
}

// suppliers returns the components of fits.
func (w *want) suppliers() iter.Seq[*component] {
	return func(yield func(*component) bool) {
		for o := range w.fits() {
			if !yield(o.comp) {
				return
			}
		}
	}
}

func (w *want) eligible(o offer) bool { return o.comp != w.comp && !w.barred[o.comp] }

// any reports whether an offer can satisfy the want.
func (w *want) any() bool {
	for range w.fits() {
		return true
	}
	return false
}

// several reports whether more than one offer can satisfy the want.
func (w *want) several() bool {
	n := 0
	for range w.fits() {
		if n++; n > 1 {
			return true
		}
	}
	return false
}

// best returns the best of the offers that can satisfy the want: the nearest, of those the ones of the same version, else of
// the latest. Of identical components it returns one.
func (w *want) best() []offer {
	if w.from == nil {
		return nil
	}
	near, enclosed := nearest(w.comp.label.Pkg, func(pkg string) (found []offer) {
		for _, o := range w.from.byPkg[pkg] {
			if w.eligible(o) {
				found = append(found, o)
			}
		}
		return found
	})
	if enclosed {
		return choose(w.imp, near)
	}
	if len(w.barred) == 0 && !slices.ContainsFunc(w.from.byPkg[w.comp.label.Pkg], func(o offer) bool { return o.comp == w.comp }) {
		return w.from.best
	}
	return choose(w.imp, slices.Collect(w.fits()))
}

// choose returns those of several exports that have the version of an import, else the latest version. Of identical
// components it keeps one.
func choose(imp iface.Extern, offers []offer) []offer {
	version := imp.Version
	if !slices.ContainsFunc(offers, func(o offer) bool { return o.extern.Version == version }) {
		for _, o := range offers {
			if iface.VersionOlder(version, o.extern.Version) {
				version = o.extern.Version
			}
		}
	}
	best := slices.DeleteFunc(slices.Clone(offers), func(o offer) bool { return o.extern.Version != version })
	if len(best) > 1 && best[0].comp.sum != [32]byte{} &&
		!slices.ContainsFunc(best, func(o offer) bool { return o.comp.sum != best[0].comp.sum }) {
		return best[:1]
	}
	return best
}

// nearest returns what get returns for the Bazel package that encloses pkg most closely and has something, so that vendored
// copies stay private to the package that they are vendored in. enclosed reports whether there is such a package.
func nearest[T any](pkg string, get func(pkg string) []T) (found []T, enclosed bool) {
	for {
		if found = get(pkg); len(found) > 0 {
			return found, true
		}
		if pkg == "" {
			return nil, false
		}
		pkg = parent(pkg)
	}
}

// parent returns the folder above a folder. The root of the repository is called "".
func parent(rel string) string { return folder(path.Dir(rel)) }

// folder cleans the name of a folder.
func folder(rel string) string {
	if rel = path.Clean(rel); rel == "." {
		return ""
	}
	return rel
}
