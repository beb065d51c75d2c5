package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
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

// enterBoundary lends a temporary with the top of the boundary memory's allocator, when arguments or results of a call
// to the host pass through that memory: leaveBoundary gives back what they took.
func (k *call) enterBoundary() (mark []slot) {
	top := k.c.Callee.Opts.Top
	if k.callee.inst != plan.Host || top.Kind == plan.RefNone {
		return nil
	}
	mark = k.temps([]corewasm.ValType{k.callee.ptr()})
	k.f.GlobalGet(top.Sym()).LocalSet(mark[0].local)
	return mark
}

func (k *call) leaveBoundary(mark []slot) {
	if mark != nil {
		k.f.LocalGet(mark[0].local).GlobalSet(k.c.Callee.Opts.Top.Sym())
		k.release(mark)
	}
}
