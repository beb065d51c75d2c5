// This file implements the translation of handles.

package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/handles"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Frame is the record of a call about handles while it runs.
type Frame = handles.Frame

// ResourceOps appends code that moves resource handles in and out of instances' tables. inst is the host for a handle
// of the host, in the form that it has in the fused module's imports and exports. Except for Frame.Local, code must not
// depend on the calling function, because translations of large types are shared between calls.
type ResourceOps interface {
	// LiftOwn removes an owning handle from the instance's table: [handle i32] -> [rep i32].
	LiftOwn(f *asm.Func, inst graph.InstID, r *ctypes.Resource)
	// LowerOwn adds an owning handle to the instance's table: [rep i32] -> [handle i32].
	LowerOwn(f *asm.Func, inst graph.InstID, r *ctypes.Resource)
	// LiftBorrow looks up an argument's handle in the caller's table and, with fr.Lends, counts it as lent until
	// CloseFrame: [handle i32] -> [rep i32].
	LiftBorrow(f *asm.Func, inst graph.InstID, r *ctypes.Resource, fr Frame)
	// LowerBorrow passes a borrowed argument to the callee: the representation for the implementing instance of r,
	// else a new handle that belongs to the call: [rep i32] -> [handle i32].
	LowerBorrow(f *asm.Func, inst graph.InstID, r *ctypes.Resource, fr Frame)

	// OpenFrame begins a call, before its arguments are translated: [] -> [i32], the value of Frame.Local.
	OpenFrame(f *asm.Func)
	// CheckReturn traps if the callee still holds borrows of the call: [] -> []. It runs when the callee has returned,
	// before the result is lowered; only with fr.Scope.
	CheckReturn(f *asm.Func, fr Frame)
	// CloseFrame ends a call and its lends, after post-return: [] -> [].
	CloseFrame(f *asm.Func, fr Frame)
}

// handle converts the source's handle on the stack to the destination's. In between it is a representation, which is
// also its form on the staging side.
func (g *gen) handle(t *ctypes.Type) {
	own := t.Kind == ctypes.Own
	switch {
	case g.src.stage:
	case own:
		g.h.LiftOwn(g.f, g.src.inst, t.Resource)
	default:
		g.h.LiftBorrow(g.f, g.src.inst, t.Resource, g.frame)
	}
	switch {
	case g.dst.stage:
	case own:
		g.h.LowerOwn(g.f, g.dst.inst, t.Resource)
	default:
		g.h.LowerBorrow(g.f, g.dst.inst, t.Resource, g.frame)
	}
}
