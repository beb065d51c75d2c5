// This file implements the modules that are instantiated before the fused one.

package component

import (
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/typing"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
)

// hold instantiates the holders, modules that define what the fused module imports, except functions of the host. Each
// exports one memory, one table, or one of each. Memories have the part of their content that can be there from the start:
// engines map data where the memory is defined, and copy it where it is imported.
//
//	(module $memory-of-guest
//	  (memory (export "memory") 1)
//	  (data (i32.const 16) "..."))
//
// What the fused module does not import has no holder.
func (w *wrapper) hold(fused *merge.Fused) error {
	data, counts := make([][]corewasm.Data, len(fused.Memories)), make([]int, len(fused.Memories))
	for i := range fused.Data {
		counts[fused.Data[i].Mem]++
	}
	for i, n := range counts {
		data[i] = make([]corewasm.Data, 0, n)
	}
	for _, d := range fused.Data {
		to := d.Mem
		d.Mem = 0
		data[to] = append(data[to], d)
	}
	calls := len(w.outside.Tables)
	for i := range max(len(w.outside.Memories), calls+len(w.outside.Guests)) {
		m := &corewasm.Module{}
		var names []string
		if at := slices.Index(fused.Stay.Memories, i); at >= 0 {
			m.Mems, m.Data, m.LateData = []corewasm.MemType{fused.Memories[at]}, data[at], fused.LateData[uint32(at)]
			m.Exports = append(m.Exports, corewasm.Export{Name: memoryName, Kind: corewasm.ExternMem})
			names = append(names, w.ownerOf(w.outside.Memories[i].Sym))
		}
		if i < calls {
			if len(fused.Stay.Calls) > 0 {
				w.calls(m, fused)
				names = append(names, "calls")
			}
		} else if at := slices.Index(fused.Stay.Guests, i-calls); at >= 0 {
			if err := table(m, fused.Module, fused.Tables[at]); err != nil {
				return err
			}
			names = append(names, w.ownerOf(w.outside.Guests[i-calls].Sym))
		}
		if len(names) == 0 {
			continue
		}
		m.Name = strings.Join(names, ", ")
		m.Index()
		w.holders[i] = w.world.Add(&component.CoreInstance{Module: w.module(m)})
	}
	return nil
}

// table adds a table to a holder. Its type is one in the fused module.
func table(m, fused *corewasm.Module, t corewasm.TableType) error {
	types, elem, err := typing.Closure(fused, t.Elem)
	t.Elem = elem
	m.Tables = []corewasm.Table{{Type: t}}
	m.Exports = append(m.Exports, corewasm.Export{Name: tableName, Kind: corewasm.ExternTable})
	if err != nil {
		return err
	}
	return decode.Types(m, types)
}

// ownerOf names a memory or table by the core instance that defines it, or by what it is for.
func (f *Form) ownerOf(s asm.Sym) string {
	if s.Origin == asm.OriginSynth {
		return f.code.Mems[s.Index].Name
	}
	ci := &f.p.Graph.Cores[s.Owner]
	name := s.Kind.String() + " of " + ci.Path
	if n := ci.Module.Count(s.Kind) - ci.Module.NumImported(s.Kind); n > 1 {
		name += " " + strconv.Itoa(int(s.Index))
	}
	return name
}

// calls adds to a holder a table, which the fused module fills with its realloc functions and destructors, and functions
// that call through it:
//
//	(module
//	  (table (export "table") 1 1 funcref)
//	  (func (export "realloc0") (param i32 i32 i32 i32) (result i32)
//	    (call_indirect (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0))))
func (f *Form) calls(m *corewasm.Module, fused *merge.Fused) {
	n := uint64(len(fused.Stay.Calls))
	m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: n, Max: n, HasMax: true}}}}
	m.Exports = append(m.Exports, corewasm.Export{Name: tableName, Kind: corewasm.ExternTable})
	for slot, of := range fused.Stay.Calls {
		c := f.table[of]
		ft := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}
		if !c.memory.IsZero() { // CanonicalABI.md, "Canonical definitions": realloc with memory64
			addr := corewasm.I32
			if at := slices.Index(fused.Stay.Memories, f.held[c.memory]); fused.Memories[at].Limits.Is64 {
				addr = corewasm.I64
			}
			ft = corewasm.FuncType{Params: []corewasm.ValType{addr, addr, addr, addr}, Results: []corewasm.ValType{addr}}
		}
		t := internType(m, ft)
		m.Exports = append(m.Exports, corewasm.Export{Name: c.name, Kind: corewasm.ExternFunc, Index: uint32(len(m.Funcs))})
		m.Funcs = append(m.Funcs, t)
		m.Code = append(m.Code, corewasm.Body{Code: trampoline(len(ft.Params), t, int32(slot))})
	}
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
