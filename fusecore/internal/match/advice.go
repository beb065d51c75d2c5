// This file implements the names of inputs, plugs and dependencies in advice.

package match

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// hints selects the form of advice: command-line flags, or attributes of Bazel's rules.
type hints struct{ attributes bool }

// plug returns p as the user would write it.
func (h hints) plug(p Plug) string {
	text := p.Importer + ":" + p.Import + "=" + p.Provider
	if p.Export != "" && p.Export != p.Import {
		text += ":" + p.Export
	}
	if h.attributes {
		return "plugs = [" + strconv.Quote(text) + "]"
	}
	return "--plug " + diag.Shell(text)
}

// plug returns how to plug an import into an export.
func (m *matcher) plug(in *input, it *world.Item, provider *input, export string) string {
	return m.hints.plug(Plug{m.spelling(in), it.Name, m.spelling(provider), export})
}

// twice advises what to do instead of naming an input twice.
func (h hints) twice(name string) string {
	advice := "name each input once; a dependency serves every component that imports from it"
	if h.attributes {
		return advice
	}
	return advice + ". For two instances of one file give it two names: --name " + diag.Shell("one="+name) + " --name " + diag.Shell("two="+name)
}

func (h hints) remove() string {
	if h.attributes {
		return "remove it from deps"
	}
	return "remove it from the command line"
}

func (h hints) removeOne() string {
	if h.attributes {
		return "remove all but one from deps"
	}
	return "remove all but one from the command line"
}

// root advises to make another input the root, of which the present root is a provider.
func (h hints) root(in, root *input) string {
	why := fmt.Sprintf("it imports what %s exports, and the root precedes its dependencies", root.label())
	if h.attributes {
		return "make it the root, and " + root.label() + " one of deps: " + why
	}
	return "list it first: " + why
}

func (h hints) name() string {
	if h.attributes {
		return "give them names with the attribute names"
	}
	return "give them names with --name NAME=FILE"
}

// spellings returns the names that plugs may use for an input, the shortest first.
func (in *input) spellings() []string {
	base := path.Base(strings.ReplaceAll(in.Name, `\`, "/"))
	return slices.Compact([]string{ShortName(in.Name), base, in.Name})
}

// spelling returns the shortest name that no other input has.
func (m *matcher) spelling(in *input) string {
	for _, s := range in.spellings() {
		if len(m.called(s)) == 1 {
			return s
		}
	}
	return in.Name
}

// called returns the inputs that a plug may mean: the one with exactly that name, else all with that name as a
// spelling.
func (m *matcher) called(name string) []*input {
	var out []*input
	for _, in := range m.in {
		if in.Name == name {
			return []*input{in}
		}
		if slices.Contains(in.spellings(), name) {
			out = append(out, in)
		}
	}
	return out
}

// named returns the input that a plug means.
func (m *matcher) named(name, item string) (*input, error) {
	found := m.called(name)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		var all []string
		for _, in := range m.in {
			all = append(all, strconv.Quote(m.spelling(in)))
		}
		return nil, diag.New(item, "no input is called %q", name).WithHint("the inputs are %s", diag.List(all))
	}
	var all []string
	for _, in := range found {
		all = append(all, in.label())
	}
	return nil, diag.New(item, "%q is ambiguous: %s", name, diag.List(all)).WithHint("write the whole path, or %s", m.hints.name())
}

// count returns a number as the beginning of a message.
func count(n int) string {
	if n == 2 {
		return "two"
	}
	return strconv.Itoa(n)
}
