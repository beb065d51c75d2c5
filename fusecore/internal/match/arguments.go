// This file implements the choice of the supplier of each import.

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

// findArguments chooses the supplier of each import of the root and of every dependency that the root needs. It omits
// private inputs that are not needed.
func (m *matcher) findArguments(opts Options) error {
	plugs, err := m.plugs(opts.Plugs)
	if err != nil {
		return err
	}
	if err := m.supplies(opts.Supplies); err != nil {
		return err
	}
	m.in[0].needed = true
	for queue := m.in[:1:1]; len(queue) > 0; queue = queue[1:] {
		in := queue[0]
		for i := range in.World.Imports {
			it := &in.World.Imports[i]
			a, plugged := plugs[importKey{in, it.Name}]
			if !plugged {
				if a, err = m.match(in, it); err != nil {
					return err
				}
			}
			in.args = append(in.args, a)
			providers := []*input{a.from}
			if !plugged && it.TypesOnly() {
				providers = append(m.offering(it), a.from) // any of them has the required types
			}
			for _, p := range providers {
				if p != nil && !p.needed {
					p.needed = true
					queue = append(queue, p)
				}
			}
		}
	}
	for _, in := range m.in {
		if !in.needed && !in.Private {
			return m.unused(in)
		}
	}
	m.in = slices.DeleteFunc(m.in, func(in *input) bool { return !in.needed })
	return nil
}

// offering returns the dependencies with an export for an import of only types, of any version.
func (m *matcher) offering(it *world.Item) (out []*input) {
	want, err := extname.Parse(it.Name)
	if err != nil || it.Sort == component.SortType {
		return nil
	}
	for _, p := range m.public {
		if m.offer(p, it.Name, want) != nil {
			out = append(out, p)
		}
	}
	return out
}

// supplies resolves the inputs that are searched first for each importer.
func (m *matcher) supplies(list []Supply) error {
	byName := map[string]*input{}
	for _, in := range m.in {
		byName[in.Name] = in
	}
	find := func(name, item string) (*input, error) {
		if in, ok := byName[name]; ok {
			return in, nil
		}
		return m.named(name, item)
	}
	for _, s := range list {
		item := fmt.Sprintf("supply %s=%s", s.Importer, s.Provider)
		importer, err := find(s.Importer, item)
		if err != nil {
			return err
		}
		provider, err := find(s.Provider, item)
		if err != nil {
			return err
		}
		if importer == provider {
			return diag.New(item, "a component cannot supply its own imports").WithHint("name another input")
		}
		if !slices.Contains(importer.suppliers, provider) {
			importer.suppliers = append(importer.suppliers, provider)
		}
	}
	return nil
}

// unused reports why nothing imports from a dependency, and what may have been meant.
func (m *matcher) unused(in *input) error {
	e := &diag.Error{File: in.label(), Offset: diag.NoOffset,
		Msg: "nothing imports from this dependency: it exports " + world.Names(in.World.Exports)}
	var open *miss
	for _, importer := range m.in {
		for _, miss := range m.misses(importer, []*input{in}) {
			if open == nil || miss.how < open.how {
				open = miss
			}
		}
	}
	switch {
	case open != nil:
		e.Msg = fmt.Sprintf("nothing imports from this dependency: %s imports %q, but this exports %s", open.importer.label(), open.item.Name, open)
		return e.WithHint("build both against the same interface; if the two agree, wire them: %s",
			m.plug(open.importer, open.item, in, open.export.Name))
	case m.satisfies(m.in[0], in):
		return e.WithHint("%s", m.hints.root(in, m.in[0]))
	case len(in.World.Exports) == 0:
		return e.WithHint("%s", m.hints.remove())
	}
	if plug := m.possible(in); plug != "" {
		return e.WithHint("%s, or wire an import to it: %s", m.hints.remove(), plug)
	}
	return e.WithHint("%s: it satisfies no remaining import", m.hints.remove())
}

// satisfies reports whether an export of p satisfies an import of an input.
func (m *matcher) satisfies(p, in *input) bool {
	for i := range in.World.Imports {
		it := &in.World.Imports[i]
		want, err := extname.Parse(it.Name)
		if c := m.offer(p, it.Name, want); err == nil && c != nil && (c.exact || !extname.Older(c.version, component.WithVersionSuffix(want.Version, it.Attributes))) {
			return true
		}
	}
	return false
}

// possible suggests how to plug an import without a supplier to an export of an input that has what it requires.
func (m *matcher) possible(p *input) string {
	for _, in := range m.in {
		for pos, a := range in.args {
			it := &in.World.Imports[pos]
			if a.from != nil || it.Sort == component.SortType {
				continue
			}
			for x := range p.World.Exports {
				if e := &p.World.Exports[x]; fits(it, p.World.ItemsOf(e), e.Sort) {
					return m.plug(in, it, p, e.Name)
				}
			}
		}
	}
	return ""
}

type importKey struct {
	in   *input
	name string
}

// plugs resolves the arguments that the user chose.
func (m *matcher) plugs(plugs []Plug) (map[importKey]argument, error) {
	out := map[importKey]argument{}
	for _, p := range plugs {
		item := m.hints.plug(p)
		importer, err := m.named(p.Importer, item)
		if err != nil {
			return nil, err
		}
		provider, err := m.named(p.Provider, item)
		if err != nil {
			return nil, err
		}
		if importer == provider {
			return nil, diag.New(item, "a component cannot supply its own import").WithHint("wire the import to another input")
		}
		if p.Export == "" {
			p.Export = p.Import
		}
		if world.Find(importer.World.Imports, p.Import) == nil {
			return nil, diag.New(item, "%s does not import %q", importer.label(), p.Import).
				WithHint("it imports %s", world.Names(importer.World.Imports))
		}
		export := world.Find(provider.World.Exports, p.Export)
		if export == nil {
			return nil, diag.New(item, "%s does not export %q", provider.label(), p.Export).
				WithHint("it exports %s", world.Names(provider.World.Exports))
		}
		key := importKey{importer, p.Import}
		if _, dup := out[key]; dup {
			return nil, diag.New(item, "the import is plugged twice").WithHint("keep one of the two")
		}
		out[key] = argument{provider, export}
	}
	return out, nil
}

// candidate is an export that may supply an import.
type candidate struct {
	in    *input
	item  *world.Item
	exact bool
	// version is the full version, or empty for an exact match.
	version string
}

// match finds the supplier of an import: one of the importer's own suppliers, else any dependency that is not private,
// else one that comes last. The root does not supply dependencies unless it is named as a supplier.
func (m *matcher) match(in *input, it *world.Item) (argument, error) {
	if len(in.suppliers) > 0 {
		if a, err := m.matchAmong(in, it, in.suppliers); err != nil || a.from != nil {
			return a, err
		}
	}
	if a, err := m.matchAmong(in, it, m.public); err != nil || a.from != nil {
		return a, err
	}
	return m.matchLast(in, it), nil
}

// matchLast finds the export of an input that comes last.
func (m *matcher) matchLast(in *input, it *world.Item) (a argument) {
	want, err := extname.Parse(it.Name)
	if err != nil || it.Sort == component.SortType {
		return a
	}
	for _, p := range m.in {
		if p == in || p.Last == nil || !p.Last(it.Name) {
			continue
		}
		if c := m.offer(p, it.Name, want); c != nil {
			return argument{c.in, c.item}
		}
	}
	return a
}

// matchAmong finds the export of some inputs that supplies an import: the one with the same name, else the one with the
// highest version on the same compatibility track (Explainer.md, "Canonical Interface Name") that is not older.
func (m *matcher) matchAmong(in *input, it *world.Item, among []*input) (argument, error) {
	var none argument
	want, err := extname.Parse(it.Name)
	if err != nil {
		return none, diag.In(err, in.label(), "", "import "+strconv.Quote(it.Name))
	}
	if it.Sort == component.SortType {
		return none, nil // types of the world itself are replaced by equal ones
	}
	var best []candidate
	var older *candidate
	for _, p := range among {
		if p == in {
			continue
		}
		c := m.offer(p, it.Name, want)
		switch {
		case c == nil:
		case !c.exact && extname.Older(c.version, component.WithVersionSuffix(want.Version, it.Attributes)):
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
	case len(best) == 1 || len(best) > 1 && it.TypesOnly():
		return argument{best[0].in, best[0].item}, nil
	case len(best) > 1:
		var offers, choices []string
		for _, c := range best {
			offers = append(offers, fmt.Sprintf("%s exports %q", c.in.label(), c.item.Name))
			choices = append(choices, m.plug(in, it, c.in, c.item.Name))
		}
		return none, (&diag.Error{File: in.label(), Item: "import " + strconv.Quote(it.Name), Offset: diag.NoOffset,
			Msg: fmt.Sprintf("%s dependencies can supply it: %s", count(len(best)), diag.List(offers)),
		}).WithHint("%s, or if all are needed choose with a wiring: %s", m.hints.removeOne(), strings.Join(choices[:min(len(choices), 3)], " or "))
	case older != nil && !it.TypesOnly():
		return none, (&diag.Error{File: in.label(), Item: "import " + strconv.Quote(it.Name), Offset: diag.NoOffset,
			Msg: fmt.Sprintf("%s exports only the older %q", older.in.label(), older.item.Name),
		}).WithHint("update %s, or accept it with a wiring: %s", older.in.label(), m.plug(in, it, older.in, older.item.Name))
	}
	return none, nil
}

// offer returns an input's best export for an import.
func (m *matcher) offer(p *input, name string, want extname.Name) *candidate {
	var best *candidate
	for i := range p.World.Exports {
		e := &p.World.Exports[i]
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
		if v := component.WithVersionSuffix(n.Version, e.Attributes); best == nil || extname.Older(best.version, v) {
			best = &candidate{in: p, item: e, version: v}
		}
	}
	return best
}
