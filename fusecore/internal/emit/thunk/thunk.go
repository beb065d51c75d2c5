// Package thunk emits the small functions that call one other function and only change what must hold while that runs:
// guarded reallocs and post-returns, entries of the host, destructors.
//
//	;; the realloc of instance a, which may not leave a meanwhile
//	(func $realloc-a (param i32 i32 i32 i32) (result i32)
//	  (global.set $may_leave/a (i32.const 0))
//	  (call $a/cabi_realloc (local.get 0) (local.get 1) (local.get 2) (local.get 3))
//	  (global.set $may_leave/a (i32.const 1)))
package thunk

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/hostmem"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// Thunks emits the thunks of a plan into a unit.
type Thunks struct {
	u     *asm.Unit
	p     *plan.Plan
	state *state.State
	abi   *cabi.Types
}

// New returns an emitter of thunks.
func New(u *asm.Unit, p *plan.Plan) *Thunks {
	return &Thunks{u, p, state.New(u, p), cabi.New()}
}

// Func returns the function that a plan names, or zero. The first use creates it.
func (t *Thunks) Func(fn plan.Func) asm.Sym {
	switch fn.Kind {
	case plan.Core:
		return t.guarded(fn)
	case plan.Entry:
		return t.entry(fn.Call)
	case plan.Adapter:
		return sym.Call(fn.Call)
	case plan.HostAlloc:
		return hostmem.In(t.u).Realloc
	case plan.HostArgs:
		return hostmem.In(t.u).Args(t.state, fn.Guard.First)
	case plan.HostRealloc:
		return hostmem.In(t.u).Lower(t.state)
	case plan.HostReturn:
		return hostmem.In(t.u).Return(t.state, fn.Guard.Last)
	}
	return asm.Sym{}
}

// Memory returns the memory that a plan names, or zero.
func (t *Thunks) Memory(m plan.Memory) asm.Sym {
	if m.Host {
		return hostmem.In(t.u).Mem
	}
	return sym.Of(m.Ref)
}

// guardKey is the key of a guarded function: what its guard does, without the reasons.
type guardKey struct {
	ref                    graph.CoreRef
	inst                   graph.InstID
	leave, context, lowers bool
	first, last            plan.EnterID
}

// guarded returns a core function with its guard.
func (t *Thunks) guarded(fn plan.Func) asm.Sym {
	g, target := fn.Guard, sym.Of(fn.Ref)
	if !g.Any() {
		return target
	}
	key := guardKey{fn.Ref, g.Inst, g.Leave.Given(), g.Context.Given(), g.Lowers.Given(), g.First, g.Last}
	name := "post-return "
	ft, _ := t.p.Graph.CoreType(t.abi, fn.Ref)
	if len(ft.Results) > 0 {
		name = "realloc "
	}
	if key.context {
		t.state.Declare(g.Inst)
	}
	return t.u.Shared(key, name+t.p.Names.Inst(g.Inst), ft, func(f *asm.Func) {
		var saved []asm.Local
		var may asm.Local
		t.state.CheckEnter(f, g.First)
		t.state.EndAwait(f, g.Last)
		if key.lowers {
			may = t.state.BeginLower(f)
		}
		if key.context {
			saved = t.state.SaveContext(f, g.Inst)
		}
		if key.leave {
			t.state.SetLeave(f, g.Inst, false)
		}
		f.Forward(target)
		if key.leave {
			t.state.SetLeave(f, g.Inst, true)
		}
		if key.context {
			t.state.RestoreContext(f, g.Inst, saved)
		}
		if key.lowers {
			t.state.EndLower(f, may)
		}
		t.state.Leave(f, g.Last)
		f.Finish()
	})
}

// entryKey is the key of a lifted function as called by the host.
type entryKey graph.CallID

// entry returns a lifted function as called by the host: it enters the instance, with zeroed context slots if the
// instance uses any. If there is a post-return function, that one leaves it.
func (t *Thunks) entry(id graph.CallID) asm.Sym {
	c, p := &t.p.Graph.Calls[id], &t.p.Calls[id]
	fn := &t.p.Graph.Funcs[c.Func]
	t.state.Declare(c.Callee.Inst)
	ft := t.abi.Lifted(fn.Type, cabi.Options{Ptr64: c.Callee.Opts.Ptr64})
	return t.u.Shared(entryKey(id), "enter "+t.p.Names.Func(c), ft, func(f *asm.Func) {
		state.Catch(f, p.Catch.Given(), func() {
			t.state.Enter(f, p.Enter)
			t.state.ZeroContext(f, c.Callee.Inst)
			f.Forward(sym.Of(c.Target))
			if c.Callee.Opts.PostReturn.IsZero() {
				t.state.Leave(f, p.Enter)
			} else {
				t.state.Await(f, p.Enter)
			}
		})
		f.Finish()
	})
}

// plainKey is the key of a function's wrapper.
type plainKey asm.Sym

// Plain returns a function that can be called through a table with the type of its parameters and results. A guest's
// function may have a type that call_indirect distinguishes from that; then it is wrapped.
func (t *Thunks) Plain(target asm.Sym) asm.Sym {
	if target.Origin != asm.OriginGuest {
		return target
	}
	core := &t.p.Graph.Cores[target.Owner]
	if core.Module.PlainFunc(target.Index) {
		return target
	}
	name := fmt.Sprintf("plain %s%d", t.p.Names.Prefix(graph.CoreID(target.Owner)), target.Index)
	return t.u.Shared(plainKey(target), name, *core.Module.FuncTypeOf(target.Index), func(f *asm.Func) {
		f.Forward(target)
		f.Finish()
	})
}
