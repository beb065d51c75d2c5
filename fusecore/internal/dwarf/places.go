// This file implements where the code of an input is in the output.

package dwarf

import (
	"cmp"
	"slices"
	"sort"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// places maps addresses of a source to those of the output.
type places struct {
	number int32
	bodies []body
	out    []*function // of the output that have code of the source
}

// body is a function body of the source.
type body struct {
	after     uint64 // addresses from here on belong to it: the end of the body before, excluded
	code, end uint64
	function  *function // of the output that it is, or nil
	followed  bool
	points    []point // where its code is in that, in ascending order of both addresses; see follow
}

// point says that the code of a body from an offset on is at an address of the output.
type point struct {
	of    uint64
	at    uint64
	limit uint64 // the first address that belongs to other code
}

func newPlaces(number int32, m *corewasm.Module, out []*function) *places {
	p := &places{number: number, bodies: make([]body, len(m.Code)), out: out}
	after := uint64(1) // the section begins with the number of bodies, and each body with its length
	for i := range m.Code {
		code := uint64(m.Code[i].Offset - m.CodeOffset)
		end := code + uint64(len(m.Code[i].Code))
		p.bodies[i] = body{after: after, code: code, end: end}
		after = end
	}
	for _, f := range out {
		if b := f.trace.Body; b.Source == number {
			p.bodies[b.Index].function = f
		}
	}
	return p
}

// find returns the body that an address, or the end of a range, belongs to, or nil.
func (p *places) find(address uint64) (*body, int) {
	i := sort.Search(len(p.bodies), func(i int) bool { return p.bodies[i].end >= address })
	if i == len(p.bodies) || address <= p.bodies[i].after {
		return nil, -1
	}
	return &p.bodies[i], i
}

// address returns where the instruction at an address, the beginning of a function or the end of a range is in the output, or
// false if it is not there. Code that was copied into other functions as well is only found in its own.
func (p *places) address(a uint64) (uint64, bool) {
	b, i := p.find(a)
	if b == nil || b.function == nil {
		return 0, false
	}
	f := b.function
	switch {
	case a < b.code:
		return f.start, true
	case a == b.end:
		return f.end, true
	}
	p.follow(b, int32(i))
	k := sort.Search(len(b.points), func(k int) bool { return b.points[k].of > a-b.code })
	if k == 0 {
		return f.code, true
	}
	pt := &b.points[k-1]
	return min(pt.at+(a-b.code-pt.of), pt.limit), true
}

// span returns where the code of a range is, or false if it is not in the output. A range is of one function.
func (p *places) span(lo, hi uint64) (span, bool) {
	b, i := p.find(lo)
	if b == nil || hi < lo {
		return span{}, false
	}
	if hi > b.end { // of several functions, which the output may have apart: the first
		hi = p.bodies[i].end
	}
	from, ok := p.address(lo)
	to, _ := p.address(hi)
	return span{from, to}, ok && from < to
}

// follow fills in the points of a body. Where an optimisation has copied a loop, the points are of the first copy.
func (p *places) follow(b *body, index int32) {
	if b.followed {
		return
	}
	b.followed = true
	f := b.function
	marks := f.trace.Marks
	var end uint32 // of the code so far, in the body
	for i, m := range marks {
		if m.Body.Source != p.number || m.Body.Index != index {
			continue
		}
		pt := point{uint64(m.Of), f.code + uint64(m.At), f.end}
		if i+1 < len(marks) {
			pt.limit = f.code + uint64(marks[i+1].At)
		}
		n := len(b.points)
		switch {
		case n == 0 || pt.of > b.points[n-1].of && m.Of >= end:
			b.points = append(b.points, pt)
		case pt.of != b.points[n-1].of:
			continue
		case b.points[n-1].at == b.points[n-1].limit: // it only says where the code before ends
			b.points[n-1] = pt
		}
		end = f.trace.End(i, uint32(f.end-f.code))
	}
}

// span is a range of addresses, without its end.
type span struct{ lo, hi uint64 }

// joined sorts spans, and joins those that touch.
func joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(a.hi, b.hi)) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.lo <= out[n-1].hi {
			out[n-1].hi = max(out[n-1].hi, s.hi)
		} else {
			out = append(out, s)
		}
	}
	return out
}
