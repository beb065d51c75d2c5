// This file implements the evaluation of constant expressions that read globals of other core instances.

package graph

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Number returns the value of a constant expression of a core instance, if it is a known integer. i32 is unsigned.
func (g *Graph) Number(id CoreID, x corewasm.Expr) (v uint64, ok bool) {
	if v, ok = constexpr.Number(x); ok {
		return v, true
	}
	_, in := g.behind(id, x)
	switch in.Op {
	case op.I32Const:
		return uint64(uint32(in.Value)), true
	case op.I64Const:
		return in.Value, true
	}
	return 0, false
}

// FuncValue returns the function that a constant expression of a core instance refers to, or zero if that is unknown or
// not a function.
func (g *Graph) FuncValue(id CoreID, x corewasm.Expr) CoreRef {
	id, in := g.behind(id, x)
	if in.Op != op.RefFunc {
		return CoreRef{}
	}
	return g.Func(id, in.Index)
}

// maxReads limits the length of a chain of globals that are initialised from each other.
const maxReads = 16

// behind returns the only instruction of a constant expression, and its core instance, following reads of globals,
// which are immutable (core specification, "Constant Expressions"). For any other expression it returns unreachable.
func (g *Graph) behind(id CoreID, x corewasm.Expr) (CoreID, op.Instr) {
	for range maxReads {
		r := op.NewReader(x.Bytes, x.Offset)
		if !r.Next() || r.Pos+1 != len(x.Bytes) {
			break
		}
		if r.In.Op != op.GlobalGet {
			return id, r.In
		}
		global := g.Item(id, corewasm.ExternGlobal, r.In.Index)
		id = global.Core
		m := g.Cores[id].Module
		x = m.DefinedGlobal(global.Index).Init
	}
	return id, op.Instr{Op: op.Unreachable}
}
