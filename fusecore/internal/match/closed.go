// This file implements closed compositions: those whose imports have to be among the ones that the user allows.

package match

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// patterns parses the allowed imports. Nil stands for all.
func (h hints) patterns(texts []string) (out []extname.Pattern, err error) {
	if texts == nil {
		return nil, nil
	}
	out = []extname.Pattern{}
	for _, s := range texts {
		p, err := extname.ParsePattern(s)
		if err != nil {
			return nil, diag.In(err, "", "", h.imports(s))
		}
		out = append(out, p)
	}
	return out, nil
}

// checkClosed returns an error if imports remain that are not allowed. all has the inputs before those that nothing needs
// were omitted. What an input that comes last imports is up to the one who has added it.
func (m *matcher) checkClosed(allowed []extname.Pattern, all []*input) error {
	if allowed == nil {
		return nil
	}
	var left, advice []string
	for _, in := range m.in {
		if in.Last != nil {
			continue
		}
		misses := m.misses(in, all)
		for pos, a := range in.args {
			it := &in.World.Imports[pos]
			if a.from != nil || !in.lacks(it, it) || allows(allowed, it) {
				continue
			}
			text := fmt.Sprintf("%s imports %q", in.label(), it.Name)
			if why := m.nearest(in, it, misses, allowed, all); why != "" {
				text += " (" + why + ")"
			}
			left = append(left, text)
			if !slices.Contains(advice, it.Name) {
				advice = append(advice, it.Name)
			}
		}
	}
	if len(left) == 0 {
		return nil
	}
	what := "--imports does"
	if m.hints.attributes {
		what = "the attribute imports does"
	}
	return diag.New("", "nothing supplies what %s not allow: %s", what, strings.Join(shortened(left), "; ")).
		WithHint("%s, or leave it to the host: %s", m.hints.supplyIt(), m.hints.imports(advice...))
}

// lacks reports whether an import without a supplier has something that only a supplier can give: anything but value types,
// which are equal by structure, and resource types of other imports. it is the import, or an item in its instance.
func (in *input) lacks(top, it *world.Item) bool {
	switch {
	case it.Sort == component.SortType && it.Resource != nil:
		from := in.World.Outside[it.Resource]
		return len(from) == 0 || from[0] == top.Name
	case it.Sort == component.SortType:
		return it.Def != nil
	case it.Sort == component.SortInstance:
		return slices.ContainsFunc(it.Items, func(it world.Item) bool { return in.lacks(top, &it) })
	}
	return true
}

// maxLeft limits the number of imports that a message explains.
const maxLeft = 8

func shortened(left []string) []string {
	if len(left) <= maxLeft {
		return left
	}
	return append(left[:maxLeft:maxLeft], fmt.Sprintf("and %d more imports", len(left)-maxLeft))
}

// allows reports whether a pattern matches an import.
func allows(allowed []extname.Pattern, it *world.Item) bool {
	n, err := extname.Parse(it.Name)
	version := component.WithVersionSuffix(n.Version, it.Attributes)
	return err == nil && slices.ContainsFunc(allowed, func(p extname.Pattern) bool { return p.Matches(n, version) })
}

// nearest says what comes closest to supplying or allowing an import, or returns "".
func (m *matcher) nearest(in *input, it *world.Item, misses []*miss, allowed []extname.Pattern, all []*input) string {
	n, err := extname.Parse(it.Name)
	if err != nil {
		return ""
	}
	for _, p := range all {
		if p == in || p.Last != nil || m.offer(p, it.Name, n) == nil {
			continue
		}
		if p.Private {
			return fmt.Sprintf("%s exports it, but serves only the components that name it as a supplier: %s", p.label(), m.hints.makePublic())
		}
		if p == all[0] {
			return fmt.Sprintf("%s exports it, but is the root, which does not supply its dependencies", p.label())
		}
	}
	var near *miss
	for _, x := range misses {
		if x.item == it {
			near = x
		}
	}
	if near != nil && near.how <= nearLetter {
		return fmt.Sprintf("%s exports %s", near.provider.label(), near)
	}
	for _, p := range allowed {
		switch {
		case p.Names(n):
			return fmt.Sprintf("%s allows another version only", m.hints.imports(p.Text))
		case p.Like(n, func(a, b string) bool { return strings.EqualFold(a, b) || oneEdit(a, b) }):
			return fmt.Sprintf("%s almost matches", m.hints.imports(p.Text))
		}
	}
	if near != nil {
		return fmt.Sprintf("%s exports %s", near.provider.label(), near)
	}
	return ""
}

// imports returns patterns as the user would write them.
func (h hints) imports(patterns ...string) string {
	var s []string
	for _, p := range patterns {
		if h.attributes {
			s = append(s, strconv.Quote(p))
		} else {
			s = append(s, "--imports "+diag.Shell(p))
		}
	}
	if h.attributes {
		return "imports = [" + diag.List(s) + "]"
	}
	return strings.Join(s, " ")
}

// supplyIt advises to add a dependency.
func (h hints) supplyIt() string {
	if h.attributes {
		return "add a component that exports it to deps"
	}
	return "add a component that exports it"
}

// makePublic advises to let a private input serve all.
func (h hints) makePublic() string {
	if h.attributes {
		return "add it to deps, here or of the component that needs it"
	}
	return "make it an argument, or name it with --supply"
}
