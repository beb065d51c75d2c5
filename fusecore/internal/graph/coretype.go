// This file implements the core types of functions.

package graph

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// CoreType returns the type of a core function. ok is false for a built-in whose type is that of core modules' types
// and tables.
func (g *Graph) CoreType(abi *cabi.Types, r CoreRef) (ft corewasm.FuncType, ok bool) {
	switch r.Origin {
	case RefDef:
		if t := g.Cores[r.Core].Module.FuncTypeOf(r.Index); t != nil {
			return *t, true
		}
	case RefCall:
		c := &g.Calls[r.Call]
		o := &c.Caller.Opts
		return abi.Lowered(g.Funcs[c.Func].Type, cabi.Options{Ptr64: o.Ptr64, Async: o.Async}), true
	case RefBuiltin:
		return g.Builtins[r.Builtin].CoreType(abi)
	}
	return ft, false
}

// CoreType returns the type of a built-in's core function. ok is false for one that takes types or tables of core
// modules.
func (b *Builtin) CoreType(abi *cabi.Types) (ft corewasm.FuncType, ok bool) {
	switch b.Op {
	case component.CanonContextGet:
		return corewasm.FuncType{Results: []corewasm.ValType{b.ValType}}, true
	case component.CanonContextSet:
		return corewasm.FuncType{Params: []corewasm.ValType{b.ValType}}, true
	case component.CanonTaskReturn:
		f := &ctypes.Func{}
		if b.Result != nil {
			f.Params = []ctypes.Field{{Type: b.Result}}
		}
		return abi.Lowered(f, cabi.Options{Ptr64: b.Opts.Ptr64}), true
	}
	return b.Op.CoreType(cabi.PtrType(b.Opts.Ptr64))
}

// UsesIndices reports whether a type refers to other types, by indices with a different meaning in other modules.
func UsesIndices(ft corewasm.FuncType) bool {
	indexed := func(t corewasm.ValType) bool { return t.IsRef() && t.Heap >= 0 }
	return slices.ContainsFunc(ft.Params, indexed) || slices.ContainsFunc(ft.Results, indexed)
}
