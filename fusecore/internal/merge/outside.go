// This file implements the imports and exports of the output.

package merge

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// Outside is the interface between the output and its surroundings, which the form of output determines.
type Outside struct {
	Funcs    []Func   // by the index of symbols of asm.OriginHost
	Memories []Memory // in their order in the output
	Tables   []Table
	Exports  []Export
}

// Func is a function that the output imports.
type Func struct {
	Module, Name string
	Type         corewasm.FuncType
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
	return nil
}

// exports appends the output's exports.
func (m *merger) exports() {
	for _, e := range m.outside.Exports {
		m.out.Exports = append(m.out.Exports, corewasm.Export{Name: e.Name, Kind: e.Sym.Kind, Index: m.Sym(e.Sym)})
	}
}
