package component

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// This file implements the fused module's imports and exports.

// Module names of the fused module's imports: the lowered functions, and the memory shim.
const (
	hostModule = "host"
	shimModule = "env"
)

// tableName is the memory shim's export of its table.
const tableName = "table"

// hostName is the import of Boundary.Lowers[i].
func hostName(i int) string { return strconv.Itoa(i) }

// memoryName is the memory shim's export of Boundary.Memories[i].
func memoryName(i int) string { return "memory" + strconv.Itoa(i) }

// Outside returns what the fused module of a decided plan imports and exports. Everything that Lifts name is exported
// once.
func Outside(g *plan.Graph) *merge.Outside {
	b, o := &g.Boundary, &merge.Outside{}
	for i := range b.Lowers {
		o.Funcs = append(o.Funcs, merge.Func{Module: hostModule, Name: hostName(i), Type: b.Lowers[i].Type})
	}
	for i, s := range b.Memories {
		o.Memories = append(o.Memories, merge.Memory{Module: shimModule, Name: memoryName(i), Sym: s})
	}
	if table := b.Table(); len(table) > 0 {
		o.Tables = []merge.Table{{Module: shimModule, Name: tableName, Funcs: table}}
	}
	seen := map[asm.Sym]bool{}
	export := func(s asm.Sym) {
		if s.IsZero() || seen[s] {
			return
		}
		seen[s] = true
		prefix := "f"
		if s.Kind == corewasm.ExternMem {
			prefix = "m"
		}
		o.Exports = append(o.Exports, merge.Export{Name: prefix + strconv.Itoa(len(o.Exports)), Sym: s})
	}
	for i := range b.Lifts {
		l := &b.Lifts[i]
		export(l.Core)
		export(l.PostReturn)
		export(l.Realloc)
		export(l.Memory)
	}
	return o
}
