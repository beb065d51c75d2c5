package component

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
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

// hostName returns the import name of Boundary.Lowers[i].
func hostName(i int) string { return strconv.Itoa(i) }

// memoryName returns the memory shim's export name of Boundary.Memories[i].
func memoryName(i int) string { return "memory" + strconv.Itoa(i) }

// Outside returns the imports and exports of the fused module of a plan. Every item in Lifts is exported once.
func Outside(p *plan.Plan, code *emit.Code) *merge.Outside {
	o := &merge.Outside{}
	for i := range p.Boundary.Lowers {
		o.Funcs = append(o.Funcs, merge.Func{Module: hostModule, Name: hostName(i), Type: p.Boundary.Lowers[i].Type})
	}
	for i, s := range code.Memories {
		o.Memories = append(o.Memories, merge.Memory{Module: shimModule, Name: memoryName(i), Sym: s})
	}
	if len(code.Table) > 0 {
		o.Tables = []merge.Table{{Module: shimModule, Name: tableName, Funcs: code.Table}}
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
	for _, l := range code.Lifts {
		export(l.Core)
		export(l.PostReturn)
		export(l.Realloc)
		export(l.Memory)
	}
	return o
}
