// This file implements references to functions, and which of them can be called.

package shake

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
)

// references knows where references to functions can be, and with which types code calls from there. A place is a table,
// for its own elements, as long as no code reads it; or any: the place of all references that code can get hold of, by
// ref.func, from a table that it reads, a segment or a global. Those can be in every table.
type references struct {
	any      int // number of tables
	read     []bool
	places   []place
	referred []bool // functions that have a place
	escaped  bool   // see escape
	waiting  []waiting
	types    *types
}

// place is where references can be.
type place struct {
	called []uint64 // types, a bit for each
	first  []int32  // waiting references, by the function's type; -1 or nil if there are none
}

// waiting is a reference to a function that cannot be called yet.
type waiting struct {
	f, by uint32
	next  int32
}

func newReferences(d *draft.Module) (*references, error) {
	n := int(d.Count(op.SpaceTable))
	types, err := newTypes(d)
	return &references{any: n, read: make([]bool, n+1), places: make([]place, n+1), referred: make([]bool, d.Count(op.SpaceFunc)), types: types}, err
}

// refer records a reference to a function.
func (r *references) refer(s *shaker, at int, f, by uint32) {
	r.referred[f] = true
	if s.from[op.SpaceFunc][f] != 0 {
		return
	}
	if r.read[at] {
		at = r.any
	}
	if at == r.any && r.escaped || at != r.any && s.open[at] {
		s.add(op.SpaceFunc, f, by)
		return
	}
	t, _ := s.d.FuncTypeIndex(f)
	t = r.types.number(t)
	s.add(op.SpaceType, t, by) // of the function, or what replaces it
	p := &r.places[at]
	for up, ok := t, true; ok; up, ok = r.types.super(up) {
		if p.called != nil && p.called[up/64]&(1<<(up%64)) != 0 {
			s.add(op.SpaceFunc, f, by)
			return
		}
	}
	if p.first == nil {
		p.first = make([]int32, s.d.NumTypes())
		for i := range p.first {
			p.first[i] = -1
		}
	}
	r.waiting = append(r.waiting, waiting{f, by, p.first[t]})
	p.first[t] = int32(len(r.waiting) - 1)
}

// called records that code calls references at a place with a type.
func (r *references) called(s *shaker, at int, t uint32) {
	t = r.types.number(t)
	p := &r.places[at]
	if p.called == nil {
		p.called = make([]uint64, (s.d.NumTypes()+63)/64)
	}
	if p.called[t/64]&(1<<(t%64)) != 0 {
		return
	}
	p.called[t/64] |= 1 << (t % 64)
	r.wake(s, p, t)
}

// wake makes the waiting functions reachable whose type is t or below.
func (r *references) wake(s *shaker, p *place, t uint32) {
	if p.first == nil {
		return
	}
	at := p.first[t]
	p.first[t] = -1
	for ; at >= 0; at = r.waiting[at].next {
		s.add(op.SpaceFunc, r.waiting[at].f, r.waiting[at].by)
	}
	for _, sub := range r.types.subs[t] {
		r.wake(s, p, sub)
	}
}

// readTable records that code can get references from a table.
func (r *references) readTable(s *shaker, table uint32) {
	if r.read[table] {
		return
	}
	r.read[table] = true
	for _, w := range r.take(int(table)) {
		r.refer(s, r.any, w.f, w.by)
	}
}

// openTable records that the surroundings can call all elements of a table.
func (r *references) openTable(s *shaker, table uint32) {
	for _, w := range r.take(int(table)) {
		s.add(op.SpaceFunc, w.f, w.by)
	}
}

// escape records that the surroundings can get every reference that code can get.
func (r *references) escape(s *shaker) {
	if r.escaped {
		return
	}
	r.escaped = true
	for _, w := range r.take(r.any) {
		s.add(op.SpaceFunc, w.f, w.by)
	}
}

// take returns the references that wait at a place, and empties it.
func (r *references) take(at int) (out []waiting) {
	p := &r.places[at]
	for t, i := range p.first {
		for ; i >= 0; i = r.waiting[i].next {
			out = append(out, r.waiting[i])
		}
		p.first[t] = -1
	}
	return out
}

// types are the numbers of a module's types, which equal types share: the index of the first of them.
type types struct {
	numbers []uint32          // by index; nil if all types differ
	supers  map[uint32]uint32 // number of the supertype, by number
	subs    map[uint32][]uint32
}

func newTypes(d *draft.Module) (*types, error) {
	t := &types{supers: map[uint32]uint32{}, subs: map[uint32][]uint32{}}
	if !d.Distinct {
		if err := t.find(d); err != nil {
			return nil, err
		}
	}
	err := d.EachGroup(func(g corewasm.Group) error {
		for k := range g.N {
			i := g.First + uint32(k)
			supers := g.At(k).Supers
			if len(supers) == 0 || t.number(i) != i {
				continue
			}
			super := t.number(supers[0])
			t.supers[i] = super
			t.subs[super] = append(t.subs[super], i)
		}
		return nil
	})
	return t, err
}

// find finds equal types.
func (t *types) find(d *draft.Module) error {
	gs := typing.NewGroups(0)
	var canon, first []uint32 // numbers by index as Groups has them, and the first index with each
	err := d.EachGroup(func(g corewasm.Group) error {
		n, added, err := gs.Add(g, func(i uint32) (uint32, error) { return canon[i], nil })
		for k := range uint32(g.N) {
			canon = append(canon, n+k)
			if added {
				first = append(first, g.First+k)
			}
			t.numbers = append(t.numbers, first[n+k])
		}
		return err
	})
	return err
}

// number returns the number of the type with an index.
func (t *types) number(i uint32) uint32 {
	if t.numbers == nil {
		return i
	}
	return t.numbers[i]
}

// super returns the number of a type's supertype.
func (t *types) super(n uint32) (uint32, bool) {
	super, ok := t.supers[n]
	return super, ok
}
