package merge

import (
	"cmp"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/remap"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// maxGap bounds the zeros that are written out to make one data segment of two.
const maxGap = 512

// coalesce joins data segments where there are more of them than engines accept. It takes those that fill a new memory
// before anything else can: at constant places in bounds, with none before them that stays as it is. What lies between
// two of them is zero then (core specification, "Execution / Allocation / Memories"), and their order matters only where they
// overlap.
func (m *merger) coalesce() error {
	if len(m.fused.Data) > limits.Datas {
		m.fused.Data = joined(m.fused.Data, limits.Datas)
	}
	late := len(m.lateDatas) // which need at most as many segments
	if len(m.out.Data)+late <= limits.Datas {
		return nil
	}
	imported := m.numImported(corewasm.ExternMem)
	blocked := map[uint32]bool{}
	var stay, join []corewasm.Data
	places := make([]uint32, len(m.out.Data)) // where a segment goes among stay
	for i := range m.out.Data {
		d := m.out.Data[i]
		if d.Mode == corewasm.SegActive && d.Mem >= imported && !blocked[d.Mem] && fits(&d, m.out.Mems[d.Mem-imported]) {
			places[i] = remap.Removed
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
		return nil
	}
	// To bodies an applied segment is empty. One that is stands for all of them.
	empty := uint32(0)
	stay = slices.Insert(stay, 0, corewasm.Data{Mode: corewasm.SegPassive})
	for i, p := range places {
		if p != remap.Removed {
			places[i] = p + 1
		} else {
			places[i] = empty
		}
	}
	first := joined(join, limits.Datas-len(stay)-late)
	for i := range places {
		places[i] += uint32(len(first))
	}
	m.out.Data = append(first, stay...)
	for _, mp := range m.maps {
		if mp == nil {
			continue
		}
		for i, now := range mp.Datas {
			if now != remap.Removed {
				mp.Datas[i] = places[now]
			}
		}
	}
	return nil
}

// joined gives segments with the effect of those given, which are active and at constant places. There are at most most of
// them where gaps up to maxGap, of bytes that are zero, allow it.
func joined(segments []corewasm.Data, most int) []corewasm.Data {
	byPlace := sortedByPlace(segments)
	// A gap of 8 bytes takes no more room than the head of a segment.
	for gap := uint64(8); ; gap *= 4 {
		if out := joinedAcross(segments, byPlace, min(gap, maxGap)); len(out) <= most || gap >= maxGap {
			return out
		}
	}
}

func sortedByPlace(segments []corewasm.Data) []int {
	byPlace := make([]int, len(segments))
	for i := range byPlace {
		byPlace[i] = i
	}
	slices.SortStableFunc(byPlace, func(a, b int) int {
		x, y := &segments[a], &segments[b]
		return cmp.Or(cmp.Compare(x.Mem, y.Mem), cmp.Compare(place(x), place(y)))
	})
	return byPlace
}

// place is a segment's constant offset.
func place(d *corewasm.Data) uint64 {
	at, _ := constantAddress(d.Offset) // whoever joins segments has made sure of it
	return at
}

// joinedAcross joins the segments of each memory between which there are at most gap bytes. What lies between them becomes
// zero. Where segments overlap the last one's bytes are taken.
func joinedAcross(segments []corewasm.Data, byPlace []int, gap uint64) (out []corewasm.Data) {
	for len(byPlace) > 0 {
		head := segments[byPlace[0]]
		start := place(&head)
		end, n := start+uint64(len(head.Bytes)), 1
		for ; n < len(byPlace); n++ {
			d := &segments[byPlace[n]]
			if d.Mem != head.Mem || place(d) > end+gap {
				break
			}
			end = max(end, place(d)+uint64(len(d.Bytes)))
		}
		if n > 1 {
			run := slices.Sorted(slices.Values(byPlace[:n])) // a later segment overwrites an earlier one
			bytes := make([]byte, end-start)
			for _, i := range run {
				copy(bytes[place(&segments[i])-start:], segments[i].Bytes)
			}
			head.Bytes = bytes
		}
		out, byPlace = append(out, head), byPlace[n:]
	}
	return out
}
