package plan

import (
	"cmp"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// This file implements the order of memories.

// memories decides the order of memories. An access of memory 0 takes a byte less than one of any other memory (core
// specification, "Binary Format / Instructions": memarg), so the memory that most instructions of the guests' code name
// comes first, among those that the fused module imports and then among those that it defines. Memories with as many
// uses keep their order.
func (d *decider) memories() {
	b := &d.Boundary
	imported := map[Memory]bool{}
	for _, m := range b.Memories {
		imported[m] = true
	}
	for id, ci := range d.Live.Cores() {
		for i := ci.Module.NumImported(corewasm.ExternMem); i < ci.Module.Count(corewasm.ExternMem); i++ {
			if m := memoryOf(d.g.Item(id, corewasm.ExternMem, i)); !imported[m] {
				d.Memories = append(d.Memories, m)
			}
		}
	}
	if len(b.Memories)+len(d.Memories) < 2 {
		return
	}
	uses := d.memoryUses()
	sorted := slices.Clone(b.Memories)
	for _, list := range [][]Memory{sorted, d.Memories} {
		slices.SortStableFunc(list, func(a, b Memory) int { return cmp.Compare(uses[b], uses[a]) })
	}
	now := map[Memory]int{}
	for i, m := range sorted {
		now[m] = i
	}
	for i := range b.Lowers {
		if l := &b.Lowers[i]; l.Memory.Ok() {
			l.Memory = At(now[b.Memories[l.Memory.Index()]])
		}
	}
	b.Memories = sorted
}

// memoryUses counts, for each memory, the instructions of live guests that name it.
func (d *decider) memoryUses() map[Memory]uint64 {
	uses := map[Memory]uint64{}
	counted := map[*corewasm.Module][]uint32{}
	for id, ci := range d.Live.Cores() {
		if ci.Module.Count(corewasm.ExternMem) == 0 {
			continue
		}
		if counted[ci.Module] == nil {
			counted[ci.Module] = scan.MemUses(ci.Module)
		}
		for i, n := range counted[ci.Module] {
			uses[memoryOf(d.g.Item(id, corewasm.ExternMem, uint32(i)))] += uint64(n)
		}
	}
	return uses
}
