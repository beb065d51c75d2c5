// This file implements the search for almost matching names, for warnings and advice.

package match

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// closeness is how an export's name differs from an import's, in ascending distance.
type closeness uint8

const (
	nearVersion closeness = iota // the same interface with an incompatible version
	nearCase
	nearLetter
	nearPackage // an interface of that name in another package, or a plain name
	notNear
)

// miss is an export that does not supply an import although its name is close.
type miss struct {
	importer *input
	item     *world.Item
	provider *input
	export   *world.Item
	how      closeness
	why      string
}

func (m *miss) String() string { return fmt.Sprintf("%q, %s", m.export.Name, m.why) }

// warnings reports imports of the result that a dependency almost supplies.
func (m *matcher) warnings() []*diag.Error {
	used := map[*world.Item]bool{}
	for _, in := range m.in {
		for _, a := range in.args {
			if a.from != nil {
				used[a.export] = true
			}
		}
	}
	var out []*diag.Error
	for _, in := range m.in {
		for _, x := range m.misses(in, m.in[1:]) {
			// Names that merely look alike are often both right. Only a name that nothing else needs, and whose export
			// fits, is taken for a mistake.
			if x.how > nearVersion && used[x.export] || x.how > nearCase && !fits(x.item, x.provider.World.ItemsOf(x.export), x.export.Sort) {
				continue
			}
			out = append(out, (&diag.Error{File: in.label(), Item: "import " + strconv.Quote(x.item.Name), Offset: diag.NoOffset,
				Msg: fmt.Sprintf("nothing supplies it, so it remains an import of the output; %s exports %s", x.provider.label(), x),
			}).WithHint("if the two agree, wire them: %s", m.plug(in, x.item, x.provider, x.export.Name)))
		}
	}
	return out
}

// misses returns the closest miss for each import of an input without a supplier.
func (m *matcher) misses(in *input, providers []*input) []*miss {
	var out []*miss
	for pos, a := range in.args {
		it := &in.World.Imports[pos]
		if a.from != nil || it.Sort == component.SortType {
			continue
		}
		best := miss{how: notNear}
		for _, p := range providers {
			if p == in || p.Last != nil && !p.Last(it.Name) {
				continue
			}
			for i := range p.World.Exports {
				e := &p.World.Exports[i]
				if how, why := near(it, e); how < best.how {
					best = miss{in, it, p, e, how, why}
				}
			}
		}
		if best.how < notNear {
			out = append(out, &best)
		}
	}
	return out
}

// near reports how close an export's name is to an import's, and why they differ.
func near(it, e *world.Item) (closeness, string) {
	want, err := extname.Parse(it.Name)
	if err != nil {
		return notNear, ""
	}
	have, err := extname.Parse(e.Name)
	if err != nil || it.Name == e.Name {
		return notNear, ""
	}
	a, b := it.Name, e.Name
	switch {
	case want.Kind == extname.Interface && have.Kind == extname.Interface:
		a, b = want.ID(), have.ID()
	case want.Kind == extname.Interface || have.Kind == extname.Interface:
		if want.Kind == extname.Label && want.Label == have.Interface || have.Kind == extname.Label && want.Interface == have.Label {
			return nearPackage, "where one is a plain name and the other an interface"
		}
		return notNear, ""
	}
	switch {
	case a == b:
		return nearVersion, versionWhy(component.WithVersionSuffix(want.Version, it.Attributes), component.WithVersionSuffix(have.Version, e.Attributes))
	case strings.EqualFold(a, b):
		return nearCase, "which differs in upper and lower case"
	case oneEdit(a, b):
		return nearLetter, "which differs in one letter"
	case want.Kind == extname.Interface && want.Interface == have.Interface:
		return nearPackage, "which is of another package"
	}
	return notNear, ""
}

// versionWhy explains why a version is not compatible with another (Explainer.md, "Canonical Interface Name").
func versionWhy(want, have string) string {
	v, errV := extname.ParseVersion(want)
	w, errW := extname.ParseVersion(have)
	switch {
	case have == "":
		return "which has no version"
	case want == "":
		return "which has a version, while the import has none"
	case errW == nil && w.Pre != "":
		return "a pre-release, which is only compatible with itself"
	case errV == nil && v.Pre != "":
		return "while the import is of a pre-release, which no other version supplies"
	case extname.Track(want) == extname.Track(have):
		return "which is older"
	}
	return "which is not compatible with that version"
}

// oneEdit reports whether a and b differ by one inserted, deleted or replaced letter, or by two swapped neighbours.
// Very short names are too close to each other for that to mean anything.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b) < 4 || len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// fits reports whether an export has the items that an import requires, by name, including at least one function.
func fits(it *world.Item, theirs []world.Item, sort component.Sort) bool {
	if it.Sort != sort {
		return false
	}
	if sort == component.SortFunc {
		return true
	}
	functions := false
	for i := range it.Items {
		if world.Find(theirs, it.Items[i].Name) == nil {
			return false
		}
		functions = functions || it.Items[i].Sort == component.SortFunc
	}
	return functions
}
