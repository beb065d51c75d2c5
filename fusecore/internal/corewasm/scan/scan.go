// Package scan lists what function bodies and constant expressions use: the edges of the call graph and of the reference
// graph between the items of a module.
//
//	(func (call $f) (i32.load $m) (global.set $g) (i32.store $m))    calls $f, writes $g, uses $m twice
package scan

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Expr returns the functions that a constant expression refers to, in ascending order.
func Expr(e corewasm.Expr) ([]uint32, error) {
	var funcs []uint32
	r := op.NewReader(e.Bytes, e.Offset)
	for r.Next() {
		if r.In.Op == op.RefFunc {
			funcs = append(funcs, r.In.Index)
		}
	}
	if r.Err != nil {
		return nil, r.Err
	}
	slices.Sort(funcs)
	return slices.Compact(funcs), nil
}
