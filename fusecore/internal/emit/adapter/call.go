package adapter

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// convention is where a side has its parameters and results. The convention of a guest follows from what it is: a guest
// calls through `canon lower` and is called through `canon lift`. The host's is the mirror image: the fused module's
// exports are lifted for a host that calls, its imports lowered for a host that is called.
type convention struct {
	sig corewasm.FuncType
	// params and result say that these pass through memory.
	params, result bool
	// retPtr says that the last parameter is the address of the area for a result in memory; else the function returns the
	// address.
	retPtr bool
}

func (e *emitter) convention(ft *ctypes.Func, opts *plan.Options, lowered bool) convention {
	ptr64 := opts.Ptr64
	o := cabi.Options{Ptr64: ptr64, Async: opts.Async, Callback: opts.Callback.Kind != plan.RefNone}
	c := convention{sig: e.types.Lifted(ft, o)}
	if lowered {
		c.sig = e.types.Lowered(ft, o)
	}
	_, c.params = e.types.Params(ft, ptr64, cabi.MaxFlatParams)
	_, c.result = e.types.Results(ft, ptr64)
	c.retPtr = c.result && lowered
	return c
}

// call is one adapter in the making.
type call struct {
	*gen
	c              *plan.Call
	ft             *ctypes.Func
	caller, callee *side
	from, to       convention

	args     []slot // what the callee is called with
	results  []slot // the callee's core results
	mark     []slot // see enterBoundary
	retArea  asm.Local
	returned []slot // the adapter's core results
}

// adapter makes the function behind a call.
func (e *emitter) adapter(c *plan.Call) (*asm.Func, error) {
	ft := e.g.Funcs[c.Func].Type
	from := e.convention(ft, &c.Caller.Opts, c.Caller.Inst != plan.Host)
	name := fmt.Sprintf("adapter %s %s->%s", c.Name, e.path(c.Caller.Inst), e.path(c.Callee.Inst))
	if c.Class == plan.ClassGate {
		f := e.u.Func(name, from.sig)
		e.gate(c, f)
		return f, nil
	}
	if err := e.check(c, ft); err != nil {
		return nil, err
	}
	k := &call{
		gen:    &gen{emitter: e, f: e.u.Func(name, from.sig)},
		c:      c,
		ft:     ft,
		caller: e.side(&c.Caller, c.Gate.CallerLeave),
		callee: e.side(&c.Callee, c.Gate.CalleeLeave),
		from:   from,
		to:     e.convention(ft, &c.Callee.Opts, c.Callee.Inst == plan.Host),
	}
	k.emit()
	return k.f, nil
}

// gate is the body of the function behind a call of the host that passes the caller's core values on as they are.
func (e *emitter) gate(c *plan.Call, f *asm.Func) {
	e.checkLeave(c, f)
	for i := range f.Type.Params {
		f.LocalGet(f.Param(i))
	}
	f.Call(hostSym(c))
	f.Finish()
}

// hostSym is the function of the host behind a call.
func hostSym(c *plan.Call) asm.Sym {
	return asm.Sym{Kind: corewasm.ExternFunc, Origin: asm.OriginHost, Index: uint32(c.Lower)}
}

// checkLeave traps while the caller may not leave its instance (CanonicalABI.md, canon_lower).
func (e *emitter) checkLeave(c *plan.Call, f *asm.Func) {
	if c.Gate.CheckLeave {
		plan.TrapUnlessMayLeave(e.u, f, c.Caller.Inst)
	}
}

// emit writes the body: canon_lower of the caller around canon_lift of the callee.
func (k *call) emit() {
	f := k.f
	k.checkLeave(k.c, f)
	var thrown asm.Label
	if k.c.Gate.Catch {
		thrown = f.Block()
		f.TryCatchAll(thrown)
	}
	k.c.Gate.Enter.Begin(k.u, f)
	contexts := k.enterContext()
	k.enterBoundary()
	if k.c.Gate.Scope || k.c.Gate.Lends {
		k.h.OpenFrame(f, k.c)
		k.frame = Frame{Scope: k.c.Gate.Scope, Lends: k.c.Gate.Lends, Local: f.SetTemp(corewasm.I32)}
	}

	k.passParams()
	k.invoke()
	if k.frame.Scope {
		k.h.CheckReturn(f, k.c, k.frame)
	}
	k.passResult()
	k.postReturn()

	if k.frame.Open() {
		k.h.CloseFrame(f, k.c, k.frame)
		f.Release(k.frame.Local)
	}
	k.leaveBoundary()
	k.leaveContext(contexts)
	if k.c.Caller.Opts.PostReturn.Kind == plan.RefNone {
		k.c.Gate.Enter.End(k.u, f)
	}
	for _, s := range k.returned {
		f.LocalGet(s.local)
	}
	k.release(k.returned)
	if k.c.Gate.Catch {
		f.Return()
		f.End()
		f.End()
		f.Trap(trap.UncaughtException)
	}
	f.Finish()
}

// passParams lifts the caller's arguments and lowers them for the callee: k.args.
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

// invoke calls the callee's core function: k.results.
func (k *call) invoke() {
	f := k.f
	if k.to.retPtr {
		k.retArea = k.allocateArea(k.callee, k.types.Of(k.ft.Result, k.callee.ptr64))
		k.args = append(k.args, slot{k.retArea, k.callee.ptr()})
	}
	for _, s := range k.args {
		f.LocalGet(s.local)
	}
	if k.callee.inst == plan.Host {
		f.Call(hostSym(k.c))
	} else {
		f.Call(k.c.Target.Sym())
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

// passResult lifts the callee's result and lowers it for the caller: k.returned, unless it goes to the area that the
// caller gave.
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
	if post := k.c.Callee.Opts.PostReturn; post.Kind != plan.RefNone && k.callee.inst != plan.Host {
		k.setLeave(k.callee, false)
		for _, s := range k.results {
			k.f.LocalGet(s.local)
		}
		k.f.Call(post.Sym())
		k.setLeave(k.callee, true)
	}
	k.release(k.results)
}
