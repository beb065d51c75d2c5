// This file implements the choice of a layout: the order of the memories, and how accesses to each are checked.

package onememory

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Check is how accesses to a memory are kept inside it.
type Check uint8

const (
	// Engine is the engine's own check, for the topmost region at a constant base.
	Engine Check = iota
	// Constant is a generated check of a region at a constant base.
	Constant
	// Moving is a generated check of a region that moves when one below it grows.
	Moving
)

// String returns the name in reports.
func (c Check) String() string {
	return [...]string{"by the engine", "by code, constant base", "by code, moving base"}[c]
}

// Region is the part of the one memory that is a memory of the module before.
type Region struct {
	Memory   uint32
	Name     string
	Base     uint64 // first, in bytes
	Size     uint64 // first, in bytes
	Capacity uint64 // distance to the next region at first; of the topmost region, Size
	Check    Check
	Grows    bool
	Uses     uint64 // accesses in code, weighted by the depth of loops
	Why      string

	max uint64 // greatest size in pages
}

// Layout is the order of memories in the one memory.
type Layout struct {
	Regions []Region // from address 0 on
	// Slides means that regions move when one below them grows; otherwise every region has a limit but the topmost.
	Slides bool
	Why    string

	of []int // index in Regions by memory
}

// at returns the region of a memory.
func (l *Layout) at(mem uint32) *Region { return &l.Regions[l.of[mem]] }

// top returns the topmost region.
func (l *Layout) top() *Region { return &l.Regions[len(l.Regions)-1] }

// String describes the layout in one line.
func (l *Layout) String() string {
	s := fmt.Sprintf("one memory of %d regions (%s)", len(l.Regions), l.Why)
	for i := range l.Regions {
		r := &l.Regions[i]
		s += fmt.Sprintf("; %s at %#x checked %s", cmp.Or(r.Name, fmt.Sprintf("memory %d", r.Memory)), r.Base, r.Check)
	}
	return s
}

// memory is what the choice depends on.
type memory struct {
	min   uint64 // pages
	max   uint64 // pages, at most maxPages
	grows bool   // an instruction grows it
	uses  uint64
}

// choose places memories by these rules:
//
//   - The bottom is at address 0.
//   - If at most one memory can grow without a limit, and that is not the bottom, nothing ever moves: the others are as
//     large as they can become, the unlimited one is on top, or else the most used one. The engine checks its accesses.
//   - Otherwise the regions above one that grows move. The most used one of those that grow is below the others, so that
//     at least its base is constant, unless the bottom grows.
//
// Moving costs the bytes above, so what never grows lies below what does, and what is large below what is small.
func choose(memories []memory, o Options) (*Layout, error) {
	if n := total(memories); n > maxPages {
		return nil, diag.New("", "the memories of all components begin with %d pages together, %d more than one memory can have", n, n-maxPages).
			WithHint("fuse without a single memory, or build components with smaller memories")
	}
	if order, capacity := fixed(memories, o); order != nil {
		return place(memories, o, order, capacity), nil
	}
	if o.Reserve > 0 {
		return nil, diag.New("", "the memories of all components cannot each grow to %d bytes in one memory of %d pages", o.Reserve, maxPages).
			WithHint("reserve less, or nothing: then memories move when others grow")
	}
	return place(memories, o, sliding(memories, o), nil), nil
}

// total returns the pages with which memories begin.
func total(memories []memory) (n uint64) {
	for i := range memories {
		n += memories[i].min
	}
	return n
}

// fixed returns the order of memories none of which moves, with the pages that each can grow to but the last one, or nil
// if there is no such order.
func fixed(memories []memory, o Options) (order []uint32, capacity []uint64) {
	for _, declared := range []bool{true, false} {
		capacity, unlimited, room := capacities(memories, o, declared)
		if len(unlimited) > 1 || len(unlimited) == 1 && unlimited[0] == o.Bottom || o.Reserve == 0 && room*page > near {
			continue
		}
		order = ordered(memories, o, unlimited)
		sum := memories[order[len(order)-1]].min
		for _, mem := range order[:len(order)-1] {
			sum += capacity[mem]
		}
		if sum <= maxPages {
			return order, capacity
		}
	}
	return nil, nil
}

// reserved returns the reserve in pages.
func (o *Options) reserved() uint64 { return (o.Reserve + page - 1) / page }

// capacities returns the pages that each memory can grow to, those that have no limit, and the total of the room to grow. A
// reserve is a limit, and so is a declared maximum if declared is set.
func capacities(memories []memory, o Options, declared bool) (capacity []uint64, unlimited []int, room uint64) {
	for i := range memories {
		m := &memories[i]
		c := m.min
		switch {
		case !m.grows:
		case o.Reserve > 0:
			c = max(m.min, min(m.max, o.reserved()))
		case declared && m.max < maxPages:
			c = m.max
		default:
			unlimited = append(unlimited, i)
		}
		capacity = append(capacity, c)
		room += c - m.min
	}
	return capacity, unlimited, room
}

// ordered returns the order of memories none of which moves: the one without a limit is on top, or else the most used one.
func ordered(memories []memory, o Options, unlimited []int) (order []uint32) {
	for i := range memories {
		if i != o.Bottom {
			order = append(order, uint32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b uint32) int { return cmp.Compare(memories[b].uses, memories[a].uses) })
	top := order[0]
	if len(unlimited) > 0 {
		top = uint32(unlimited[0])
	}
	order = append(slices.DeleteFunc(order, func(m uint32) bool { return m == top }), top)
	if o.Bottom >= 0 {
		order = slices.Insert(order, 0, uint32(o.Bottom))
	}
	return order
}

// sliding returns the order of memories that move.
func sliding(memories []memory, o Options) []uint32 {
	var rest []uint32
	hot := -1 // the most used one that grows
	for i := range memories {
		if i == o.Bottom {
			continue
		}
		rest = append(rest, uint32(i))
		if m := &memories[i]; m.grows && (hot < 0 || m.uses > memories[hot].uses) {
			hot = i
		}
	}
	rank := func(i uint32) int {
		switch {
		case !memories[i].grows:
			return 0
		case int(i) == hot && !(o.Bottom >= 0 && memories[o.Bottom].grows):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(rest, func(a, b uint32) int {
		if c := cmp.Compare(rank(a), rank(b)); c != 0 {
			return c
		}
		if rank(a) == 0 {
			return cmp.Compare(memories[b].uses, memories[a].uses)
		}
		return cmp.Compare(memories[b].min, memories[a].min)
	})
	if o.Bottom >= 0 {
		rest = slices.Insert(rest, 0, uint32(o.Bottom))
	}
	return rest
}

// firstRoom is the number of pages by which a memory can grow before anything moves for the first time.
const firstRoom = 16

// place assigns bases to memories in an order, each with room to grow to its capacity, or, if there are no capacities, with
// a little room.
func place(memories []memory, o Options, order []uint32, capacity []uint64) *Layout {
	l := &Layout{of: make([]int, len(memories)), Slides: capacity == nil}
	base, moves, room := uint64(0), false, uint64(firstRoom)
	if total(memories)+room*uint64(len(memories)) > maxPages {
		room = 0
	}
	for n, mem := range order {
		m := &memories[mem]
		r := Region{Memory: mem, Base: base, Size: m.min * page, Capacity: m.min * page, Check: Constant, Grows: m.grows, Uses: m.uses, max: m.max}
		if o.Name != nil {
			r.Name = o.Name(mem)
		}
		switch {
		case moves:
			r.Check, r.Why = Moving, "a memory below it grows"
		case !l.Slides && n == len(order)-1:
			r.Check, r.Why = Engine, "topmost, and nothing below it grows beyond its room"
		case !l.Slides && m.grows:
			r.Capacity, r.max = capacity[mem]*page, capacity[mem]
			r.Why = fmt.Sprintf("it has room for %d pages", capacity[mem])
		case m.grows:
			r.Why = "nothing below it grows"
		default:
			r.Why = "it never grows"
		}
		if l.Slides && m.grows && n < len(order)-1 {
			r.Capacity += min(room, m.max-m.min) * page
		}
		if int(mem) == o.Bottom {
			r.Why = "the host sees its addresses; " + r.Why
		}
		moves = moves || l.Slides && m.grows
		l.of[mem] = len(l.Regions)
		l.Regions = append(l.Regions, r)
		base += r.Capacity
	}
	l.Why = why(l, o)
	return l
}

// why returns the reason for a layout.
func why(l *Layout, o Options) string {
	switch {
	case !l.Slides && o.Reserve > 0:
		return fmt.Sprintf("every memory but the topmost grows to at most %d bytes, as --reserve says", o.reserved()*page)
	case !l.Slides:
		return "nothing moves, because all memories but the topmost have a greatest size"
	case o.Bottom >= 0 && l.Regions[0].Grows:
		return "regions move, because the memory that the host sees grows without a limit"
	}
	return "regions move, because several memories grow without a limit"
}
