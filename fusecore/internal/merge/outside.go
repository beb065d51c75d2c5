// This file implements the imports and exports of the output.

package merge

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Outside is the interface between the output and its surroundings, which the form of output determines.
type Outside struct {
	Funcs    []Func       // by the index of symbols of asm.OriginHost
	Memories []Memory     // in their order in the output
	Tables   []Table      // at most one
	Guests   []GuestTable // after Tables
	Exports  []Export
	// Open are memories and tables, among those that the output imports, which are used whatever the output does.
	Open []asm.Sym
	// First is the first of the memories that the output defines, or zero if any may be.
	First asm.Sym
	// Initialize exports the start function, which the output then does not have.
	Initialize *Initialize
}

// Initialize is the name of a function that takes the place of the start function, and generated functions that it calls
// before and after everything else.
type Initialize struct {
	Name          string
	Before, After asm.Sym
}

// Func is a function that the output imports.
type Func struct {
	Module, Name string
	Type         corewasm.FuncType
	// Needs are items that its definition names.
	Needs []asm.Sym
}

// Memory is a memory of a core instance, or a generated one, that must exist before the output, which imports it.
type Memory struct {
	Module, Name string
	Sym          asm.Sym
}

// Table is a table of functions that the output imports and fills, for calls by items that exist before it. It has as
// many elements as there are functions.
type Table struct {
	Module, Name string
	Funcs        []asm.Sym
	// By has, for each of Funcs, the functions of Outside that need it, or nil if it is needed in any case.
	By [][]uint32
}

// GuestTable is a table of a core instance that must exist before the output, which imports it. It can be null at first.
type GuestTable struct {
	Module, Name string
	Sym          asm.Sym
}

// Export is an item that the output exports.
type Export struct {
	Name string
	Sym  asm.Sym
}

// imports appends the output's imports.
func (m *merger) imports() error {
	add := func(im corewasm.Import) {
		m.out.Imports = append(m.out.Imports, im)
		m.imported[im.Kind]++
	}
	for _, f := range m.outside.Funcs {
		add(corewasm.Import{Module: f.Module, Name: f.Name, Kind: corewasm.ExternFunc, Func: m.FuncType(f.Type)})
	}
	for _, mem := range m.outside.Memories {
		t, err := m.memType(mem.Sym)
		if err != nil {
			return err
		}
		m.memIndex[mem.Sym] = m.imported[corewasm.ExternMem]
		m.fused.Memories = append(m.fused.Memories, t)
		add(corewasm.Import{Module: mem.Module, Name: mem.Name, Kind: corewasm.ExternMem, Mem: t})
	}
	for _, t := range m.outside.Tables {
		n := uint64(len(t.Funcs))
		add(corewasm.Import{Module: t.Module, Name: t.Name, Kind: corewasm.ExternTable,
			Table: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: n, Max: n, HasMax: true}}})
	}
	for _, t := range m.outside.Guests {
		typ, ok := m.g.Cores[t.Sym.Owner].Module.TableTypeOf(t.Sym.Index)
		if !ok {
			return &diag.Internal{Msg: fmt.Sprintf("table %d of %s does not exist", t.Sym.Index, m.g.Cores[t.Sym.Owner].Path)}
		}
		typ, err := m.edits[t.Sym.Owner].TableType(typ)
		if err != nil {
			return m.in(graph.CoreID(t.Sym.Owner), err)
		}
		m.tableIndex[t.Sym] = m.imported[corewasm.ExternTable]
		m.fused.Tables = append(m.fused.Tables, typ)
		add(corewasm.Import{Module: t.Module, Name: t.Name, Kind: corewasm.ExternTable, Table: typ})
	}
	return nil
}

// uses describes what the surroundings use of the output and of its imports.
func (m *merger) uses() draft.Outside {
	item := func(s asm.Sym) draft.Item { return draft.Item{Space: op.Space(s.Kind), Index: m.Sym(s)} }
	out := draft.Outside{Needs: map[uint32][]draft.Item{}, Alone: true}
	for i := range m.outside.Funcs {
		for _, s := range m.outside.Funcs[i].Needs {
			out.Needs[uint32(i)] = append(out.Needs[uint32(i)], item(s))
		}
	}
	for _, s := range m.outside.Open {
		out.Open = append(out.Open, item(s))
	}
	for i := range m.out.Elems {
		if e := &m.out.Elems[i]; e.Mode == corewasm.SegActive && int(e.Table) < len(m.outside.Tables) {
			out.Calls = &draft.Calls{Table: e.Table, Segment: uint32(i), By: m.outside.Tables[e.Table].By}
		}
	}
	return out
}

// exports appends the output's exports.
func (m *merger) exports() {
	for _, e := range m.outside.Exports {
		m.out.Exports = append(m.out.Exports, corewasm.Export{Name: e.Name, Kind: e.Sym.Kind, Index: m.Sym(e.Sym)})
	}
}
