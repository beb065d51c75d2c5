// This file implements adapters of calls.

package adapter

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/state"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit/sym"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// convention is where a side has its parameters and results. A guest calls through `canon lower` and is called through
// `canon lift`. The host's convention is the opposite: the fused module's exports are lifted for a calling host, and
// its imports are lowered for a called host.
type convention struct {
	sig corewasm.FuncType
	// params and result report whether these are passed in memory.
	params, result bool
	// retPtr reports whether the last parameter is the address of the area for a result in memory; otherwise the
	// function returns the address.
	retPtr bool
	// state reports whether the function returns the state of a subtask.
	state bool
}

// convention returns the convention of a side as a caller or callee. lowered means that the side's function is one of
// canon lower, async that it is lowered asynchronously.
func (e *emitter) convention(ft *ctypes.Func, ptr64, lowered, async bool) convention {
	o := cabi.Options{Ptr64: ptr64, Async: async}
	c := convention{sig: e.types.Lifted(ft, o)}
	if lowered {
		c.sig = e.types.Lowered(ft, o)
	}
	_, c.params = e.types.Params(ft, ptr64, o.MaxLoweredParams())
	_, c.result = e.types.Results(ft, ptr64)
	c.result = c.result || async && ft.Result != nil
	c.retPtr, c.state = c.result && lowered, async
	return c
}

// returned is the state of a subtask that has returned before its call does (CanonicalABI.md, Subtask.State.RETURNED). It
// is in no table.
const returned = 2

// call is the state of generating one adapter.
type call struct {
	*gen
	c              *graph.Call
	p              *plan.Call
	ft             *ctypes.Func
	caller, callee *side
	from, to       convention

	args     []slot // arguments of the callee
	results  []slot // the callee's core results
	mark     []slot // see enterHostMemory
	retArea  asm.Local
	returned []slot // the adapter's core results
}

// adapter returns the function behind a call.
func (e *emitter) adapter(c *graph.Call, p *plan.Call) *asm.Func {
	fn := &e.p.Graph.Funcs[c.Func]
	k := &call{
		c: c, p: p, ft: fn.Type,
		caller: e.side(&c.Caller, p.CallerLeave.Given()),
		callee: e.side(&c.Callee, p.CalleeLeave.Given()),
	}
	if p.HostMemory.Given() && c.ByHost() {
		k.caller = e.hostSide(graph.Host, e.p.HostEncoding(k.callee.enc))
	}
	if p.HostMemory.Given() && c.ToHost() {
		k.callee = e.hostSide(graph.Host, e.p.HostEncoding(k.caller.enc))
	}
	k.from = e.convention(k.ft, k.caller.ptr64, !c.ByHost(), c.Caller.Opts.Async)
	k.to = e.convention(k.ft, k.callee.ptr64, c.ToHost(), false)
	name := fmt.Sprintf("%s %s>%s", e.p.Names.Func(c), e.name(c.Caller.Inst), e.name(c.Callee.Inst))
	k.gen = &gen{emitter: e, f: e.u.Func(name, k.from.sig)}
	k.checkLeave()
	if p.Class == plan.Forward {
		k.forward()
	} else {
		state.Catch(k.f, p.Catch.Given(), k.body)
	}
	k.f.Finish()
	return k.f
}

// checkLeave traps if the caller may not leave its instance (CanonicalABI.md, canon_lower).
func (k *call) checkLeave() {
	if k.p.CheckLeave.Given() {
		k.state.CheckLeave(k.f, k.c.Caller.Inst)
	}
}

// forward calls a host function, which may call the caller's realloc if the plan says so.
func (k *call) forward() {
	if k.p.HostResults.Given() {
		k.state.SetLowers(k.f, true)
	}
	k.f.Forward(sym.Import(k.p.Import.Index()))
	if k.p.HostResults.Given() {
		k.state.SetLowers(k.f, false)
	}
}

// body is canon_lower of the caller around canon_lift of the callee.
func (k *call) body() {
	f, context := k.f, k.p.SaveContext.Given() && !k.c.ToHost()
	k.state.Enter(f, k.p.Enter)
	var saved []asm.Local
	if context {
		saved = k.state.SaveContext(f, k.callee.inst)
	}
	k.enterHostMemory()
	if scope, lends := k.p.Scope.Given(), k.p.Lends.Given(); scope || lends {
		k.h.OpenFrame(f)
		k.frame = Frame{Scope: scope, Lends: lends, Local: f.SetTemp(corewasm.I32)}
	}

	k.passParams()
	k.invoke()
	if k.frame.Scope {
		k.h.CheckReturn(f, k.frame)
	}
	k.passResult()
	k.postReturn()

	if k.frame.Open() {
		k.h.CloseFrame(f, k.frame)
		f.Release(k.frame.Local)
	}
	k.leaveHostMemory()
	if context {
		k.state.RestoreContext(f, k.callee.inst, saved)
	}
	if k.p.HostReturn.Given() {
		k.state.Await(f, k.p.Enter)
	} else {
		k.state.Leave(f, k.p.Enter)
	}
	for _, s := range k.returned {
		f.LocalGet(s.local)
	}
	if k.from.state {
		f.I32Const(returned)
	}
	k.release(k.returned)
}

// passParams lifts the caller's arguments and lowers them for the callee, to k.args.
func (k *call) passParams() {
	k.src = k.caller
	tuple := k.types.Tuple(k.ft)
	if tuple == nil {
		return
	}
	src := operand{mem: k.from.params, addr: k.f.Param(0)}
	from, to := k.types.Of(tuple, k.caller.ptr64), k.types.Of(tuple, k.callee.ptr64)
	if src.mem {
		k.checkArea(k.caller, src.addr, from)
	} else {
		for i, t := range from.Flat {
			src.flat = append(src.flat, slot{k.f.Param(i), t})
		}
	}
	st := k.stage(tuple, src)
	k.dst = k.callee
	dst := operand{mem: k.to.params}
	if dst.mem {
		dst.addr = k.allocateArea(k.callee, to)
		k.args = []slot{{dst.addr, k.callee.ptr()}}
	} else {
		k.args = k.temps(to.Flat)
		dst.flat = k.args
	}
	k.record(tuple, st.value, dst)
	k.unstage(st)
}

// allocateArea allocates memory for one value in a side's memory.
func (k *call) allocateArea(s *side, l *cabi.Layout) asm.Local {
	return k.allocate(s, l.Align, func() { k.f.I32Const(int32(l.Size)) })
}

// invoke calls the callee's core function, with the results in k.results.
func (k *call) invoke() {
	f := k.f
	if k.to.retPtr {
		k.retArea = k.allocateArea(k.callee, k.types.Of(k.ft.Result, k.callee.ptr64))
		k.args = append(k.args, slot{k.retArea, k.callee.ptr()})
	}
	for _, s := range k.args {
		f.LocalGet(s.local)
	}
	if k.c.ToHost() {
		f.Call(sym.Import(k.p.Import.Index()))
	} else {
		f.Call(sym.Of(k.c.Target))
	}
	if k.to.retPtr {
		k.args = k.args[:len(k.args)-1] // retArea is needed until the result is lifted
	}
	k.release(k.args)
	k.results = k.temps(k.to.sig.Results)
	for i := len(k.results) - 1; i >= 0; i-- {
		f.LocalSet(k.results[i].local)
	}
}

// passResult lifts the callee's result and lowers it for the caller, to k.returned or to the area provided by the
// caller.
func (k *call) passResult() {
	k.src = k.callee
	t := k.ft.Result
	if t == nil {
		return
	}
	from, to := k.types.Of(t, k.callee.ptr64), k.types.Of(t, k.caller.ptr64)
	src := operand{mem: k.to.result, flat: k.results}
	switch {
	case k.to.retPtr:
		src.addr = k.retArea
		defer k.f.Release(k.retArea)
	case src.mem:
		src.addr = k.results[0].local
		k.checkArea(k.callee, src.addr, from)
	}
	st := k.stage(t, src)
	k.dst = k.caller
	dst := operand{mem: k.from.result}
	switch {
	case k.from.retPtr:
		dst.addr = k.f.Param(len(k.from.sig.Params) - 1)
		k.checkArea(k.caller, dst.addr, to)
	case dst.mem:
		dst.addr = k.allocateResult(to)
		k.returned = []slot{{dst.addr, k.caller.ptr()}}
	default:
		k.returned = k.temps(to.Flat)
		dst.flat = k.returned
	}
	k.translate(t, st.value, dst)
	k.unstage(st)
}

// postReturn calls the callee's post-return function with the callee's core results.
func (k *call) postReturn() {
	if post := k.c.Callee.Opts.PostReturn; !post.IsZero() {
		k.setLeave(k.callee, false)
		for _, s := range k.results {
			k.f.LocalGet(s.local)
		}
		k.f.Call(sym.Of(post))
		k.setLeave(k.callee, true)
	}
	k.release(k.results)
}
