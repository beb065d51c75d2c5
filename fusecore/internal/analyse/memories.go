// This file implements the counting of memory accesses.

package analyse

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// MemoryUses counts, for each memory, the instructions of live core instances that use it. An access to memory 0 is a
// byte shorter than one to any other memory (core specification, "Binary Format / Instructions": memarg), so the memory
// with the most uses should come first.
func (l *Live) MemoryUses() map[graph.CoreRef]uint64 {
	uses := map[graph.CoreRef]uint64{}
	counted := map[*corewasm.Module][]uint32{}
	for id, ci := range l.Cores() {
		if ci.Module.Count(corewasm.ExternMem) == 0 {
			continue
		}
		if counted[ci.Module] == nil {
			counted[ci.Module] = scan.MemUses(ci.Module)
		}
		for i, n := range counted[ci.Module] {
			uses[l.g.Item(id, corewasm.ExternMem, uint32(i))] += uint64(n)
		}
	}
	return uses
}
