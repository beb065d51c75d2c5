package plan

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// boundary decides what the fused module imports and exports.
func (d *decider) boundary() error {
	b := &d.g.Boundary
	for i := range d.g.Calls {
		c := &d.g.Calls[i]
		if c.Dropped {
			continue
		}
		f := &d.g.Funcs[c.Func]
		switch {
		case c.Callee.Inst == Host && c.Class == ClassHandles:
			d.hostCallee(c, CallID(i), f)
		case c.Caller.Inst == Host && c.Class == ClassHandles:
			d.hostCaller(c, CallID(i), f)
		case c.Callee.Inst == Host:
			o := c.Caller.Opts
			realloc, err := d.guarded(c.Caller.Inst, o.Realloc, true, Enter{}, Enter{})
			if err != nil {
				return err
			}
			c.Lower = len(b.Lowers)
			b.Lowers = append(b.Lowers, Lower{
				Func: c.Func, Call: CallID(i), Type: d.abi.Lowered(f.Type, cabi.Options{Ptr64: o.Ptr64}),
				Memory:  d.place(&b.Memories, o.Memory.Sym()),
				Realloc: d.place(&b.Reallocs, realloc), Encoding: o.Encoding, Builtin: component.CanonLower,
			})
		case c.Caller.Inst == Host:
			o := c.Callee.Opts
			e := c.Gate.Enter
			realloc, err := d.guarded(c.Callee.Inst, o.Realloc, true, Enter{Test: e.Test}, Enter{})
			if err != nil {
				return err
			}
			post, err := d.guarded(c.Callee.Inst, o.PostReturn, false, Enter{}, e)
			if err != nil {
				return err
			}
			c.Export = len(b.Lifts)
			t := d.abi.Lifted(f.Type, cabi.Options{Ptr64: o.Ptr64})
			b.Lifts = append(b.Lifts, Lift{
				Func: c.Func, Call: CallID(i), Type: t,
				Core: d.entered(c, t), PostReturn: post, Memory: o.Memory.Sym(), Realloc: realloc, Encoding: o.Encoding,
			})
		}
	}
	d.memories()
	return nil
}

// place gives a symbol's position in a list, appending it the first time; -1 for no symbol. A symbol is placed in one
// list only: each holds one kind.
func (d *decider) place(list *[]asm.Sym, s asm.Sym) int {
	if s.IsZero() {
		return -1
	}
	i, ok := d.places[s]
	if !ok {
		i = len(*list)
		d.places[s] = i
		*list = append(*list, s)
	}
	return i
}

// guardKey is the key of a guarded realloc or post-return function.
type guardKey struct {
	sym       asm.Sym
	ownThread bool
	enter     EnterKey
}

// guarded gives a realloc or post-return function as the surrounding component is to call it: with the instance's
// may_leave flag cleared where calls inside the fused module look at the flag (for calls that leave the fused module the
// runtime keeps a flag of its own), and, for a realloc, with context slots of its own, because it runs as a thread of its
// own (CanonicalABI.md, LiftLowerContext.reallocate). The realloc that lowers arguments of a call by the host is part of
// that call, which must be one that may begin: first is what it enters. The realloc that lowers a result of the host's
// functions runs inside of a call. A post-return function ends a call: last is what is left then.
func (d *decider) guarded(inst InstID, ref CoreRef, ownThread bool, first, last Enter) (asm.Sym, error) {
	leaves, err := d.reach.leaves(ref)
	if err != nil || ref.Kind == RefNone || ref.Kind == RefSynth {
		return ref.Sym(), err
	}
	slots := []ContextGlobal(nil)
	if ownThread {
		slots = d.contexts.Of(inst)
	}
	guards := leaves || len(slots) > 0
	if !guards && len(first.Test)+len(last.Set) == 0 {
		return ref.Sym(), nil
	}
	ft := d.g.coreType(d.abi, ref)
	if ft == nil {
		return asm.Sym{}, diag.New("", "no core function has been found for a realloc or post-return option")
	}
	sym := ref.Sym()
	name := "post-return "
	if ownThread {
		name = "realloc "
	}
	key := guardKey{sym, ownThread, Enter{first.Test, last.Set}.Key()}
	return d.u.Shared(key, name+d.g.Insts[inst].Path, *ft, func(f *asm.Func) {
		first.Check(d.u, f)
		var saved []asm.Local
		for _, s := range slots {
			l := f.Local(s.Type)
			f.GlobalGet(s.Sym).LocalSet(l)
			saved = append(saved, l)
			f.Zero(s.Type).GlobalSet(s.Sym)
		}
		if guards {
			f.I32Const(0).GlobalSet(MayLeave(d.u, inst))
		}
		for i := range ft.Params {
			f.LocalGet(f.Param(i))
		}
		f.Call(sym)
		if guards {
			f.I32Const(1).GlobalSet(MayLeave(d.u, inst))
		}
		for i, s := range slots {
			f.LocalGet(saved[i]).GlobalSet(s.Sym)
		}
		last.End(d.u, f)
		f.Finish()
	}), nil
}

// entered gives a lifted function as the surrounding component is to call it: it enters the instance, with zeroed context
// slots where the instance uses any. Where there is a post-return function, that one leaves it.
func (d *decider) entered(c *Call, ft corewasm.FuncType) asm.Sym {
	slots, e := d.contexts.Of(c.Callee.Inst), c.Gate.Enter
	if len(slots) == 0 && !e.Any() {
		return c.Target.Sym()
	}
	f := d.u.Func("enter "+c.Name, ft)
	e.Begin(d.u, f)
	for _, s := range slots {
		f.Zero(s.Type).GlobalSet(s.Sym)
	}
	for i := range ft.Params {
		f.LocalGet(f.Param(i))
	}
	f.Call(c.Target.Sym())
	if c.Callee.Opts.PostReturn.Kind == RefNone {
		e.End(d.u, f)
	}
	f.Finish()
	return f.Sym()
}

// plainKey is the key of the function in front of one.
type plainKey asm.Sym

// PlainTable makes the functions that are reached through Boundary.Table ones of plain types. A core function that
// options or destructors name may have a type that call_indirect tells apart from the one that its parameters and results
// alone stand for, under which the surrounding component calls it: such a function gets another one in front of it.
func PlainTable(g *Graph, u *asm.Unit) {
	plain := func(s *asm.Sym) {
		if s.Origin != asm.OriginGuest || g.Cores[s.Owner].Module.PlainFunc(s.Index) {
			return
		}
		target, core := *s, &g.Cores[s.Owner]
		t := core.Module.FuncTypeOf(s.Index)
		*s = u.Shared(plainKey(target), fmt.Sprintf("plain %s/%d", core.Path, s.Index), *t, func(f *asm.Func) {
			for i := range t.Params {
				f.LocalGet(f.Param(i))
			}
			f.Call(target)
			f.Finish()
		})
	}
	for i := range g.Boundary.Reallocs {
		plain(&g.Boundary.Reallocs[i])
	}
	for i := range g.Boundary.Resources {
		if d := &g.Boundary.Resources[i]; !d.Dtor.IsZero() {
			plain(&d.Dtor)
		}
	}
}
