// This file implements the output's index spaces: the index of every item, and the mapping of symbols and of the core
// instances' own indices to them.

package merge

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// layout assigns indices to the output's items: imports, then the definitions of the core instances in order, then
// generated items. Of the core instances' memories, the one that the most instructions use comes first.
func (m *merger) layout() error {
	if err := m.imports(); err != nil {
		return err
	}
	next := m.imported
	m.first = make([][corewasm.NumExterns]uint32, len(m.g.Cores))
	for id, ci := range m.live.Cores() {
		mod := ci.Module
		m.first[id] = next
		for k := range next {
			if kind := corewasm.ExternKind(k); kind != corewasm.ExternMem {
				next[k] += mod.Count(kind) - mod.NumImported(kind)
			}
		}
		next[corewasm.ExternTable] -= m.tablesMoved(id, mod.Count(corewasm.ExternTable))
	}
	m.defineMemories()
	for _, s := range m.memories {
		m.memIndex[s] = next[corewasm.ExternMem]
		next[corewasm.ExternMem]++
	}
	m.synth = next
	m.startFn = next[corewasm.ExternFunc] + uint32(len(m.u.Funcs))
	return nil
}

// tablesMoved counts the tables of a core instance, up to an index, that the output imports.
func (m *merger) tablesMoved(id graph.CoreID, end uint32) (n uint32) {
	for s := range m.tableIndex {
		if s.Owner == int32(id) && s.Index < end {
			n++
		}
	}
	return n
}

// defineMemories lists the memories that the output does not import.
func (m *merger) defineMemories() {
	defined := func(s asm.Sym) bool {
		_, imported := m.memIndex[s]
		return !imported
	}
	var guests []graph.CoreRef
	for id, ci := range m.live.Cores() {
		for i := ci.Module.NumImported(corewasm.ExternMem); i < ci.Module.Count(corewasm.ExternMem); i++ {
			if r := m.g.Item(id, corewasm.ExternMem, i); defined(sym.Of(r)) {
				guests = append(guests, r)
			}
		}
	}
	if len(guests) > 1 {
		uses := m.live.MemoryUses()
		slices.SortStableFunc(guests, func(a, b graph.CoreRef) int { return cmp.Compare(uses[b], uses[a]) })
	}
	for _, r := range guests {
		m.memories = append(m.memories, sym.Of(r))
	}
	for i := range m.u.Mems {
		if s := (asm.Sym{Kind: corewasm.ExternMem, Origin: asm.OriginSynth, Index: uint32(i)}); defined(s) {
			m.memories = append(m.memories, s)
		}
	}
}

func (m *merger) memType(s asm.Sym) (corewasm.MemType, error) {
	if s.Origin == asm.OriginSynth {
		return m.u.Mems[s.Index].Type, nil
	}
	t, ok := m.g.Cores[s.Owner].Module.MemTypeOf(s.Index)
	if !ok {
		return t, &diag.Internal{Msg: fmt.Sprintf("memory %d of %s does not exist", s.Index, m.g.Cores[s.Owner].Path)}
	}
	return t, nil
}

// Sym implements asm.Resolver.
func (m *merger) Sym(s asm.Sym) uint32 {
	if s.Kind == corewasm.ExternMem {
		return m.memIndex[s]
	}
	moved := uint32(0)
	if s.Kind == corewasm.ExternTable && m.tableIndex != nil {
		if i, ok := m.tableIndex[s]; ok {
			return i
		}
		moved = m.tablesMoved(graph.CoreID(s.Owner), s.Index)
	}
	switch s.Origin {
	case asm.OriginGuest:
		return m.first[s.Owner][s.Kind] + s.Index - m.g.Cores[s.Owner].Module.NumImported(s.Kind) - moved
	case asm.OriginCall, asm.OriginBuiltin:
		return m.Sym(m.u.Provided[s])
	case asm.OriginHost:
		return s.Index
	default:
		return m.synth[s.Kind] + s.Index
	}
}

// FuncType implements asm.Resolver.
func (m *merger) FuncType(t corewasm.FuncType) uint32 {
	n, _ := m.types.Func(t)
	return n
}

// mapIndices fills the core instances' index maps for functions, tables, memories, globals and tags.
func (m *merger) mapIndices() {
	for id, ed := range m.edits {
		if ed == nil {
			continue
		}
		for kind := range corewasm.ExternKind(corewasm.NumExterns) {
			space := make([]uint32, m.g.Cores[id].Module.Count(kind))
			for i := range space {
				space[i] = m.Sym(sym.Of(m.g.Item(graph.CoreID(id), kind, uint32(i))))
			}
			ed.Maps[kind] = space
		}
	}
}
