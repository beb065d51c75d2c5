// Package state emits the code that keeps the run-time state of component instances (CanonicalABI.md, "Component Instance
// State"): the flags may_leave and may_enter and the context slots of the running thread. Each is a global, which exists
// where the plan says that anything can observe it.
//
//	;; a call that enters instance 2, which keeps one context slot
//	(if (i32.eqz (global.get $may_enter/2)) (then (call $trap)))
//	(global.set $may_enter/2 (i32.const 0))
//	(local.set $saved (global.get $context/2/0)) (global.set $context/2/0 (i32.const 0))
//	...
//	(global.set $context/2/0 (local.get $saved))
//	(global.set $may_enter/2 (i32.const 1))
package state

import (
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// State emits the state of all instances of a plan.
type State struct {
	u *asm.Unit
	p *plan.Plan
}

// New returns the state of a plan's instances in a unit. Calls with the same plan and unit return the same globals.
func New(u *asm.Unit, p *plan.Plan) *State { return &State{u, p} }

// Keys of the globals.
type (
	mayLeave    graph.InstID
	mayEnter    graph.InstID
	lowers      struct{} // the host may lower results of a function that it has been called for
	initialised struct{}
	returned    struct{} // an exported function has returned, and its post-return function has not been called
	contextSlot struct {
		inst graph.InstID
		slot uint32
	}
)

// flag returns a global with an initial value.
func (s *State) flag(key any, name string, init int64) asm.Sym {
	return s.u.SharedSym(key, func() asm.Sym {
		return s.u.Global(asm.Global{Name: name, Type: corewasm.I32, Mutable: true, Init: init})
	})
}

// of returns a flag of an instance that is initially 1.
func (s *State) of(key any, name string, inst graph.InstID) asm.Sym {
	return s.flag(key, fmt.Sprintf("%s/%d", name, inst), 1)
}

// MayLeave returns the global with an instance's may_leave flag, 1 or 0.
func (s *State) MayLeave(inst graph.InstID) asm.Sym { return s.of(mayLeave(inst), "may_leave", inst) }

// CheckLeave appends the check at the beginning of every way out of an instance: "trap_if(not inst.may_leave)".
func (s *State) CheckLeave(f *asm.Func, inst graph.InstID) {
	f.GlobalGet(s.MayLeave(inst)).Op(op.I32Eqz).TrapIf(trap.CannotLeave)
}

// SetLeave sets an instance's may_leave flag.
func (s *State) SetLeave(f *asm.Func, inst graph.InstID, may bool) {
	f.I32Const(b2i(may)).GlobalSet(s.MayLeave(inst))
}

func b2i(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// CheckEnter appends the first half of Store.lift's entry: "trap_if(not inst.may_enter_from(caller))".
func (s *State) CheckEnter(f *asm.Func, e plan.EnterID) {
	for _, inst := range s.p.Enters[e].Test {
		f.GlobalGet(s.mayEnter(inst)).Op(op.I32Eqz).TrapIf(trap.CannotEnter)
	}
}

// Enter appends CheckEnter and "inst.enter_from(caller)".
func (s *State) Enter(f *asm.Func, e plan.EnterID) {
	s.CheckEnter(f, e)
	s.setEnter(f, e, 0)
}

// Leave appends "inst.leave_to(caller)", which follows post-return. After a trap it is not reached, so the flags stay
// cleared.
func (s *State) Leave(f *asm.Func, e plan.EnterID) { s.setEnter(f, e, 1) }

func (s *State) setEnter(f *asm.Func, e plan.EnterID, v int32) {
	for _, inst := range s.p.Enters[e].Set {
		f.I32Const(v).GlobalSet(s.mayEnter(inst))
	}
}

// mayEnter returns the global with an instance's may_enter flag. If the module keeps the root's flag for the host, it is 0
// until the module is initialised.
func (s *State) mayEnter(inst graph.InstID) asm.Sym {
	if inst == graph.Root && s.p.Flags {
		return s.flag(mayEnter(inst), "may_enter", 0)
	}
	return s.of(mayEnter(inst), "may_enter", inst)
}

// MayEnter pushes the root's may_enter flag: whether the host may call.
func (s *State) MayEnter(f *asm.Func) { f.GlobalGet(s.mayEnter(graph.Root)) }

// BeginInitialise appends what begins the module's initialisation: it may only be initialised once. EndInitialise ends it.
func (s *State) BeginInitialise(f *asm.Func) {
	done := s.flag(initialised{}, "initialised", 0)
	f.GlobalGet(done).TrapIf(trap.CannotEnter)
	f.I32Const(1).GlobalSet(done)
}

// EndInitialise lets the host call.
func (s *State) EndInitialise(f *asm.Func) { f.I32Const(1).GlobalSet(s.mayEnter(graph.Root)) }

// Await appends the end of a call by the host that its post-return function will end.
func (s *State) Await(f *asm.Func, e plan.EnterID) { s.setReturned(f, e, 1) }

// EndAwait appends the beginning of a post-return function. If the module keeps the root's flag, it only runs after Await.
func (s *State) EndAwait(f *asm.Func, e plan.EnterID) {
	if s.keepsRoot(e) {
		f.GlobalGet(s.returned()).Op(op.I32Eqz).TrapIf(trap.CannotEnter)
	}
	s.setReturned(f, e, 0)
}

func (s *State) setReturned(f *asm.Func, e plan.EnterID, v int32) {
	if s.keepsRoot(e) {
		f.I32Const(v).GlobalSet(s.returned())
	}
}

func (s *State) returned() asm.Sym { return s.flag(returned{}, "returned", 0) }

// keepsRoot reports whether a call by the host clears the root's flag, which the module keeps for the host.
func (s *State) keepsRoot(e plan.EnterID) bool {
	return s.p.Flags && slices.Contains(s.p.Enters[e].Set, graph.Root)
}

func (s *State) lowers() asm.Sym { return s.flag(lowers{}, "lowers", 0) }

// SetLowers sets the flag that lets the host call a guest's realloc for results of a function that it has been called for.
func (s *State) SetLowers(f *asm.Func, may bool) { f.I32Const(b2i(may)).GlobalSet(s.lowers()) }

// BeginLower traps unless the host lowers values: results, or arguments of a call that may enter. Until EndLower, with the
// temporary that it returns, nothing else may enter.
func (s *State) BeginLower(f *asm.Func) (may asm.Local) {
	s.MayEnter(f)
	may = f.SetTemp(corewasm.I32)
	f.LocalGet(may).GlobalGet(s.lowers()).Op(op.I32Or, op.I32Eqz).TrapIf(trap.CannotEnter)
	f.I32Const(0).GlobalSet(s.mayEnter(graph.Root))
	s.SetLowers(f, false)
	return may
}

// EndLower sets the one flag that BeginLower has found set.
func (s *State) EndLower(f *asm.Func, may asm.Local) {
	f.LocalGet(may).GlobalSet(s.mayEnter(graph.Root))
	f.LocalGet(may).Op(op.I32Eqz).GlobalSet(s.lowers())
	f.Release(may)
}

// Context returns the global with a slot of the storage of an instance's running thread (CanonicalABI.md, canon
// context.get).
func (s *State) Context(inst graph.InstID, slot uint32, t corewasm.ValType) asm.Sym {
	return s.u.SharedSym(contextSlot{inst, slot}, func() asm.Sym {
		return s.u.Global(asm.Global{Name: fmt.Sprintf("context/%d/%d", inst, slot), Type: t, Mutable: true})
	})
}

// slot is a context slot: a global, or one that the runtime keeps for its built-ins.
type slot struct {
	typ      corewasm.ValType
	global   asm.Sym
	get, set asm.Sym
}

func (c slot) load(f *asm.Func) {
	if c.get.IsZero() {
		f.GlobalGet(c.global)
	} else {
		f.Call(c.get)
	}
}

func (c slot) store(f *asm.Func) {
	if c.set.IsZero() {
		f.GlobalSet(c.global)
	} else {
		f.Call(c.set)
	}
}

// contexts returns the context slots that an instance uses.
func (s *State) contexts(inst graph.InstID) (out []slot) {
	for _, c := range s.p.Contexts[inst] {
		out = append(out, slot{typ: c.Type, global: s.Context(inst, c.Slot, c.Type)})
	}
	if inst == s.p.Async {
		for _, c := range s.p.AsyncContexts {
			out = append(out, slot{typ: c.Type, get: sym.Import(c.Get.Index()), set: sym.Import(c.Set.Index())})
		}
	}
	return out
}

// HasContext reports whether an instance has context slots that calls must save.
func (s *State) HasContext(inst graph.InstID) bool {
	return len(s.p.Contexts[inst]) > 0 || inst == s.p.Async && len(s.p.AsyncContexts) > 0
}

// Declare declares the globals of an instance's context slots.
func (s *State) Declare(inst graph.InstID) { s.contexts(inst) }

// ZeroContext appends the zeroing of context slots for a thread that begins to run in an instance.
func (s *State) ZeroContext(f *asm.Func, inst graph.InstID) {
	for _, c := range s.contexts(inst) {
		f.Zero(c.typ)
		c.store(f)
	}
}

// SaveContext is ZeroContext for a thread that runs while another one waits. It returns temporaries with the saved
// values for RestoreContext, which releases them.
func (s *State) SaveContext(f *asm.Func, inst graph.InstID) (saved []asm.Local) {
	for _, c := range s.contexts(inst) {
		c.load(f)
		saved = append(saved, f.SetTemp(c.typ))
		f.Zero(c.typ)
		c.store(f)
	}
	return saved
}

// RestoreContext restores the values saved by SaveContext.
func (s *State) RestoreContext(f *asm.Func, inst graph.InstID, saved []asm.Local) {
	for i, c := range s.contexts(inst) {
		f.LocalGet(saved[i])
		c.store(f)
	}
	f.Release(saved...)
}

// Catch appends a body that ends with a function's results on the stack. If throws is set, an exception that leaves the
// body becomes a trap (CanonicalABI.md, call_and_trap_on_throw).
func Catch(f *asm.Func, throws bool, body func()) {
	if !throws {
		body()
		return
	}
	f.TryCatchAll(f.Block())
	body()
	f.Return()
	f.End()
	f.End()
	f.Trap(trap.UncaughtException)
}
