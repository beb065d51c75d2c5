// Package coretest has what tests of core modules share: every opcode, and constant expressions that name an item.
package coretest

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Ops returns every opcode in use, in ascending order.
func Ops() []op.Op {
	var all []op.Op
	for _, prefix := range []byte{0, op.PrefixGC, op.PrefixMisc, op.PrefixSIMD, op.PrefixAtomic} {
		for sub := range op.Op(0x200) { // the greatest sub-opcode is 0x113
			if o := op.Op(prefix)<<16 | sub; o.Get() != nil {
				all = append(all, o)
			}
		}
	}
	return all
}

// GlobalGet returns the expression global.get.
func GlobalGet(g uint32) corewasm.Expr { return expr(op.GlobalGet, g) }

// RefFunc returns the expression ref.func.
func RefFunc(f uint32) corewasm.Expr { return expr(op.RefFunc, f) }

func expr(o op.Op, index uint32) corewasm.Expr {
	return corewasm.Expr{Bytes: op.End.Append(o.Append(nil, index)), Offset: -1}
}
