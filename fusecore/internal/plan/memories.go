package plan

import (
	"cmp"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// memories decides the order of memories. An access of memory 0 takes a byte less than one of any other memory (core
// specification, "Binary Format / Instructions": memarg), so the memory that most instructions of the guests' code name
// comes first, among those that the fused module imports and then among those that it defines. Memories with as many
// uses keep their order.
func (d *decider) memories() {
	b := &d.g.Boundary
	imported := map[asm.Sym]bool{}
	for _, s := range b.Memories {
		imported[s] = true
	}
	for id := range d.g.Cores {
		ci := &d.g.Cores[id]
		if ci.Dropped {
			continue
		}
		for i := ci.Module.NumImported(corewasm.ExternMem); i < ci.Module.Count(corewasm.ExternMem); i++ {
			if s := ci.item(corewasm.ExternMem, CoreID(id), i).Sym(); !imported[s] {
				d.g.Memories = append(d.g.Memories, s)
			}
		}
	}
	if len(b.Memories)+len(d.g.Memories) < 2 {
		return
	}
	uses := memoryUses(d.g)
	sorted := slices.Clone(b.Memories)
	for _, list := range [][]asm.Sym{sorted, d.g.Memories} {
		slices.SortStableFunc(list, func(a, b asm.Sym) int { return cmp.Compare(uses[b], uses[a]) })
	}
	now := map[asm.Sym]int{}
	for i, s := range sorted {
		now[s] = i
	}
	for i := range b.Lowers {
		if l := &b.Lowers[i]; l.Memory >= 0 {
			l.Memory = now[b.Memories[l.Memory]]
		}
	}
	b.Memories = sorted
}

// memoryUses counts, for each memory, the instructions of live guests that name it.
func memoryUses(g *Graph) map[asm.Sym]uint64 {
	uses := map[asm.Sym]uint64{}
	counted := map[*corewasm.Module][]uint32{}
	for id := range g.Cores {
		ci := &g.Cores[id]
		if ci.Dropped || ci.Module.Count(corewasm.ExternMem) == 0 {
			continue
		}
		if counted[ci.Module] == nil {
			counted[ci.Module] = scan.MemUses(ci.Module)
		}
		for i, n := range counted[ci.Module] {
			uses[ci.item(corewasm.ExternMem, CoreID(id), uint32(i)).Sym()] += uint64(n)
		}
	}
	return uses
}
