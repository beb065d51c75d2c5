package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// number gives the value of a constant expression of a core instance, where it is an integer.
func (g *Graph) number(id CoreID, x corewasm.Expr) (uint64, bool) {
	_, in := g.behind(id, x)
	switch in.Op {
	case op.I32Const:
		return uint64(uint32(in.Value)), true
	case op.I64Const:
		return in.Value, true
	}
	return 0, false
}

// maxReads bounds how many globals are followed that each have the initial value of the next one.
const maxReads = 16

// behind gives the only instruction of a constant expression before its end, and its core instance, followed through the
// globals that it reads, which are immutable (core specification, "Constant Expressions"). Of any other expression it gives
// no instruction.
func (g *Graph) behind(id CoreID, x corewasm.Expr) (CoreID, op.Instr) {
	for range maxReads {
		r := op.NewReader(x.Bytes, x.Offset)
		if !r.Next() || r.Pos+1 != len(x.Bytes) {
			break
		}
		if r.In.Op != op.GlobalGet {
			return id, r.In
		}
		global := g.Cores[id].item(corewasm.ExternGlobal, id, r.In.Index)
		id = global.Core
		m := g.Cores[id].Module
		x = m.DefinedGlobal(global.Index).Init
	}
	return id, op.Instr{Op: op.Unreachable}
}
