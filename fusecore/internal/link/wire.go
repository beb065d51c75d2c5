package link

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// wire finds what supplies each import of the root and of every dependency that the root needs.
func (l *linker) wire(plugs []Plug) error {
	overrides, err := l.plugs(plugs)
	if err != nil {
		return err
	}
	needed := make([]bool, len(l.in))
	needed[0] = true
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		in := l.in[queue[0]]
		for i := range in.Graph.World.Imports {
			it := &in.Graph.World.Imports[i]
			w, overridden := overrides[importKey{in.index, it.Name}]
			if !overridden {
				if w, err = l.match(in, it); err != nil {
					return err
				}
			}
			in.wires = append(in.wires, w)
			if w.provider >= 0 && !needed[w.provider] {
				needed[w.provider] = true
				queue = append(queue, w.provider)
			}
		}
	}
	for i, in := range l.in {
		if !needed[i] {
			return &diag.Error{File: in.Name, Offset: diag.NoOffset,
				Msg:  fmt.Sprintf("nothing imports from this dependency: it exports %s", exportNames(in)),
				Hint: "remove the dependency, or wire an import to it with --plug"}
		}
	}
	return nil
}

func exportNames(in *input) string {
	if len(in.Graph.World.Exports) == 0 {
		return "nothing"
	}
	var s []string
	for i := range in.Graph.World.Exports {
		s = append(s, strconv.Quote(in.Graph.World.Exports[i].Name))
	}
	return strings.Join(s, ", ")
}

type importKey struct {
	input int
	name  string
}

// plugs resolves the user's wirings.
func (l *linker) plugs(plugs []Plug) (map[importKey]wire, error) {
	out := map[importKey]wire{}
	for _, p := range plugs {
		item := fmt.Sprintf("plug %s.%s=%s.%s", p.Importer, p.Import, p.Provider, p.Export)
		importer, err := l.named(p.Importer, item)
		if err != nil {
			return nil, err
		}
		provider, err := l.named(p.Provider, item)
		if err != nil {
			return nil, err
		}
		if importer == provider {
			return nil, diag.New(item, "a component cannot supply its own import").WithHint("wire it to another input")
		}
		if p.Export == "" {
			p.Export = p.Import
		}
		if find(importer.Graph.World.Imports, p.Import) == nil {
			return nil, diag.New(item, "%s does not import %q", importer.Name, p.Import).
				WithHint("it imports %s", names(importer.Graph.World.Imports))
		}
		export := find(provider.Graph.World.Exports, p.Export)
		if export == nil {
			return nil, diag.New(item, "%s does not export %q", provider.Name, p.Export).
				WithHint("it exports %s", exportNames(provider))
		}
		key := importKey{importer.index, p.Import}
		if _, dup := out[key]; dup {
			return nil, diag.New(item, "the import is plugged twice").WithHint("keep one of the two")
		}
		out[key] = wire{provider: provider.index, export: export}
	}
	return out, nil
}

func names(items []plan.Item) string {
	var s []string
	for i := range items {
		s = append(s, strconv.Quote(items[i].Name))
	}
	if s == nil {
		return "nothing"
	}
	return strings.Join(s, ", ")
}

// named finds an input by its name or short name.
func (l *linker) named(name, item string) (*input, error) {
	for _, in := range l.in {
		if in.Name == name {
			return in, nil
		}
	}
	var all []string
	for _, in := range l.in {
		if in.short == name {
			return in, nil
		}
		all = append(all, in.Name)
	}
	return nil, diag.New(item, "no input is called %q", name).WithHint("the inputs are %s", strings.Join(all, ", "))
}

// candidate is an export that may supply an import.
type candidate struct {
	in    *input
	item  *plan.Item
	exact bool
	// version is the full one; empty for an exact match.
	version string
}

// match finds the export that supplies an import: of the same name, else of the highest version on the same
// compatibility track (Explainer.md, "Canonical Interface Name") that is no older. The root supplies no dependency
// unless it is plugged.
func (l *linker) match(in *input, it *plan.Item) (wire, error) {
	none := wire{provider: -1}
	want, err := extname.Parse(it.Name)
	if err != nil {
		return none, diag.In(err, in.Name, "", "import "+strconv.Quote(it.Name))
	}
	if it.Sort == component.SortType {
		return none, nil // types of the world itself stand for what they are equal to
	}
	var best []candidate
	var older *candidate
	for _, p := range l.in[1:] {
		if p == in {
			continue
		}
		c := l.offer(p, it.Name, want)
		switch {
		case c == nil:
		case !c.exact && newer(fullVersion(want, it), c.version):
			older = c
		default:
			best = append(best, *c)
		}
	}
	var exact []candidate
	for _, c := range best {
		if c.exact {
			exact = append(exact, c)
		}
	}
	if len(exact) > 0 {
		best = exact
	}
	switch {
	case len(best) == 1:
		return wire{provider: best[0].in.index, export: best[0].item}, nil
	case len(best) > 1:
		a, b := best[0], best[1]
		return none, (&diag.Error{File: in.Name, Item: "import " + strconv.Quote(it.Name), Offset: diag.NoOffset,
			Msg: fmt.Sprintf("two dependencies can supply it: %s exports %q and %s exports %q", a.in.Name, a.item.Name, b.in.Name, b.item.Name),
		}).WithHint("choose with a wiring: --plug %s:%s=%s:%s", in.short, it.Name, a.in.short, a.item.Name)
	case older != nil:
		return none, (&diag.Error{File: in.Name, Item: "import " + strconv.Quote(it.Name), Offset: diag.NoOffset,
			Msg: fmt.Sprintf("%s exports only the older %q", older.in.Name, older.item.Name),
		}).WithHint("update %s, or accept it with a wiring: --plug %s:%s=%s:%s", older.in.Name, in.short, it.Name, older.in.short, older.item.Name)
	}
	return none, nil
}

// offer gives an input's best export for an import.
func (l *linker) offer(p *input, name string, want extname.Name) *candidate {
	var best *candidate
	for i := range p.Graph.World.Exports {
		e := &p.Graph.World.Exports[i]
		if e.Name == name {
			return &candidate{in: p, item: e, exact: true}
		}
		if want.Kind != extname.Interface || want.Version == "" {
			continue
		}
		n, err := extname.Parse(e.Name)
		if err != nil || n.Kind != extname.Interface || n.ID() != want.ID() || n.Version == "" ||
			extname.Track(n.Version) != extname.Track(want.Version) {
			continue
		}
		if v := fullVersion(n, e); best == nil || newer(v, best.version) {
			best = &candidate{in: p, item: e, version: v}
		}
	}
	return best
}

// sort puts the inputs in an order in which providers come before importers, by position where that leaves a choice.
func (l *linker) sort() error {
	done := make([]bool, len(l.in))
	for len(l.order) < len(l.in) {
		next := -1
		for i, in := range l.in {
			if !done[i] && l.ready(in, done) {
				next = i
				break
			}
		}
		if next < 0 {
			return l.cycle(done)
		}
		done[next] = true
		l.order = append(l.order, next)
	}
	return nil
}

func (l *linker) ready(in *input, done []bool) bool {
	for _, w := range in.wires {
		if w.provider >= 0 && !done[w.provider] {
			return false
		}
	}
	return true
}

// cycle describes a cycle among the inputs that are not done.
func (l *linker) cycle(done []bool) error {
	at := 0
	for done[at] {
		at++
	}
	seen := map[int]int{}
	var steps []string
	var from []int
	for {
		if n, again := seen[at]; again {
			return &diag.Error{File: l.in[at].Name, Offset: diag.NoOffset,
				Msg:  "components depend on each other in a circle: " + strings.Join(steps[n:], ", "),
				Hint: "components are instantiated one after the other; break the circle, or let one of these imports be supplied from outside"}
		}
		seen[at] = len(from)
		from = append(from, at)
		for i, w := range l.in[at].wires {
			if w.provider >= 0 && !done[w.provider] {
				steps = append(steps, fmt.Sprintf("%s imports %q from %s", l.in[at].Name, l.in[at].Graph.World.Imports[i].Name, l.in[w.provider].Name))
				at = w.provider
				break
			}
		}
	}
}
