package adapter

import (
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// contextSlot is a slot of the storage of an instance's running thread (CanonicalABI.md, Thread.storage) that the
// instance uses.
type contextSlot struct {
	global asm.Sym
	typ    corewasm.ValType
}

// contextSlots gives the slots that an instance's built-ins use, in the order of their numbers.
func (e *emitter) contextSlots(inst plan.InstID) []contextSlot {
	if e.contexts == nil {
		e.contexts = map[plan.InstID][]contextSlot{}
		types := map[plan.InstID]map[uint32]corewasm.ValType{}
		for i := range e.g.Builtins {
			b := &e.g.Builtins[i]
			if b.Dropped || b.Op != component.CanonContextGet && b.Op != component.CanonContextSet {
				continue
			}
			if types[b.Inst] == nil {
				types[b.Inst] = map[uint32]corewasm.ValType{}
			}
			types[b.Inst][b.Slot] = b.ValType
		}
		for i := range e.g.Insts {
			inst := plan.InstID(i)
			for _, n := range slices.Sorted(maps.Keys(types[inst])) {
				t := types[inst][n]
				e.contexts[inst] = append(e.contexts[inst], contextSlot{plan.ContextSlot(e.u, inst, n, t), t})
			}
		}
	}
	return e.contexts[inst]
}

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
	for _, c := range g.contextSlots(inst) {
		g.f.GlobalGet(c.global)
		saved = append(saved, slot{g.f.SetTemp(c.typ), c.typ})
		if c.typ == corewasm.I64 {
			g.f.I64Const(0)
		} else {
			g.f.I32Const(0)
		}
		g.f.GlobalSet(c.global)
	}
	return saved
}

func (g *gen) restoreContext(inst plan.InstID, saved []slot) {
	for i, c := range g.contextSlots(inst) {
		g.f.LocalGet(saved[i].local).GlobalSet(c.global)
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
