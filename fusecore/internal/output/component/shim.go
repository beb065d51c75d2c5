// This file implements the memory shim.

package component

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
)

// memoryShim returns the module that is instantiated before the fused one, or nil if none is needed. It defines the
// memories that host functions use, with the part of their content that can be there from the start, the tables from
// which threads start, and a table that the fused module fills with its realloc functions and destructors. Its functions
// call them through the table:
//
//	(module
//	  (memory (export "memory0") 1)
//	  (table (export "table") 1 1 funcref)
//	  (func (export "realloc0") (param i32 i32 i32 i32) (result i32)
//	    (call_indirect (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0))))
func (f *Form) memoryShim(fused *merge.Fused) *corewasm.Module {
	if len(fused.Memories)+len(fused.Tables)+len(f.table) == 0 {
		return nil
	}
	m := &corewasm.Module{Name: "shim", Mems: fused.Memories, Data: fused.Data}
	wide := map[string]bool{} // memories with 64-bit addresses
	for i, mem := range f.outside.Memories {
		wide[mem.Name] = fused.Memories[i].Limits.Is64
		m.Exports = append(m.Exports, corewasm.Export{Name: mem.Name, Kind: corewasm.ExternMem, Index: uint32(i)})
	}
	if n := uint64(len(f.table)); n > 0 {
		m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: n, Max: n, HasMax: true}}}}
		m.Exports = append(m.Exports, corewasm.Export{Name: tableName, Kind: corewasm.ExternTable})
	}
	for i, t := range f.outside.Guests {
		m.Exports = append(m.Exports, corewasm.Export{Name: t.Name, Kind: corewasm.ExternTable, Index: uint32(len(m.Tables))})
		m.Tables = append(m.Tables, corewasm.Table{Type: fused.Tables[i]})
	}
	for slot, c := range f.table {
		ft := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}
		if !c.memory.IsZero() { // CanonicalABI.md, "Canonical definitions": realloc with memory64
			addr := corewasm.I32
			if wide[f.memories[c.memory]] {
				addr = corewasm.I64
			}
			ft = corewasm.FuncType{Params: []corewasm.ValType{addr, addr, addr, addr}, Results: []corewasm.ValType{addr}}
		}
		t := internType(m, ft)
		m.Exports = append(m.Exports, corewasm.Export{Name: c.name, Kind: corewasm.ExternFunc, Index: uint32(len(m.Funcs))})
		m.Funcs = append(m.Funcs, t)
		m.Code = append(m.Code, corewasm.Body{Code: trampoline(len(ft.Params), t, int32(slot))})
	}
	m.Index()
	return m
}

// internType returns the index of a function type in a module whose recursion groups are all single function types.
func internType(m *corewasm.Module, ft corewasm.FuncType) uint32 {
	for i := range m.Types {
		if m.Types[i].Types[0].Func.Equal(ft) {
			return uint32(i)
		}
	}
	m.Types = append(m.Types, corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: ft}}})
	return uint32(len(m.Types) - 1)
}

// trampoline returns the body of a function of type t that forwards its parameters to a function in the table.
func trampoline(params int, t uint32, slot int32) []byte {
	var code []byte
	for p := range params {
		code = op.LocalGet.Append(code, uint32(p))
	}
	code = leb128.AppendS64(op.I32Const.Append(code), int64(slot))
	return op.End.Append(op.CallIndirect.Append(code, t, 0))
}
