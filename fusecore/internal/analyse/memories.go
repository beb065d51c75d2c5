// This file implements how often code names memories.

package analyse

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// MemoryUses counts, for each memory, the instructions of live core instances that name it. An access of memory 0 takes a
// byte less than one of any other memory (core specification, "Binary Format / Instructions": memarg), so the one that
// is named most is best put first.
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
