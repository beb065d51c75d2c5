// Package sym maps items of a graph to the symbols that generated code uses for them.
package sym

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Of returns the symbol of a core item, or the zero symbol.
func Of(r graph.CoreRef) asm.Sym {
	switch r.Origin {
	case graph.RefDef:
		return asm.Sym{Kind: r.Kind, Origin: asm.OriginGuest, Owner: int32(r.Core), Index: r.Index}
	case graph.RefCall:
		return Call(r.Call)
	case graph.RefBuiltin:
		return Builtin(r.Builtin)
	}
	return asm.Sym{}
}

// Call returns the symbol of the function that makes a call, Builtin that of a canonical built-in, and Import that of a
// function of the outside, by its index among the functions that the fused module imports.
func Call(id graph.CallID) asm.Sym       { return function(asm.OriginCall, uint32(id)) }
func Builtin(id graph.BuiltinID) asm.Sym { return function(asm.OriginBuiltin, uint32(id)) }
func Import(i int) asm.Sym               { return function(asm.OriginHost, uint32(i)) }

func function(o asm.Origin, index uint32) asm.Sym {
	return asm.Sym{Kind: corewasm.ExternFunc, Origin: o, Index: index}
}
