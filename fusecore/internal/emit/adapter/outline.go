// This file implements the outlining of translations.

package adapter

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// outlineBudget is the size in bytes from which a function calls shared functions for the remaining compound types.
// Types can double in size with every definition; with the budget, code only grows with the number of definitions.
const outlineBudget = 4 << 10

// translate appends code that lifts a value of type t from src and lowers it to dst.
func (g *gen) translate(t *ctypes.Type, src, dst operand) {
	if g.f.Size() > g.budget && len(g.types.Of(t, false).Parts) > 0 && t.Kind != ctypes.Enum {
		g.outline(t, src, dst)
		return
	}
	g.inline(t, src, dst)
}

func (g *gen) inline(t *ctypes.Type, src, dst operand) {
	switch t.Kind {
	case ctypes.Record, ctypes.Tuple:
		g.record(t, src, dst)
	case ctypes.Variant, ctypes.Enum, ctypes.Option, ctypes.Result:
		g.variant(t, src, dst)
	case ctypes.FixedList:
		g.fixedList(t, src, dst)
	case ctypes.List, ctypes.Map:
		g.list(t, src, dst)
	case ctypes.String:
		g.str(src, dst)
	default:
		g.scalar(t, src, dst)
	}
}

// translation is the key of an outlined function.
type translation struct {
	t              *ctypes.Type
	src, dst       side
	srcMem, dstMem bool
	scope, lends   bool // of the frame
}

// outline calls the function that translates a type between these sides, which the first use creates. The function
// takes the source's core values or address, the destination's address if it is in memory, and the frame if a borrow
// needs it. It returns the destination's core values if that is flat.
func (g *gen) outline(t *ctypes.Type, src, dst operand) {
	var sig corewasm.FuncType
	if src.mem {
		g.f.LocalGet(src.addr)
		g.ptrAdd(g.src, src.off)
		sig.Params = append(sig.Params, g.src.ptr())
	} else {
		for i, ft := range g.types.Of(t, g.src.ptr64).Flat {
			g.get(src.flat[i], ft)
			sig.Params = append(sig.Params, ft)
		}
	}
	if dst.mem {
		g.f.LocalGet(dst.addr)
		g.ptrAdd(g.dst, dst.off)
		sig.Params = append(sig.Params, g.dst.ptr())
	} else {
		sig.Results = g.types.Of(t, g.dst.ptr64).Flat
	}
	frame := Frame{}
	if g.frame.Open() && g.borrows(t) {
		frame = g.frame
		g.f.LocalGet(frame.Local)
		sig.Params = append(sig.Params, corewasm.I32)
	}
	key := translation{t, *g.src, *g.dst, src.mem, dst.mem, frame.Scope, frame.Lends}
	name := fmt.Sprintf("%s %s>%s", t.Kind, g.name(g.src.inst), g.name(g.dst.inst))
	g.f.Call(g.u.Shared(key, name, sig, func(f *asm.Func) {
		h := g.on(f)
		h.frame = frame
		h.translator(t, sig, src.mem, dst.mem)
	}))
	for i := len(sig.Results) - 1; i >= 0; i-- {
		g.set(dst.flat[i], sig.Results[i])
	}
}

// translator emits the body of an outlined function.
func (g *gen) translator(t *ctypes.Type, sig corewasm.FuncType, srcMem, dstMem bool) {
	next := 0
	param := func() slot {
		s := slot{g.f.Param(next), sig.Params[next]}
		next++
		return s
	}
	var src, dst operand
	if srcMem {
		src = inMemory(param().local, 0)
	} else {
		for range g.types.Of(t, g.src.ptr64).Flat {
			src.flat = append(src.flat, param())
		}
	}
	if dstMem {
		dst = inMemory(param().local, 0)
	} else {
		dst.flat = g.temps(sig.Results)
	}
	if g.frame.Open() {
		g.frame.Local = param().local
	}
	g.inline(t, src, dst)
	for _, s := range dst.flat {
		g.f.LocalGet(s.local)
	}
	g.release(dst.flat)
	g.f.Finish()
}

// on returns the same generator for another function.
func (g *gen) on(f *asm.Func) *gen {
	h := *g
	h.f = f
	return &h
}
