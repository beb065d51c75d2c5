package link

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

// wire finds what supplies each import of the root and of every dependency that the root needs.
func (l *linker) wire(opts Options) error {
	overrides, err := l.plugs(opts.Plug)
	if err != nil {
		return err
	}
	if err := l.supplies(opts.Supply); err != nil {
		return err
	}
	for _, in := range l.in[1:] {
		if !in.Private {
			l.public = append(l.public, in)
		}
	}
	needed := make([]bool, len(l.in))
	needed[0] = true
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		in := l.in[queue[0]]
		for i := range in.World.Imports {
			it := &in.World.Imports[i]
			w, overridden := overrides[importKey{in.index, it.Name}]
			if !overridden {
				if w, err = l.match(in, it); err != nil {
					return err
				}
			}
			in.wires = append(in.wires, w)
			providers := []int{w.provider}
			if !overridden && it.TypesOnly() {
				providers = append(l.offering(it), w.provider) // any of them has what is asked for
			}
			for _, p := range providers {
				if p >= 0 && !needed[p] {
					needed[p] = true
					queue = append(queue, p)
				}
			}
		}
	}
	for i, in := range l.in {
		if !needed[i] && !in.Private {
			return l.unused(in, needed)
		}
	}
	l.leaveOut(needed)
	return nil
}

// offering gives the dependencies that have an export for an import of types alone, whatever its version.
func (l *linker) offering(it *world.Item) (out []int) {
	want, err := extname.Parse(it.Name)
	if err != nil || it.Sort == component.SortType {
		return nil
	}
	for _, p := range l.public {
		if l.offer(p, it.Name, want) != nil {
			out = append(out, p.index)
		}
	}
	return out
}

// leaveOut drops the inputs that nothing imports from, and gives the others their positions anew.
func (l *linker) leaveOut(needed []bool) {
	at := make([]int, len(l.in))
	var kept []*input
	for i, in := range l.in {
		if needed[i] {
			at[i], in.index = len(kept), len(kept)
			kept = append(kept, in)
		}
	}
	l.in = kept
	for _, in := range l.in {
		for i := range in.wires {
			if w := &in.wires[i]; w.provider >= 0 {
				w.provider = at[w.provider]
			}
		}
	}
}

// supplies resolves which inputs are looked at first for which.
func (l *linker) supplies(list []Supply) error {
	byName := map[string]*input{}
	for _, in := range l.in {
		byName[in.Name] = in
	}
	find := func(name, item string) (*input, error) {
		if in, ok := byName[name]; ok {
			return in, nil
		}
		return l.named(name, item)
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

// unused says why nothing is linked to a dependency, and what may have been meant.
func (l *linker) unused(in *input, needed []bool) error {
	e := &diag.Error{File: in.label(), Offset: diag.NoOffset,
		Msg: "nothing imports from this dependency: it exports " + names(in.World.Exports)}
	var open *miss
	for i, importer := range l.in {
		if !needed[i] {
			continue
		}
		for _, m := range l.misses(importer, []*input{in}) {
			if open == nil || m.how < open.how {
				open = m
			}
		}
	}
	switch {
	case open != nil:
		e.Msg = fmt.Sprintf("nothing imports from this dependency: %s imports %q, but this exports %s", open.importer.label(), open.item.Name, open)
		return e.WithHint("build both against the same interface; if the two agree, wire them: %s",
			l.plug(open.importer, open.item, in, open.export.Name))
	case l.meets(l.in[0], in):
		return e.WithHint("%s", l.hints.root(in, l.in[0]))
	case len(in.World.Exports) == 0:
		return e.WithHint("%s", l.hints.remove())
	}
	if wiring := l.possible(in, needed); wiring != "" {
		return e.WithHint("%s, or wire an import to it: %s", l.hints.remove(), wiring)
	}
	return e.WithHint("%s: it fits no import that is left", l.hints.remove())
}

// meets reports whether an export of p would meet an import of an input.
func (l *linker) meets(p, in *input) bool {
	for i := range in.World.Imports {
		it := &in.World.Imports[i]
		want, err := extname.Parse(it.Name)
		if c := l.offer(p, it.Name, want); err == nil && c != nil && (c.exact || !newer(fullVersion(want, it), c.version)) {
			return true
		}
	}
	return false
}

// possible gives a wiring of an import that nothing supplies to an export of an input that has what it asks for.
func (l *linker) possible(p *input, needed []bool) string {
	for i, in := range l.in {
		for pos, w := range in.wires {
			it := &in.World.Imports[pos]
			if !needed[i] || w.provider >= 0 || it.Sort == component.SortType {
				continue
			}
			for x := range p.World.Exports {
				if e := &p.World.Exports[x]; fits(it, p.items(e), e.Sort) {
					return l.plug(in, it, p, e.Name)
				}
			}
		}
	}
	return ""
}

type importKey struct {
	input int
	name  string
}

// plugs resolves the user's wirings.
func (l *linker) plugs(plugs []Plug) (map[importKey]wire, error) {
	out := map[importKey]wire{}
	for _, p := range plugs {
		item := l.hints.wiring(p)
		importer, err := l.named(p.Importer, item)
		if err != nil {
			return nil, err
		}
		provider, err := l.named(p.Provider, item)
		if err != nil {
			return nil, err
		}
		if importer == provider {
			return nil, diag.New(item, "a component cannot supply its own import").WithHint("wire the import to another input")
		}
		if p.Export == "" {
			p.Export = p.Import
		}
		if find(importer.World.Imports, p.Import) == nil {
			return nil, diag.New(item, "%s does not import %q", importer.label(), p.Import).
				WithHint("it imports %s", names(importer.World.Imports))
		}
		export := find(provider.World.Exports, p.Export)
		if export == nil {
			return nil, diag.New(item, "%s does not export %q", provider.label(), p.Export).
				WithHint("it exports %s", names(provider.World.Exports))
		}
		key := importKey{importer.index, p.Import}
		if _, dup := out[key]; dup {
			return nil, diag.New(item, "the import is plugged twice").WithHint("keep one of the two")
		}
		out[key] = wire{provider: provider.index, export: export}
	}
	return out, nil
}

// candidate is an export that may supply an import.
type candidate struct {
	in    *input
	item  *world.Item
	exact bool
	// version is the full one; empty for an exact match.
	version string
}

// match finds what supplies an import: one of the importer's own suppliers, else any of the dependencies that are not
// private. The root supplies no dependency unless it is made a supplier.
func (l *linker) match(in *input, it *world.Item) (wire, error) {
	if len(in.suppliers) > 0 {
		if w, err := l.matchAmong(in, it, in.suppliers); err != nil || w.provider >= 0 {
			return w, err
		}
	}
	return l.matchAmong(in, it, l.public)
}

// matchAmong finds the export of some inputs that supplies an import: of the same name, else of the highest version on
// the same compatibility track (Explainer.md, "Canonical Interface Name") that is no older.
func (l *linker) matchAmong(in *input, it *world.Item, among []*input) (wire, error) {
	none := wire{provider: -1}
	want, err := extname.Parse(it.Name)
	if err != nil {
		return none, diag.In(err, in.label(), "", "import "+strconv.Quote(it.Name))
	}
	if it.Sort == component.SortType {
		return none, nil // types of the world itself stand for what they are equal to
	}
	var best []candidate
	var older *candidate
	for _, p := range among {
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
	case len(best) == 1 || len(best) > 1 && it.TypesOnly():
		return wire{provider: best[0].in.index, export: best[0].item}, nil
	case len(best) > 1:
		var offers, choices []string
		for _, c := range best {
			offers = append(offers, fmt.Sprintf("%s exports %q", c.in.label(), c.item.Name))
			choices = append(choices, l.plug(in, it, c.in, c.item.Name))
		}
		return none, (&diag.Error{File: in.label(), Item: "import " + strconv.Quote(it.Name), Offset: diag.NoOffset,
			Msg: fmt.Sprintf("%s dependencies can supply it: %s", count(len(best)), list(offers)),
		}).WithHint("%s, or if all are needed choose with a wiring: %s", l.hints.removeOne(), strings.Join(choices[:min(len(choices), 3)], " or "))
	case older != nil && !it.TypesOnly():
		return none, (&diag.Error{File: in.label(), Item: "import " + strconv.Quote(it.Name), Offset: diag.NoOffset,
			Msg: fmt.Sprintf("%s exports only the older %q", older.in.label(), older.item.Name),
		}).WithHint("update %s, or accept it with a wiring: %s", older.in.label(), l.plug(in, it, older.in, older.item.Name))
	}
	return none, nil
}

// offer gives an input's best export for an import.
func (l *linker) offer(p *input, name string, want extname.Name) *candidate {
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
		if v := fullVersion(n, e); best == nil || newer(v, best.version) {
			best = &candidate{in: p, item: e, version: v}
		}
	}
	return best
}

// sort puts the inputs in an order in which providers come before importers, by position where that leaves a choice, the
// root last. Where there is no such order, imports of types alone go without their provider.
func (l *linker) sort() error {
	done := make([]bool, len(l.in))
	for len(l.order) < len(l.in) {
		next := l.next(done, func(*world.Item) bool { return false })
		if next < 0 {
			if next = l.next(done, (*world.Item).TypesOnly); next < 0 {
				return l.cycle(done)
			}
			in := l.in[next]
			for pos := range in.wires {
				if w := &in.wires[pos]; w.provider >= 0 && !done[w.provider] {
					w.provider, w.export = -1, nil
				}
			}
		}
		done[next] = true
		l.order = append(l.order, next)
	}
	return nil
}

// next gives the first input whose imports have their providers done, but for those that can do without; -1 for none.
func (l *linker) next(done []bool, without func(*world.Item) bool) int {
	for n := range l.in {
		i := (n + 1) % len(l.in)
		in := l.in[i]
		waits := false
		for pos, w := range in.wires {
			waits = waits || w.provider >= 0 && !done[w.provider] && !without(&in.World.Imports[pos])
		}
		if !done[i] && !waits {
			return i
		}
	}
	return -1
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
			return &diag.Error{File: l.in[at].label(), Offset: diag.NoOffset,
				Msg:  "components depend on each other in a circle: " + strings.Join(steps[n:], ", "),
				Hint: "components are instantiated one after the other; break the circle, or let one of these imports be supplied from outside"}
		}
		seen[at] = len(from)
		from = append(from, at)
		for i, w := range l.in[at].wires {
			if w.provider >= 0 && !done[w.provider] {
				steps = append(steps, fmt.Sprintf("%s imports %q from %s", l.in[at].label(), l.in[at].World.Imports[i].Name, l.in[w.provider].label()))
				at = w.provider
				break
			}
		}
	}
}
