// This file implements new orders of index spaces, and the removal of items.

package draft

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
)

// NumSpaces is the number of index spaces of a module, the first ones of op.Space.
const NumSpaces = int(op.SpaceLocal)

// Order is a new order of a module's items.
type Order struct {
	// Items has the present index of every item that stays, in the new order, for each index space. A nil list leaves
	// its space as it is. Imports precede definitions. Recursion groups stay whole, and come after those that they refer to.
	Items [NumSpaces][]uint32
	// Same has, for each function, the function that takes its place: usually itself. nil replaces none.
	Same []uint32
}

// Places has the new index of each item, for each index space, or edit.Removed. A nil list means that nothing changes.
type Places [NumSpaces][]uint32

// At returns the new index of an item, and whether there is one.
func (p *Places) At(s op.Space, i uint32) (uint32, bool) {
	if p[s] == nil {
		return i, true
	}
	return p[s][i], p[s][i] != edit.Removed
}

// Then returns the effect of two changes of indices, one after the other.
func (p *Places) Then(next *Places) *Places {
	out := *next
	for s := range p {
		if p[s] != nil {
			out[s] = then(p[s], next[s])
		}
	}
	return &out
}

// then composes two maps, of which the first is not nil. The result shares memory with neither, unless the second is nil.
func then(first, second []uint32) []uint32 {
	if second == nil {
		return first
	}
	out := make([]uint32, len(first))
	for i, at := range first {
		if out[i] = edit.Removed; at != edit.Removed {
			out[i] = second[at]
		}
	}
	return out
}

// Count returns the size of an index space.
func (d *Module) Count(s op.Space) uint32 {
	switch s {
	case op.SpaceType:
		return uint32(d.NumTypes())
	case op.SpaceElem:
		return uint32(len(d.Elems))
	case op.SpaceData:
		return uint32(len(d.Data))
	default:
		return d.Module.Count(corewasm.ExternKind(s))
	}
}

// Renumber gives items new indices and removes those without one, which nothing that stays may name. It returns the new
// indices of all items.
func (d *Module) Renumber(o *Order) (*Places, error) {
	r := &renumber{d: d, o: o}
	for s := range NumSpaces {
		r.places[s] = places(o.Items[s], d.Count(op.Space(s)))
	}
	r.replace()
	copy(r.ed.Maps[:], r.places[:])
	out := *d.Module
	r.out = &out
	for _, step := range []func() error{r.types, r.imports, r.funcs, r.definitions, r.globals, r.segments} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	r.names()
	r.sources()
	r.outside()
	out.Refs = nil
	out.Index()
	d.Module = &out
	return &r.places, nil
}

// places inverts an order of n items.
func places(order []uint32, n uint32) []uint32 {
	if order == nil {
		return nil
	}
	out := make([]uint32, n)
	for i := range out {
		out[i] = edit.Removed
	}
	for now, old := range order {
		out[old] = uint32(now)
	}
	return out
}

// renumber is the state of one renumbering.
type renumber struct {
	d      *Module
	o      *Order
	out    *corewasm.Module
	places Places
	ed     edit.Editor
}

// replace gives functions the places of those that replace them.
func (r *renumber) replace() {
	at := &r.places[op.SpaceFunc]
	if r.o.Same == nil {
		return
	}
	if *at == nil {
		*at = make([]uint32, len(r.o.Same))
		for f := range *at {
			(*at)[f] = uint32(f)
		}
	}
	old := slices.Clone(*at)
	for f, as := range r.o.Same {
		(*at)[f] = old[as]
	}
}

// items returns the present indices of the items of a space that stay, in the new order.
func (r *renumber) items(s op.Space) []uint32 {
	if r.o.Items[s] != nil {
		return r.o.Items[s]
	}
	out := make([]uint32, r.d.Count(s))
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}

// defined is like items, for the definitions of a kind, counted from the first definition.
func (r *renumber) defined(k corewasm.ExternKind) []uint32 {
	n := r.d.NumImported(k)
	all := slices.Clone(r.items(op.Space(k)))
	all = slices.DeleteFunc(all, func(i uint32) bool { return i < n })
	for i := range all {
		all[i] -= n
	}
	return all
}

// types writes the type section.
func (r *renumber) types() error {
	if r.o.Items[op.SpaceType] == nil {
		return nil
	}
	m := r.d.Module
	groups := m.GroupsOfTypes()
	var section corewasm.Coded
	place := func(i uint32) (uint32, error) { return r.ed.Index(op.SpaceType, i) }
	for list := r.o.Items[op.SpaceType]; len(list) > 0; {
		g := m.GroupAt(int(groups[list[0]]))
		section.Bytes = encode.GroupSize(section.Bytes, g.N)
		for k := range g.N {
			t, err := typing.Renumber(g.At(k), place)
			if err != nil {
				return err
			}
			section.Bytes = encode.SubType(section.Bytes, &t)
		}
		section.Count++
		list = list[g.N:]
	}
	r.out.Types, r.out.LateTypes = nil, nil
	return decode.Types(r.out, section)
}

// imports writes the imports. The kinds of items alternate as before, as far as items stay.
func (r *renumber) imports() error {
	m := r.d.Module
	var left [corewasm.NumExterns][]uint32
	for k := range left {
		left[k] = r.items(op.Space(k))
	}
	r.out.Imports = make([]corewasm.Import, 0, len(m.Imports))
	for i := range m.Imports {
		k := m.Imports[i].Kind
		if len(left[k]) == 0 {
			continue
		}
		at, imported := m.ImportAt(k, left[k][0])
		if !imported {
			continue
		}
		left[k] = left[k][1:]
		im, err := r.imported(m.Imports[at])
		if err != nil {
			return err
		}
		r.out.Imports = append(r.out.Imports, im)
	}
	return nil
}

// imported rewrites the type of an import.
func (r *renumber) imported(im corewasm.Import) (corewasm.Import, error) {
	var err error
	switch im.Kind {
	case corewasm.ExternFunc:
		im.Func, err = r.ed.Index(op.SpaceType, im.Func)
	case corewasm.ExternTable:
		im.Table, err = r.ed.TableType(im.Table)
	case corewasm.ExternGlobal:
		im.Global, err = r.ed.GlobalType(im.Global)
	case corewasm.ExternTag:
		im.Tag, err = r.ed.Index(op.SpaceType, im.Tag)
	}
	return im, err
}

// funcs writes the list of functions and where their bodies are.
func (r *renumber) funcs() error {
	d := r.d
	list := r.defined(corewasm.ExternFunc)
	bodies := make([]Body, len(list))
	r.out.Funcs = make([]uint32, len(list))
	for i, f := range list {
		t, err := r.ed.Index(op.SpaceType, d.Funcs[f])
		if err != nil {
			return err
		}
		r.out.Funcs[i], bodies[i] = t, d.Bodies[f]
	}
	d.Bodies = bodies
	if d.Start != nil {
		start, err := r.ed.Index(op.SpaceFunc, *d.Start)
		if err != nil {
			return err
		}
		r.out.Start = &start
	}
	r.out.Exports = slices.Clone(d.Exports)
	for i := range r.out.Exports {
		e := &r.out.Exports[i]
		now, err := r.ed.Index(op.Space(e.Kind), e.Index)
		if err != nil {
			return err
		}
		e.Index = now
	}
	return nil
}

// definitions writes tables, memories and tags.
func (r *renumber) definitions() error {
	r.out.Tables, r.out.Mems, r.out.Tags = nil, nil, nil
	for _, i := range r.defined(corewasm.ExternTable) {
		t := r.d.Tables[i]
		var err error
		if t.Type, err = r.ed.TableType(t.Type); err != nil {
			return err
		}
		if t.Init != nil {
			x, err := r.ed.Expr(*t.Init)
			if err != nil {
				return err
			}
			t.Init = &x
		}
		r.out.Tables = append(r.out.Tables, t)
	}
	for _, i := range r.defined(corewasm.ExternMem) {
		r.out.Mems = append(r.out.Mems, r.d.Mems[i])
	}
	for _, i := range r.defined(corewasm.ExternTag) {
		t, err := r.ed.Index(op.SpaceType, r.d.Tags[i])
		if err != nil {
			return err
		}
		r.out.Tags = append(r.out.Tags, t)
	}
	return nil
}

// globals writes the globals.
func (r *renumber) globals() error {
	if r.places[op.SpaceGlobal] == nil && r.places[op.SpaceType] == nil && r.places[op.SpaceFunc] == nil {
		return nil
	}
	var section corewasm.Coded
	for _, i := range r.defined(corewasm.ExternGlobal) {
		g := r.d.GlobalAt(int(i))
		var err error
		if g.Type, err = r.ed.GlobalType(g.Type); err != nil {
			return err
		}
		if g.Init, err = r.ed.Expr(g.Init); err != nil {
			return err
		}
		section.Bytes = encode.Global(section.Bytes, g)
		section.Count++
	}
	r.out.Globals, r.out.LateGlobals = nil, nil
	return decode.Globals(r.out, section)
}

// segments writes the segments.
func (r *renumber) segments() error {
	r.out.Elems, r.out.Data = nil, nil
	maps := map[*uint32][]uint32{} // of segments that have one, by its first element: lists may be long, and share maps
	for _, i := range r.items(op.SpaceElem) {
		e, ed := r.d.Elems[i], r.ed
		if len(e.Map) > 0 && !e.UseExprs {
			first := &e.Map[0]
			if maps[first] == nil {
				maps[first] = then(e.Map, r.places[op.SpaceFunc])
			}
			ed.Maps[op.SpaceFunc] = maps[first]
		}
		now, err := ed.Elem(&e)
		if err != nil {
			return err
		}
		r.out.Elems = append(r.out.Elems, now)
	}
	for _, i := range r.items(op.SpaceData) {
		s := r.d.Data[i]
		if s.Mode == corewasm.SegActive {
			var err error
			if s.Mem, err = r.ed.Index(op.SpaceMem, s.Mem); err != nil {
				return err
			}
			if s.Offset, err = r.ed.Expr(s.Offset); err != nil {
				return err
			}
		}
		r.out.Data = append(r.out.Data, s)
	}
	if r.out.DataCount != nil && len(r.out.Data) == 0 {
		r.out.DataCount = nil
	}
	return nil
}

// names gives functions that stay the names that they had. Neighbours with the same prefix are one run.
func (r *renumber) names() {
	if r.o.Items[op.SpaceFunc] == nil {
		return
	}
	type named struct {
		prefix int32 // of prefixes, -1 if there is no name
		name   string
	}
	of := make([]named, r.d.Count(op.SpaceFunc))
	for f := range of {
		of[f].prefix = -1
	}
	var prefixes []string
	for _, run := range r.d.Names.All() {
		for i, name := range run.Names {
			if f := int(run.First) + i; name != "" && f < len(of) {
				of[f] = named{int32(len(prefixes)), name}
			}
		}
		prefixes = append(prefixes, run.Prefix)
	}
	r.out.Names = corewasm.Names{}
	last := int32(-1)
	for now, old := range r.o.Items[op.SpaceFunc] {
		n := &of[old]
		runs := r.out.Names.Runs
		switch {
		case n.prefix < 0:
		case n.prefix == last && int(runs[len(runs)-1].First)+len(runs[len(runs)-1].Names) == now:
			runs[len(runs)-1].Names = append(runs[len(runs)-1].Names, n.name)
		default:
			last = n.prefix
			r.out.Names.Runs = append(runs, corewasm.NameRun{First: uint32(now), Prefix: prefixes[last], Names: []string{n.name}})
		}
	}
}

// outside changes the indices of what the surroundings use, as far as it stays.
func (r *renumber) outside() {
	now := r.d.Outside
	items := func(list []Item) (out []Item) {
		for _, it := range list {
			if i, ok := r.places.At(it.Space, it.Index); ok {
				out = append(out, Item{it.Space, i})
			}
		}
		return out
	}
	imported := uint32(0)
	for i := range r.out.Imports {
		if r.out.Imports[i].Kind == corewasm.ExternFunc {
			imported++
		}
	}
	stays := func(f uint32) (uint32, bool) { // a removed function may have the place of another one, which is no import
		now, ok := r.places.At(op.SpaceFunc, f)
		return now, ok && now < imported
	}
	now.Open, now.Needs = items(now.Open), map[uint32][]Item{}
	for f, needs := range r.d.Outside.Needs {
		if at, ok := stays(f); ok {
			now.Needs[at] = items(needs)
		}
	}
	if c := now.Calls; c != nil {
		table, ok := r.places.At(op.SpaceTable, c.Table)
		segment, also := r.places.At(op.SpaceElem, c.Segment)
		now.Calls = nil
		if ok && also {
			now.Calls = &Calls{Table: table, Segment: segment}
			for _, by := range c.By {
				var left []uint32
				for _, f := range by {
					if at, ok := stays(f); ok {
						left = append(left, at)
					}
				}
				now.Calls.By = append(now.Calls.By, left)
			}
		}
	}
	r.d.Outside = now
}

// sources changes the editors of bodies.
func (r *renumber) sources() {
	known := map[*edit.Editor]*edit.Editor{}
	for i := range r.d.Sources {
		s := &r.d.Sources[i]
		now := known[s.Edit]
		if now == nil {
			now = new(edit.Editor)
			*now = *s.Edit
			for space := range NumSpaces {
				if old := s.Edit.Maps[space]; old != nil {
					now.Maps[space] = then(old, r.places[space])
				} else {
					now.Maps[space] = r.places[space]
				}
			}
			known[s.Edit] = now
		}
		s.Edit = now
	}
}
