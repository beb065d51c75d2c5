package plan

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// builtins decides how each canonical built-in is supplied.
func (d *decider) builtins() error {
	one, many := d.handleUsers()
	for i := range d.g.Builtins {
		b := &d.g.Builtins[i]
		b.Lower = -1
		if b.Dropped {
			continue
		}
		switch b.Op {
		case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
			if many {
				return d.needsTables(one)
			}
			b.Lower = len(d.g.Boundary.Lowers)
			d.g.Boundary.Lowers = append(d.g.Boundary.Lowers, Lower{
				Call: -1, Type: builtinType(b.Op), Memory: -1, Realloc: -1, Builtin: b.Op, Resource: b.Resource,
			})
		case component.CanonContextGet, component.CanonContextSet:
		default:
			return diag.In(diag.New("canonical built-in "+b.Op.String(), "asynchronous built-ins cannot be fused yet").
				WithHint("use `wasmfuse compose`"), "", d.sidePath(b.Inst), "")
		}
	}
	if many {
		return d.needsTables(one)
	}
	return nil
}

// needsTables refuses a graph in which several instances hold handles.
func (d *decider) needsTables(one InstID) error {
	return diag.In(diag.New("", "several instances hold resource handles, which needs handle tables: not supported yet").
		WithHint("use `wasmfuse compose`"), "", d.sidePath(one), "")
}

// handleUsers says whether any instance holds resource handles, and whether more than one does. When only one does, the
// handle table of the surrounding component is that instance's own: numbers and traps are the runtime's.
func (d *decider) handleUsers() (one InstID, many bool) {
	one = Host
	use := func(i InstID) {
		if i != Host && one != Host && i != one {
			many = true
		}
		if i != Host {
			one = i
		}
	}
	for i := range d.g.Builtins {
		if b := &d.g.Builtins[i]; !b.Dropped && b.Resource != nil {
			use(b.Inst)
		}
	}
	for i := range d.g.Calls {
		if c := &d.g.Calls[i]; !c.Dropped && d.g.Funcs[c.Func].Type.Any(isHandle) {
			use(c.Caller.Inst)
			use(c.Callee.Inst)
		}
	}
	return one, many
}

func isHandle(t *ctypes.Type) bool { return t.Kind == ctypes.Own || t.Kind == ctypes.Borrow }

// builtinType is the core signature of a resource built-in (CanonicalABI.md, canon resource.new, drop, rep).
func builtinType(op component.CanonOp) corewasm.FuncType {
	t := corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32}}
	if op != component.CanonResourceDrop {
		t.Results = []corewasm.ValType{corewasm.I32}
	}
	return t
}

// boundary decides what the fused module imports and exports.
func (d *decider) boundary() error {
	b := &d.g.Boundary
	memories, reallocs := map[asm.Sym]int{}, map[asm.Sym]int{}
	place := func(seen map[asm.Sym]int, list *[]asm.Sym, s asm.Sym) int {
		if s.IsZero() {
			return -1
		}
		n, ok := seen[s]
		if !ok {
			n = len(*list)
			seen[s] = n
			*list = append(*list, s)
		}
		return n
	}
	for i := range d.g.Calls {
		c := &d.g.Calls[i]
		if c.Dropped {
			continue
		}
		f := &d.g.Funcs[c.Func]
		switch {
		case c.Callee.Inst == Host:
			o := c.Caller.Opts
			realloc, err := d.guarded(c.Caller.Inst, o.Realloc, true)
			if err != nil {
				return err
			}
			c.Lower = len(b.Lowers)
			b.Lowers = append(b.Lowers, Lower{
				Func: c.Func, Call: CallID(i), Type: d.abi.Lowered(f.Type, cabi.Options{Ptr64: o.Ptr64}),
				Memory:  place(memories, &b.Memories, o.Memory.Sym()),
				Realloc: place(reallocs, &b.Reallocs, realloc), Encoding: o.Encoding, Builtin: component.CanonLower,
			})
		case c.Caller.Inst == Host:
			o := c.Callee.Opts
			realloc, err := d.guarded(c.Callee.Inst, o.Realloc, true)
			if err != nil {
				return err
			}
			post, err := d.guarded(c.Callee.Inst, o.PostReturn, false)
			if err != nil {
				return err
			}
			c.Export = len(b.Lifts)
			t := d.abi.Lifted(f.Type, cabi.Options{Ptr64: o.Ptr64})
			b.Lifts = append(b.Lifts, Lift{
				Func: c.Func, Call: CallID(i), Type: t,
				Core: d.entered(c.Callee.Inst, c.Target, t), PostReturn: post, Memory: o.Memory.Sym(), Realloc: realloc, Encoding: o.Encoding,
			})
		}
	}
	return nil
}

// guarded gives a realloc or post-return function as the surrounding component is to call it: with the instance's
// may_leave flag cleared where calls inside the fused module look at the flag (for calls that leave the fused module the
// runtime keeps a flag of its own), and, for a realloc, with context slots of its own, because it runs as a thread of its
// own (CanonicalABI.md, LiftLowerContext.reallocate).
func (d *decider) guarded(inst InstID, ref CoreRef, ownThread bool) (asm.Sym, error) {
	r, err := d.reach.from(ref)
	if err != nil || ref.Kind != RefDef {
		// A lowered function or built-in itself may not leave: calling it traps by its own check.
		return ref.Sym(), err
	}
	slots := []ContextGlobal(nil)
	if ownThread {
		slots = ContextGlobals(d.u, d.g, inst)
	}
	if r.empty() && len(slots) == 0 {
		return ref.Sym(), nil
	}
	ft := d.g.Cores[ref.Core].Module.FuncTypeOf(ref.Index)
	if ft == nil {
		return asm.Sym{}, diag.New("", "core function %d does not exist", ref.Index)
	}
	sym := ref.Sym()
	flag := MayLeave(d.u, inst)
	return d.u.Shared(fmt.Sprintf("guard %v %v", sym, ownThread), *ft, func(f *asm.Func) {
		var saved []asm.Local
		for _, s := range slots {
			l := f.Local(s.Type)
			f.GlobalGet(s.Sym).LocalSet(l)
			saved = append(saved, l)
			f.Zero(s.Type).GlobalSet(s.Sym)
		}
		f.I32Const(0).GlobalSet(flag)
		for i := range ft.Params {
			f.LocalGet(f.Param(i))
		}
		f.Call(sym).I32Const(1).GlobalSet(flag)
		for i, s := range slots {
			f.LocalGet(saved[i]).GlobalSet(s.Sym)
		}
		f.Finish()
	}), nil
}

// entered gives a lifted function as the surrounding component is to call it: with zeroed context slots, where the
// instance uses any.
func (d *decider) entered(inst InstID, target CoreRef, ft corewasm.FuncType) asm.Sym {
	slots := ContextGlobals(d.u, d.g, inst)
	if len(slots) == 0 {
		return target.Sym()
	}
	sym := target.Sym()
	return d.u.Shared("enter "+sym.String(), ft, func(f *asm.Func) {
		for _, s := range slots {
			f.Zero(s.Type).GlobalSet(s.Sym)
		}
		for i := range ft.Params {
			f.LocalGet(f.Param(i))
		}
		f.Call(sym)
		f.Finish()
	})
}
