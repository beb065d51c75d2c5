// This file implements core signatures.

package cabi

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// Options are the canonical options that affect core signatures.
type Options struct {
	Ptr64    bool
	Async    bool
	Callback bool // only for lifted functions
}

// Lifted returns the core signature that `canon lift` requires (CanonicalABI.md, flatten_functype with 'lift'). params
// is the layout of the tuple of all parameters; it and the result may be nil.
func (o Options) Lifted(params, result *Layout) (sig corewasm.FuncType) {
	sig.Params, _ = o.params(params, MaxFlatParams)
	results, spilled := o.results(result)
	switch {
	case o.Async && o.Callback:
		sig.Results = []corewasm.ValType{corewasm.I32}
	case o.Async:
	case spilled:
		sig.Results = []corewasm.ValType{PtrType(o.Ptr64)}
	default:
		sig.Results = slices.Clone(results)
	}
	return sig
}

// Lowered returns the core signature that `canon lower` defines (flatten_functype with 'lower'); see Lifted.
func (o Options) Lowered(params, result *Layout) (sig corewasm.FuncType) {
	sig.Params, _ = o.params(params, o.MaxLoweredParams())
	results, spilled := o.results(result)
	if spilled || o.Async && len(results) > 0 {
		sig.Params = append(sig.Params, PtrType(o.Ptr64))
		results = nil
	}
	sig.Results = slices.Clone(results)
	if o.Async {
		sig.Results = []corewasm.ValType{corewasm.I32}
	}
	return sig
}

// MaxLoweredParams returns the maximum number of core values that a lowered function takes flat.
func (o Options) MaxLoweredParams() int {
	if o.Async {
		return MaxFlatAsyncParams
	}
	return MaxFlatParams
}

// params returns the core types of parameters. If spilled is set, they are passed in memory, by one address.
func (o Options) params(l *Layout, limit int) (flat []corewasm.ValType, spilled bool) {
	switch {
	case l == nil:
		return nil, false
	case len(l.Flat) <= limit:
		return slices.Clone(l.Flat), false
	}
	return []corewasm.ValType{PtrType(o.Ptr64)}, true
}

// results returns the core types of a result. If spilled is set, it is passed in memory, and flat is empty.
func (o Options) results(l *Layout) (flat []corewasm.ValType, spilled bool) {
	switch {
	case l == nil:
		return nil, false
	case len(l.Flat) <= MaxFlatResults:
		return l.Flat, false
	}
	return nil, true
}

// Tuple returns the tuple of a function's parameters, which is their layout in memory if there are too many to pass
// flat, or nil if there are none. It is the same pointer for every call with the same function type.
func (ts *Types) Tuple(ft *ctypes.Func) *ctypes.Type {
	if len(ft.Params) == 0 {
		return nil
	}
	if t, ok := ts.tuples[ft]; ok {
		return t
	}
	t := &ctypes.Type{Kind: ctypes.Tuple, Types: make([]*ctypes.Type, len(ft.Params))}
	for i, p := range ft.Params {
		t.Types[i] = p.Type
	}
	ts.tuples[ft] = t
	return t
}

// Sides returns the layouts of a function's parameters and of its result, or nil.
func (ts *Types) Sides(ft *ctypes.Func, ptr64 bool) (params, result *Layout) {
	if t := ts.Tuple(ft); t != nil {
		params = ts.Of(t, ptr64)
	}
	if ft.Result != nil {
		result = ts.Of(ft.Result, ptr64)
	}
	return params, result
}

// Params returns the core types of a function's parameters. If spilled is set, they are passed in memory, by one
// address.
func (ts *Types) Params(ft *ctypes.Func, ptr64 bool, limit int) (flat []corewasm.ValType, spilled bool) {
	params, _ := ts.Sides(ft, ptr64)
	return Options{Ptr64: ptr64}.params(params, limit)
}

// Results returns the core types of a function's result. If spilled is set, it is passed in memory, and flat is empty.
func (ts *Types) Results(ft *ctypes.Func, ptr64 bool) (flat []corewasm.ValType, spilled bool) {
	_, result := ts.Sides(ft, ptr64)
	return Options{Ptr64: ptr64}.results(result)
}

// Lifted returns [Options.Lifted] for a function type.
func (ts *Types) Lifted(ft *ctypes.Func, o Options) corewasm.FuncType {
	return o.Lifted(ts.Sides(ft, o.Ptr64))
}

// Lowered returns [Options.Lowered] for a function type.
func (ts *Types) Lowered(ft *ctypes.Func, o Options) corewasm.FuncType {
	return o.Lowered(ts.Sides(ft, o.Ptr64))
}
