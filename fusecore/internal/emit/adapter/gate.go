package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// setLeave sets the may_leave flag of a side whose gate wants it.
func (g *gen) setLeave(s *side, may bool) {
	if !s.leave {
		return
	}
	v := int32(0)
	if may {
		v = 1
	}
	g.f.I32Const(v).GlobalSet(plan.MayLeave(g.u, s.inst))
}

// callRealloc calls a side's realloc: [old_ptr old_size align new_size] -> [ptr]. It runs with the may_leave flag
// cleared and as a thread of its own, with zeroed context slots (CanonicalABI.md, LiftLowerContext.reallocate).
func (g *gen) callRealloc(s *side) {
	g.setLeave(s, false)
	if !s.context {
		g.f.Call(s.realloc)
	} else {
		saved := g.saveContext(s.inst)
		g.f.Call(s.realloc)
		g.restoreContext(s.inst, saved)
	}
	g.setLeave(s, true)
}

// saveContext zeroes an instance's context slots and lends temporaries with what they held.
func (g *gen) saveContext(inst plan.InstID) []slot {
	var saved []slot
	for _, c := range g.contexts.Of(inst) {
		g.f.GlobalGet(c.Sym)
		saved = append(saved, slot{g.f.SetTemp(c.Type), c.Type})
		g.f.Zero(c.Type).GlobalSet(c.Sym)
	}
	return saved
}

func (g *gen) restoreContext(inst plan.InstID, saved []slot) {
	for i, c := range g.contexts.Of(inst) {
		g.f.LocalGet(saved[i].local).GlobalSet(c.Sym)
	}
	g.release(saved)
}

// enterContext gives the callee's thread context slots of its own for the time of the call.
func (k *call) enterContext() []slot {
	if !k.c.Gate.SaveContext || k.callee.inst == plan.Host {
		return nil
	}
	return k.saveContext(k.callee.inst)
}

func (k *call) leaveContext(saved []slot) {
	if saved != nil {
		k.restoreContext(k.callee.inst, saved)
	}
}

// enterBoundary lends a temporary with the top of the boundary memory's allocator as the call found it, when values of a
// call to or by the host pass through that memory: leaveBoundary gives back what they took.
func (k *call) enterBoundary() {
	top := k.boundaryTop()
	if top.IsZero() {
		return
	}
	if k.caller.inst == plan.Host {
		plan.BoundaryFound(k.u, k.f, top)
	} else {
		k.f.GlobalGet(top)
	}
	k.mark = []slot{{k.f.SetTemp(corewasm.I32), corewasm.I32}}
}

// boundaryTop is the global with the allocator's top, or zero.
func (k *call) boundaryTop() asm.Sym {
	if k.caller.inst == plan.Host {
		return k.c.Caller.Opts.Top.Sym()
	}
	return k.c.Callee.Opts.Top.Sym()
}

// leaveBoundary leaves a result for the host where it is: its post-return gives it back.
func (k *call) leaveBoundary() {
	if k.mark != nil {
		if k.c.Caller.Opts.PostReturn.Kind == plan.RefNone {
			k.f.LocalGet(k.mark[0].local).GlobalSet(k.boundaryTop())
		}
		k.release(k.mark)
	}
}

// allocateResult allocates memory for a result that the function returns the address of.
func (k *call) allocateResult(l *cabi.Layout) asm.Local {
	if k.mark == nil {
		return k.allocateArea(k.caller, l)
	}
	at := k.allocate(k.caller, plan.BoundaryPrefix, func() { k.f.I32Const(int32(l.Size) + plan.BoundaryPrefix) })
	k.f.LocalGet(at).LocalGet(k.mark[0].local).Mem(op.I32Store, k.caller.mem, 2, 0)
	k.f.LocalGet(at).I32Const(plan.BoundaryPrefix).Op(op.I32Add).LocalSet(at)
	return at
}
