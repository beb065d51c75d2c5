package link

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// hints words advice: as command lines, or as attributes of Bazel's rules.
type hints struct{ attributes bool }

// wiring is how p is written.
func (h hints) wiring(p Plug) string {
	text := p.Importer + ":" + p.Import + "=" + p.Provider
	if p.Export != "" && p.Export != p.Import {
		text += ":" + p.Export
	}
	if h.attributes {
		return "plugs = [" + strconv.Quote(text) + "]"
	}
	return "--plug " + diag.Shell(text)
}

// plug is how an import is wired to an export by hand.
func (l *linker) plug(in *input, it *world.Item, provider *input, export string) string {
	return l.hints.wiring(Plug{l.spelling(in), it.Name, l.spelling(provider), export})
}

// twice advises what to do instead of giving an input twice.
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

// root advises to make another input the root, which is in fact a provider of it.
func (h hints) root(in, root *input) string {
	why := fmt.Sprintf("it imports what %s exports, and the root is the component that the others are for", root.label())
	if h.attributes {
		return "make it the root, and " + root.label() + " one of deps: " + why
	}
	return "give it first: " + why
}

func (h hints) name() string {
	if h.attributes {
		return "give them names with the attribute names"
	}
	return "give them names with --name NAME=FILE"
}

// spellings are what wirings may call an input, the shortest first.
func (in *input) spellings() []string {
	base := path.Base(strings.ReplaceAll(in.Name, `\`, "/"))
	return slices.Compact([]string{ShortName(in.Name), base, in.Name})
}

// spelling is the shortest that no other input has.
func (l *linker) spelling(in *input) string {
	for _, s := range in.spellings() {
		if len(l.called(s)) == 1 {
			return s
		}
	}
	return in.Name
}

// called gives the inputs that a wiring may mean: the one of that very name, else all that are spelled so.
func (l *linker) called(name string) []*input {
	var out []*input
	for _, in := range l.in {
		if in.Name == name {
			return []*input{in}
		}
		if slices.Contains(in.spellings(), name) {
			out = append(out, in)
		}
	}
	return out
}

// named finds the input that a wiring means.
func (l *linker) named(name, item string) (*input, error) {
	found := l.called(name)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		var all []string
		for _, in := range l.in {
			all = append(all, strconv.Quote(l.spelling(in)))
		}
		return nil, diag.New(item, "no input is called %q", name).WithHint("the inputs are %s", list(all))
	}
	var all []string
	for _, in := range found {
		all = append(all, in.label())
	}
	return nil, diag.New(item, "%q can be each of %s", name, list(all)).WithHint("write the whole path, or %s", l.hints.name())
}

// maxListed is how many names a message lists.
const maxListed = 12

// list joins names, the first of them where there are many.
func list(names []string) string {
	if len(names) <= maxListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed-2], ", "), len(names)-maxListed+2)
}

// names lists the names of items.
func names(items []world.Item) string {
	var s []string
	for i := range items {
		s = append(s, strconv.Quote(items[i].Name))
	}
	if s == nil {
		return "nothing"
	}
	return list(s)
}

// count is a number as messages begin with it.
func count(n int) string {
	if n == 2 {
		return "two"
	}
	return strconv.Itoa(n)
}
