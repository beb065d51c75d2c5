// This file implements the output's index spaces: the index of every item, and the mapping of symbols and of the core
// instances' own indices to them.

package merge

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// layout assigns indices to the output's items: imports, then the definitions of the core instances in order, then
// generated items. Memories are in the order of Memories, after Outside.First, and tables without use are omitted.
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
			if kind := corewasm.ExternKind(k); kind != corewasm.ExternMem && kind != corewasm.ExternTable {
				next[k] += mod.Count(kind) - mod.NumImported(kind)
			}
		}
	}
	define := func(s asm.Sym, index map[asm.Sym]uint32) (defined bool) {
		if _, imported := index[s]; imported {
			return false
		}
		index[s] = next[s.Kind]
		next[s.Kind]++
		return true
	}
	memories := Memories(m.g, m.live, m.u)
	if first := m.outside.First; !first.IsZero() {
		memories = append([]asm.Sym{first}, memories...)
	}
	for _, s := range memories {
		if define(s, m.memIndex) {
			m.memories = append(m.memories, s)
		}
	}
	for _, t := range m.live.Tables() {
		define(sym.Of(t.Ref), m.tableIndex)
	}
	m.synth = next
	m.startFn = next[corewasm.ExternFunc] + uint32(len(m.u.Funcs))
	return nil
}

// Memories lists the memories of live core instances, starting with the one that the most instructions use, and then the
// generated ones.
func Memories(g *graph.Graph, live *analyse.Live, u *asm.Unit) (out []asm.Sym) {
	var guests []graph.CoreRef
	for id, ci := range live.Cores() {
		for i := ci.Module.NumImported(corewasm.ExternMem); i < ci.Module.Count(corewasm.ExternMem); i++ {
			guests = append(guests, g.Item(id, corewasm.ExternMem, i))
		}
	}
	if len(guests) > 1 {
		uses := live.MemoryUses()
		slices.SortStableFunc(guests, func(a, b graph.CoreRef) int { return cmp.Compare(uses[b], uses[a]) })
	}
	for _, r := range guests {
		out = append(out, sym.Of(r))
	}
	for i := range u.Mems {
		out = append(out, asm.Sym{Kind: corewasm.ExternMem, Origin: asm.OriginSynth, Index: uint32(i)})
	}
	return out
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
	switch s.Kind {
	case corewasm.ExternMem:
		return m.memIndex[s]
	case corewasm.ExternTable:
		if i, used := m.tableIndex[s]; used {
			return i
		}
		return edit.Removed
	}
	switch s.Origin {
	case asm.OriginGuest:
		return m.first[s.Owner][s.Kind] + s.Index - m.g.Cores[s.Owner].Module.NumImported(s.Kind)
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
