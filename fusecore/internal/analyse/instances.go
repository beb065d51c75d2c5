// This file implements properties of single component instances.

package analyse

import (
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Throwing returns the component instances whose own code can throw an exception, because they have a tag. Exceptions
// of other instances end at their own boundaries.
func Throwing(l *Live) map[graph.InstID]bool {
	out := map[graph.InstID]bool{}
	for _, ci := range l.Cores() {
		if ci.Module.Count(corewasm.ExternTag) > 0 {
			out[ci.Owner] = true
		}
	}
	return out
}

// ContextSlot is a slot of context-local storage that an instance uses (CanonicalABI.md, canon context.get).
type ContextSlot struct {
	Slot uint32
	Type corewasm.ValType
}

// Contexts returns the context slots that each component instance uses, by number.
func Contexts(l *Live) map[graph.InstID][]ContextSlot {
	used := map[graph.InstID]map[uint32]corewasm.ValType{}
	for _, b := range l.Builtins() {
		if b.Op != component.CanonContextGet && b.Op != component.CanonContextSet {
			continue
		}
		if used[b.Inst] == nil {
			used[b.Inst] = map[uint32]corewasm.ValType{}
		}
		used[b.Inst][b.Slot] = b.ValType
	}
	out := map[graph.InstID][]ContextSlot{}
	for inst, slots := range used {
		for _, n := range slices.Sorted(maps.Keys(slots)) {
			out[inst] = append(out[inst], ContextSlot{n, slots[n]})
		}
	}
	return out
}
