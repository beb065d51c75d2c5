// This file implements the uses of memories and tables.

package analyse

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// MemoryUses counts, for each memory, the instructions of live core instances that use it. An access to memory 0 is a
// byte shorter than one to any other memory (core specification, "Binary Format / Instructions": memarg), so the memory
// with the most uses should come first.
func (l *Live) MemoryUses() map[graph.CoreRef]uint64 {
	uses := map[graph.CoreRef]uint64{}
	l.countUses(corewasm.ExternMem, func(r *corewasm.Refs) []uint32 { return r.Mems }, uses)
	return uses
}

func (l *Live) countUses(kind corewasm.ExternKind, of func(*corewasm.Refs) []uint32, uses map[graph.CoreRef]uint64) {
	for id, ci := range l.Cores() {
		if ci.Module.Count(kind) == 0 {
			continue
		}
		refs, err := scan.Refs(context.Background(), ci.Module)
		if err != nil {
			continue // merging reports it
		}
		for i, n := range of(refs) {
			uses[l.g.Item(id, kind, uint32(i))] += uint64(n)
		}
	}
}

// Table is a table of a live core instance.
type Table struct {
	Ref   graph.CoreRef
	Items uint64 // of the active segments that fill it
}

// Tables lists the tables that live core instances use, in the order of their definitions: those that an instruction or a
// built-in names, and those that an active segment writes to. Nothing can be observed of any other one. Tools give every
// module a table, of which many are without use.
func (l *Live) Tables() (out []Table) {
	used, items := map[graph.CoreRef]uint64{}, map[graph.CoreRef]uint64{}
	l.countUses(corewasm.ExternTable, func(r *corewasm.Refs) []uint32 { return r.Tables }, used)
	for _, b := range l.Builtins() {
		used[b.Table]++
	}
	for id, ci := range l.Cores() {
		for i := range ci.Module.Elems {
			if e := &ci.Module.Elems[i]; e.Mode == corewasm.SegActive {
				ref := l.g.Item(id, corewasm.ExternTable, e.Table)
				used[ref]++
				items[ref] += uint64(e.Len())
			}
		}
	}
	for id, ci := range l.Cores() {
		m := ci.Module
		for i := m.NumImported(corewasm.ExternTable); i < m.Count(corewasm.ExternTable); i++ {
			if ref := l.g.Item(id, corewasm.ExternTable, i); used[ref] > 0 {
				out = append(out, Table{ref, items[ref]})
			}
		}
	}
	return out
}
