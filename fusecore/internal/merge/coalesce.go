// This file implements the joining of data segments.

package merge

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// maxGap limits the zeros that are written to join two data segments. A gap of up to cheapGap takes no more room than the
// header of a segment: a flag, the offset as an expression and the length.
const (
	cheapGap = 6
	maxGap   = 512
)

// large is the length of a segment that is not copied to join it with others, unless there are too many.
const large = 4 << 10

// coalesce joins data segments where that saves room, and more of them if there are more than engines accept. It joins those
// that fill a new memory before anything else can: at constant offsets in bounds, with no earlier one that remains separate.
// Bytes between two of them are zero then (core specification, "Execution / Allocation / Memories"), and their order only
// matters if they overlap.
func (m *merger) coalesce() {
	m.fused.joinData()
	late := 0 // upper bound of the segments that the start function needs
	for id := range m.deferred {
		late += len(m.deferred[id].datas)
	}
	imported := m.imported[corewasm.ExternMem]
	blocked := map[uint32]bool{}
	var stay []corewasm.Data
	join := make([]corewasm.Data, 0, len(m.out.Data))
	places := make([]uint32, len(m.out.Data)) // new index of each segment in stay
	for i := range m.out.Data {
		d := m.out.Data[i]
		if d.Mode == corewasm.SegActive && d.Mem >= imported && !blocked[d.Mem] && fits(&d, m.out.Mems[d.Mem-imported]) {
			places[i] = edit.Removed
			join = append(join, d)
			continue
		}
		if d.Mode == corewasm.SegActive {
			blocked[d.Mem] = true
		}
		places[i] = uint32(len(stay))
		stay = append(stay, d)
	}
	if len(join) == 0 {
		return
	}
	first := joined(join, limits.Datas-len(stay)-late-1)
	if len(first) == len(join) {
		return
	}
	if m.namesData() { // in bodies an applied segment is empty, so one that is represents all of them
		for i, p := range places {
			if places[i] = p + 1; p == edit.Removed {
				places[i] = 0
			}
		}
		stay = slices.Insert(stay, 0, corewasm.Data{Mode: corewasm.SegPassive})
	}
	for i, p := range places {
		if p != edit.Removed {
			places[i] += uint32(len(first))
		}
	}
	m.out.Data = append(first, stay...)
	for _, ed := range m.edits {
		if ed == nil {
			continue
		}
		for i, now := range ed.Maps[op.SpaceData] {
			if now != edit.Removed {
				ed.Maps[op.SpaceData][i] = places[now]
			}
		}
	}
}

// joinData joins the segments for memories that the module imports. Those of LateData stay as they are if none can be joined.
func (f *Fused) joinData() {
	late := 0
	for mem, d := range f.LateData {
		if joins(d) || slices.ContainsFunc(f.Data, func(other corewasm.Data) bool { return other.Mem == mem }) {
			f.Data = slices.Insert(f.Data, 0, decoded(mem, d)...) // it was the first
			delete(f.LateData, mem)
			continue
		}
		late += d.N
	}
	if late > 0 {
		if all := joined(f.Data, math.MaxInt); late+len(all) <= limits.Datas {
			f.Data = all
			return
		}
	}
	f.Data = joined(f.AllData(), limits.Datas)
	clear(f.LateData)
}

// AllData returns Data with the segments of LateData.
func (f *Fused) AllData() []corewasm.Data {
	all := slices.Clip(f.Data)
	for _, mem := range slices.Sorted(maps.Keys(f.LateData)) {
		all = append(all, decoded(mem, f.LateData[mem])...)
	}
	slices.SortStableFunc(all, func(a, b corewasm.Data) int { return cmp.Compare(a.Mem, b.Mem) })
	return all
}

// decoded returns the segments of a section for another memory than 0.
func decoded(mem uint32, l *corewasm.LateData) []corewasm.Data {
	out := make([]corewasm.Data, 0, l.N)
	for _, d := range l.All {
		d.Mem = mem
		out = append(out, d)
	}
	return out
}

// joins reports whether some segments of a section would be joined.
func joins(l *corewasm.LateData) bool {
	end, before := uint64(0), 0
	for i, d := range l.All {
		at, _ := constexpr.Number(d.Offset)
		if i > 0 && !apart(end, at, before, len(d.Bytes), cheapGap, large) {
			return true
		}
		end, before = at+uint64(len(d.Bytes)), len(d.Bytes)
	}
	return false
}

// namesData reports whether a body of the core instances may name a data segment.
func (m *merger) namesData() bool {
	for _, ci := range m.live.Cores() {
		if ci.Module.DataCount != nil {
			return true
		}
	}
	return false
}

// joined returns segments with the same effect as the given ones, which are active and at constant offsets. There are
// at most most of them if gaps of up to maxGap zero bytes allow it.
func joined(segments []corewasm.Data, most int) []corewasm.Data {
	if len(segments) < 2 {
		return segments
	}
	sorted := byOffset(segments)
	out := joinedAcross(segments, sorted, cheapGap, large)
	for gap := uint64(8); len(out) > most && gap <= maxGap; gap *= 4 {
		out = joinedAcross(segments, sorted, gap, 1<<32)
	}
	return out
}

// place is where a segment begins.
type place struct {
	at      uint64 // constant offset
	mem     uint32
	segment uint32 // index in the list of segments
}

// byOffset returns the places of segments at constant offsets by memory and offset.
func byOffset(segments []corewasm.Data) []place {
	sorted := make([]place, len(segments))
	for i := range segments {
		at, _ := constexpr.Number(segments[i].Offset)
		sorted[i] = place{at, segments[i].Mem, uint32(i)}
	}
	slices.SortFunc(sorted, func(a, b place) int { // most lists are sorted already
		return cmp.Or(cmp.Compare(a.mem, b.mem), cmp.Compare(a.at, b.at), cmp.Compare(a.segment, b.segment))
	})
	return sorted
}

// joinedAcross joins the segments of each memory that have less than alone bytes and at most gap bytes between them, which
// become zero. Segments that overlap are joined in any case, with the bytes of the last one.
func joinedAcross(segments []corewasm.Data, sorted []place, gap uint64, alone int) (out []corewasm.Data) {
	runs := make([]int, 0, len(sorted)) // length of each list of segments that become one
	for rest := sorted; len(rest) > 0; rest = rest[runs[len(runs)-1]:] {
		runs = append(runs, run(segments, rest, gap, alone))
	}
	out = make([]corewasm.Data, 0, len(runs))
	for _, n := range runs {
		head := segments[sorted[0].segment]
		if n > 1 {
			start, end := sorted[0].at, uint64(0)
			for _, p := range sorted[:n] {
				end = max(end, p.at-start+uint64(len(segments[p.segment].Bytes)))
			}
			// A later segment overwrites an earlier one.
			inOrder := slices.SortedFunc(slices.Values(sorted[:n]), func(a, b place) int { return cmp.Compare(a.segment, b.segment) })
			head.Bytes = make([]byte, end)
			for _, p := range inOrder {
				copy(head.Bytes[p.at-start:], segments[p.segment].Bytes)
			}
		}
		out, sorted = append(out, head), sorted[n:]
	}
	return out
}

// run returns how many of the first segments in an order become one.
func run(segments []corewasm.Data, sorted []place, gap uint64, alone int) int {
	before := len(segments[sorted[0].segment].Bytes)
	end := sorted[0].at + uint64(before)
	for n := 1; n < len(sorted); n++ {
		p := sorted[n]
		length := len(segments[p.segment].Bytes)
		if p.mem != sorted[0].mem || apart(end, p.at, before, length, gap, alone) {
			return n
		}
		end = max(end, p.at+uint64(length))
		before = length
	}
	return len(sorted)
}

// apart reports whether a segment at an offset is not joined with those before it, which end at end. before is the length of
// the last one.
func apart(end, at uint64, before, length int, gap uint64, alone int) bool {
	return at > end+gap || at >= end && max(length, before) >= alone
}
