// This file implements an adapter's guards around functions of its sides.

package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/hostmem"
)

// setLeave sets the may_leave flag of a side if the plan requires it.
func (g *gen) setLeave(s *side, may bool) {
	if s.leave {
		g.state.SetLeave(g.f, s.inst, may)
	}
}

// callRealloc calls a side's realloc: [old_ptr old_size align new_size] -> [ptr]. It runs with the may_leave flag
// cleared and as a separate thread, with zeroed context slots (CanonicalABI.md, LiftLowerContext.reallocate).
func (g *gen) callRealloc(s *side) {
	g.setLeave(s, false)
	if !s.context {
		g.f.Call(s.realloc)
	} else {
		saved := g.state.SaveContext(g.f, s.inst)
		g.f.Call(s.realloc)
		g.state.RestoreContext(g.f, s.inst, saved)
	}
	g.setLeave(s, true)
}

// enterHostMemory returns temporaries with the present top of the host memory's allocator, if values of a call to or by
// the host pass through that memory. leaveHostMemory frees the memory allocated since.
func (k *call) enterHostMemory() {
	if !k.c.ByHost() && !k.c.ToHost() || !k.p.HostMemory.Given() {
		return
	}
	if m := hostmem.In(k.u); k.c.ByHost() {
		m.Found(k.f)
	} else {
		k.f.GlobalGet(m.Top)
	}
	k.mark = []slot{{k.f.SetTemp(corewasm.I32), corewasm.I32}}
}

// leaveHostMemory does not free a result for the host, which its post-return frees.
func (k *call) leaveHostMemory() {
	if k.mark != nil {
		if !k.p.HostReturn.Given() {
			k.f.LocalGet(k.mark[0].local).GlobalSet(hostmem.In(k.u).Top)
		}
		k.release(k.mark)
	}
}

// allocateResult allocates memory for a result whose address the function returns.
func (k *call) allocateResult(l *cabi.Layout) asm.Local {
	if k.mark == nil {
		return k.allocateArea(k.caller, l)
	}
	at := k.allocate(k.caller, hostmem.Prefix, func() { k.f.I32Const(int32(l.Size) + hostmem.Prefix) })
	k.f.LocalGet(at).LocalGet(k.mark[0].local).Mem(op.I32Store, k.caller.mem, 2, 0)
	k.f.LocalGet(at).I32Const(hostmem.Prefix).Op(op.I32Add).LocalSet(at)
	return at
}
