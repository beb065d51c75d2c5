// This file implements the memory shim.

package component

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// reallocName and dtorName return the names of the memory shim's exports that call the function with an index in the
// table.
func reallocName(slot int) string { return "realloc" + strconv.Itoa(slot) }
func dtorName(slot int) string    { return "dtor" + strconv.Itoa(slot) }

// dtorSlots returns the index of the destructor in the table, for each of Boundary.Resources.
func dtorSlots(b *plan.Boundary) []plan.Slot {
	slots := make([]plan.Slot, len(b.Resources))
	next := len(b.Reallocs)
	for i := range b.Resources {
		if b.Resources[i].Dtor {
			slots[i] = plan.At(next)
			next++
		}
	}
	return slots
}

// memoryShim makes the module that is instantiated before the fused one, nil when none is needed. It defines the
// memories that host functions use, with what of their contents may be there from the start, and a table that the
// fused module fills with its realloc functions and destructors. Its functions call them through the table:
//
//	(module
//	  (memory (export "memory0") 1)
//	  (table (export "table") 1 1 funcref)
//	  (func (export "realloc0") (param i32 i32 i32 i32) (result i32)
//	    (call_indirect (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0))))
func memoryShim(b *plan.Boundary, fused *merge.Fused) *corewasm.Module {
	table := len(b.Reallocs)
	for _, r := range b.Resources {
		if r.Dtor {
			table++
		}
	}
	if len(fused.Memories) == 0 && table == 0 {
		return nil
	}
	m := &corewasm.Module{Name: "shim", Mems: fused.Memories, Data: fused.Data}
	for i := range fused.Memories {
		m.Exports = append(m.Exports, corewasm.Export{Name: memoryName(i), Kind: corewasm.ExternMem, Index: uint32(i)})
	}
	if n := uint64(table); n > 0 {
		m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: n, Max: n, HasMax: true}}}}
		m.Exports = append(m.Exports, corewasm.Export{Name: tableName, Kind: corewasm.ExternTable})
	}
	addrs := addressTypes(b, fused)
	for slot := range table {
		name, ft := dtorName(slot), corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}
		if slot < len(b.Reallocs) {
			addr := addrs[slot]
			name = reallocName(slot)
			ft = corewasm.FuncType{Params: []corewasm.ValType{addr, addr, addr, addr}, Results: []corewasm.ValType{addr}}
		}
		t := internType(m, ft)
		m.Exports = append(m.Exports, corewasm.Export{Name: name, Kind: corewasm.ExternFunc, Index: uint32(len(m.Funcs))})
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

// addressTypes returns, for each of Boundary.Reallocs, the type of addresses and thus of all its parameters: that of
// the memory in which it allocates (CanonicalABI.md, "Canonical definitions": realloc with memory64).
func addressTypes(b *plan.Boundary, fused *merge.Fused) []corewasm.ValType {
	out := make([]corewasm.ValType, len(b.Reallocs))
	for i := range out {
		out[i] = corewasm.I32
	}
	for i := range b.Lowers {
		if l := &b.Lowers[i]; l.Realloc.Ok() && l.Memory.Ok() && fused.Memories[l.Memory.Index()].Limits.Is64 {
			out[l.Realloc.Index()] = corewasm.I64
		}
	}
	return out
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
