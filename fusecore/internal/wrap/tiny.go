package wrap

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// trampolineName is the tiny module's export that calls Boundary.Reallocs[i].
func trampolineName(i int) string { return "realloc" + strconv.Itoa(i) }

// tinyModule makes the module that is instantiated before the fused one, nil when none is needed. It defines the
// memories that host functions use, with what of their contents may be there from the start, and a table that the
// fused module fills with its realloc functions. Its functions call them through the table:
//
//	(module
//	  (memory (export "memory0") 1)
//	  (table (export "table") 1 1 funcref)
//	  (func (export "realloc0") (param i32 i32 i32 i32) (result i32)
//	    (call_indirect (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0))))
func tinyModule(b *plan.Boundary, fused *merge.Fused) *corewasm.Module {
	if len(fused.Memories) == 0 && len(b.Reallocs) == 0 {
		return nil
	}
	m := &corewasm.Module{Name: "memories", Mems: fused.Memories, Data: fused.Data}
	for i := range fused.Memories {
		m.Exports = append(m.Exports, corewasm.Export{Name: plan.MemoryName(i), Kind: corewasm.ExternMem, Index: uint32(i)})
	}
	if n := uint64(len(b.Reallocs)); n > 0 {
		m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: n, Max: n, HasMax: true}}}}
		m.Exports = append(m.Exports, corewasm.Export{Name: plan.TableName, Kind: corewasm.ExternTable})
	}
	types := map[corewasm.ValType]uint32{}
	for i := range b.Reallocs {
		addr := addressType(b, fused, i)
		t, ok := types[addr]
		if !ok {
			t = uint32(len(m.Types))
			types[addr] = t
			ft := corewasm.FuncType{Params: []corewasm.ValType{addr, addr, addr, addr}, Results: []corewasm.ValType{addr}}
			m.Types = append(m.Types, corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: ft}}})
		}
		m.Exports = append(m.Exports, corewasm.Export{Name: trampolineName(i), Kind: corewasm.ExternFunc, Index: uint32(len(m.Funcs))})
		m.Funcs = append(m.Funcs, t)
		m.Code = append(m.Code, corewasm.Body{Code: trampoline(t, int32(i))})
	}
	m.Index()
	return m
}

// addressType is the type of addresses, and of all parameters of a realloc: that of the memory it allocates in
// (CanonicalABI.md, "Canonical definitions": realloc with memory64).
func addressType(b *plan.Boundary, fused *merge.Fused, realloc int) corewasm.ValType {
	for i := range b.Lowers {
		if l := &b.Lowers[i]; l.Realloc == realloc && l.Memory >= 0 && fused.Memories[l.Memory].Limits.Is64 {
			return corewasm.I64
		}
	}
	return corewasm.I32
}

// trampoline is the body of a function of four parameters and type t that calls the table's i-th function.
func trampoline(t uint32, i int32) []byte {
	const localGet, i32Const, callIndirect = 0x20, 0x41, 0x11
	var code []byte
	for p := byte(0); p < 4; p++ {
		code = append(code, localGet, p)
	}
	code = leb128.AppendS64(append(code, i32Const), int64(i))
	code = leb128.AppendU32(append(code, callIndirect), t)
	return append(code, 0, asm.End)
}
