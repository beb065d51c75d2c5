package plan

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Enter is what a call does with the may_enter flags of its entering set: the callee's instance and its ancestors, less
// those that the caller is inside of already (CanonicalABI.md, "Component Instances" and Store.lift). Flags that are
// proven to be true are not tested, and those that nothing tests in the meantime are not cleared.
type Enter struct {
	Test []InstID // trap unless all of these may be entered
	Set  []InstID // may not be entered again until the call ends
}

// Any reports whether the call does anything with flags.
func (e Enter) Any() bool { return len(e.Test)+len(e.Set) > 0 }

// EnterKey stands for an Enter in keys of shared functions.
type EnterKey struct{ test, set string }

// Key returns the same for equal sets.
func (e Enter) Key() EnterKey { return EnterKey{fmt.Sprint(e.Test), fmt.Sprint(e.Set)} }

type mayEnter InstID // key of the global

// MayEnter is the global that holds an instance's may_enter flag: 1 or 0.
func MayEnter(u *asm.Unit, inst InstID) asm.Sym {
	return u.SharedSym(mayEnter(inst), func() asm.Sym {
		return u.Global(asm.Global{Name: fmt.Sprintf("may_enter/%d", inst), Type: corewasm.I32, Mutable: true, Init: 1})
	})
}

// Check appends the first half of Store.lift's entry: "trap_if(not inst.may_enter_from(caller))".
func (e Enter) Check(u *asm.Unit, f *asm.Func) {
	for _, inst := range e.Test {
		f.GlobalGet(MayEnter(u, inst)).Op(op.I32Eqz).TrapIf(trap.CannotEnter)
	}
}

// Begin appends Check and "inst.enter_from(caller)".
func (e Enter) Begin(u *asm.Unit, f *asm.Func) {
	e.Check(u, f)
	e.set(u, f, 0)
}

// End appends "inst.leave_to(caller)", which follows post-return. After a trap nothing does, so that the flags stay
// cleared for good.
func (e Enter) End(u *asm.Unit, f *asm.Func) { e.set(u, f, 1) }

func (e Enter) set(u *asm.Unit, f *asm.Func, v int32) {
	for _, inst := range e.Set {
		f.I32Const(v).GlobalSet(MayEnter(u, inst))
	}
}

// entering lists the entering set of a call, from the callee's instance outwards.
func (g *Graph) entering(callee, caller InstID) (out []InstID) {
	for ; callee != Host && (caller == Host || !Within(g, caller, callee)); callee = g.Insts[callee].Parent {
		out = append(out, callee)
	}
	return out
}

// enter decides what every call does with may_enter flags. A flag can be found false only by a call that enters the
// instance, or one inside it, from outside, while a call that did the same has left it again:
//
//   - The root is left by calls of the host only, which are the only ones that enter it as well. Its flag is needed
//     where an instance that the host can call can call the host.
//   - Another instance is given functions and types of its ancestors and of what was complete before it, and what is
//     complete before it cannot have got hold of it. So the way back leads over a call from an instance to one of its
//     ancestors. Where there is none, no other flag is needed; else the graph of entries says which are.
//
// Start functions need no flag of the instance that is being made: nothing outside has hold of it before it is complete.
func (d *decider) enter() error {
	d.enterRoot()
	if !d.donut() {
		return nil
	}
	e, err := newEntries(d.g, d.reach, searchBudget)
	if err != nil {
		return err
	}
	d.entries = e
	e.flags()
	return nil
}

// enterRoot decides about the root's flag: every call by the host tests it where any instance that the host can call may
// call the host; those of such instances clear it.
func (d *decider) enterRoot() {
	g := d.g
	leaves := g.reachingHost()
	held := g.heldByHost()
	needed := false
	each := func(visit func(inst InstID, e *Enter)) {
		for i := range g.Calls {
			if c := &g.Calls[i]; !c.Dropped && c.Caller.Inst == Host && c.Callee.Inst != Host {
				visit(c.Callee.Inst, &c.Gate.Enter)
			}
		}
		for i := range g.Resources {
			if r := &g.Resources[i]; held[r.Type] && r.Definer != Host {
				r.HostHeld = true
				visit(r.Definer, &r.HostEnter)
			}
		}
	}
	each(func(inst InstID, _ *Enter) { needed = needed || leaves[inst] })
	if !needed {
		return
	}
	each(func(inst InstID, e *Enter) {
		e.Test = []InstID{0}
		if leaves[inst] {
			e.Set = []InstID{0}
		}
	})
}

// reachingHost says for each instance whether a call of it can lead to one of the host: a function, or the destructor of
// a type of the host.
func (g *Graph) reachingHost() []bool {
	callers := make([][]InstID, len(g.Insts))
	out := make([]bool, len(g.Insts))
	var work []InstID
	edge := func(from, to InstID) {
		switch {
		case from == Host:
		case to != Host:
			callers[to] = append(callers[to], from)
		case !out[from]:
			out[from] = true
			work = append(work, from)
		}
	}
	for i := range g.Calls {
		if c := &g.Calls[i]; !c.Dropped {
			edge(c.Caller.Inst, c.Callee.Inst)
		}
	}
	for i := range g.Builtins {
		if b := &g.Builtins[i]; !b.Dropped && b.Op == component.CanonResourceDrop {
			edge(b.Inst, g.Resources[b.Resource.ID].Definer)
		}
	}
	for len(work) > 0 {
		to := work[len(work)-1]
		work = work[:len(work)-1]
		for _, from := range callers[to] {
			edge(from, Host)
		}
	}
	return out
}

// heldByHost lists the resource types of which the host can be given owning handles.
func (g *Graph) heldByHost() map[*ctypes.Resource]bool {
	held := map[*ctypes.Resource]bool{}
	give := func(t *ctypes.Type) {
		t.Any(func(t *ctypes.Type) bool {
			if t.Kind == ctypes.Own {
				held[t.Resource] = true
			}
			return false
		})
	}
	for i := range g.Calls {
		c := &g.Calls[i]
		switch f := g.Funcs[c.Func].Type; {
		case c.Dropped:
		case c.Caller.Inst == Host:
			give(f.Result)
		case c.Callee.Inst == Host:
			for _, p := range f.Params {
				give(p.Type)
			}
		}
	}
	return held
}

// donut reports whether anything calls its own instance or one that holds it, or drops a resource of such.
func (d *decider) donut() bool {
	g := d.g
	for i := range g.Calls {
		c := &g.Calls[i]
		if !c.Dropped && c.Caller.Inst != Host && c.Callee.Inst != Host && Within(g, c.Caller.Inst, c.Callee.Inst) {
			return true
		}
	}
	for i := range g.Builtins {
		b := &g.Builtins[i]
		if b.Dropped || b.Op != component.CanonResourceDrop {
			continue
		}
		if to := g.Resources[b.Resource.ID].Definer; to != Host && to != b.Inst && Within(g, b.Inst, to) {
			return true
		}
	}
	return false
}
