package cabi

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// Options are the canonical options that decide a core signature.
type Options struct {
	Ptr64    bool
	Async    bool
	Callback bool // only lifted functions
}

// Tuple is the tuple of a function's parameters, as it lies in memory when there are too many to pass flat; nil when
// there are none. It is the same pointer for every call with the same function type.
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

// Params gives the core types of a function's parameters, and whether they are passed through memory instead, by one
// address.
func (ts *Types) Params(ft *ctypes.Func, ptr64 bool, limit int) (flat []corewasm.ValType, spilled bool) {
	t := ts.Tuple(ft)
	if t == nil {
		return nil, false
	}
	if l := ts.Of(t, ptr64); len(l.Flat) <= limit {
		return l.Flat, false
	}
	return []corewasm.ValType{PtrType(ptr64)}, true
}

// Results gives the core types of a function's result, and whether it is passed through memory instead (flat is then
// empty).
func (ts *Types) Results(ft *ctypes.Func, ptr64 bool) (flat []corewasm.ValType, spilled bool) {
	if ft.Result == nil {
		return nil, false
	}
	if l := ts.Of(ft.Result, ptr64); len(l.Flat) <= MaxFlatResults {
		return l.Flat, false
	}
	return nil, true
}

// Lifted is the core signature of a function that `canon lift` takes (CanonicalABI.md, flatten_functype with 'lift').
func (ts *Types) Lifted(ft *ctypes.Func, o Options) corewasm.FuncType {
	params, _ := ts.Params(ft, o.Ptr64, MaxFlatParams)
	sig := corewasm.FuncType{Params: clone(params)}
	switch results, spilled := ts.Results(ft, o.Ptr64); {
	case o.Async && o.Callback:
		sig.Results = []corewasm.ValType{corewasm.I32}
	case o.Async:
	case spilled:
		sig.Results = []corewasm.ValType{PtrType(o.Ptr64)}
	default:
		sig.Results = clone(results)
	}
	return sig
}

// Lowered is the core signature of the function that `canon lower` makes (flatten_functype with 'lower').
func (ts *Types) Lowered(ft *ctypes.Func, o Options) corewasm.FuncType {
	limit := MaxFlatParams
	if o.Async {
		limit = MaxFlatAsyncParams
	}
	params, _ := ts.Params(ft, o.Ptr64, limit)
	sig := corewasm.FuncType{Params: clone(params)}
	results, spilled := ts.Results(ft, o.Ptr64)
	if spilled || o.Async && len(results) > 0 {
		sig.Params = append(sig.Params, PtrType(o.Ptr64))
		results = nil
	}
	sig.Results = clone(results)
	if o.Async {
		sig.Results = []corewasm.ValType{corewasm.I32}
	}
	return sig
}

// clone copies, so that callers may change what they get.
func clone(ts []corewasm.ValType) []corewasm.ValType { return append([]corewasm.ValType(nil), ts...) }
