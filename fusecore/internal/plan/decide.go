package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Decide takes every decision about an instantiated graph that later stages follow. Generated items that the decisions
// themselves need go into u.
func Decide(g *Graph, u *asm.Unit) error {
	abi := cabi.New()
	devirtualise(g, abi)
	dropUnneeded(g)
	d := newDecider(g, u, abi)
	if err := d.guards(); err != nil {
		return err
	}
	if err := d.async(); err != nil {
		return err
	}
	if err := d.enter(); err != nil {
		return err
	}
	d.handles()
	for i := range g.Calls {
		if c := &g.Calls[i]; !c.Dropped {
			if err := d.call(c); err != nil {
				return diag.In(err, "", d.sidePath(c.Caller.Inst), "call of "+c.Name)
			}
		}
	}
	return d.boundary()
}

type decider struct {
	g     *Graph
	u     *asm.Unit
	reach *reach
	abi   *cabi.Types
	// entries is nil where no instance but the root can be entered again.
	entries *entries

	contexts *Contexts
	throws   map[InstID]bool           // see throwing
	defined  map[*ctypes.Resource]bool // types of Boundary.Resources
	places   map[asm.Sym]int           // see place
}

// newDecider prepares to decide about a graph that is devirtualised and of which unneeded parts are dropped.
func newDecider(g *Graph, u *asm.Unit, abi *cabi.Types) *decider {
	return &decider{g: g, u: u, reach: newReach(g), abi: abi, contexts: NewContexts(u, g), throws: throwing(g),
		defined: map[*ctypes.Resource]bool{}, places: map[asm.Sym]int{}}
}

func (d *decider) sidePath(i InstID) string {
	if i == Host {
		return "host"
	}
	return d.g.Insts[i].Path
}

// guards finds where the may_leave flag of an instance can be observed (CanonicalABI.md, canon_lower and the built-ins:
// "trap_if(not inst.may_leave)"): a realloc or post-return of the instance, during which the flag is false, must be able
// to reach a lowered function or a built-in.
func (d *decider) guards() error {
	var inside []CoreRef
	for i := range d.g.Builtins {
		if b := &d.g.Builtins[i]; !b.Dropped && b.Op == component.CanonErrorContextMessage {
			inside = append(inside, b.Opts.Realloc)
		}
	}
	for i := range d.g.Calls {
		c := &d.g.Calls[i]
		if c.Dropped {
			continue
		}
		for _, s := range []*Side{&c.Caller, &c.Callee} {
			if s.Inst != Host {
				inside = append(inside, s.Opts.Realloc, s.Opts.PostReturn)
			}
		}
	}
	r, err := d.reach.walk(inside...)
	if err != nil {
		return err
	}
	for _, c := range r.calls {
		d.g.Calls[c].Gate.CheckLeave = true
	}
	for _, b := range r.builtins {
		d.g.Builtins[b].CheckLeave = true
	}
	return nil
}

// sensitive says whether clearing may_leave around a function can be observed.
func (d *decider) sensitive(f CoreRef) bool {
	leaves, err := d.reach.leaves(f)
	return err == nil && leaves // guards has reported the error
}

// call classifies one call and sets its gates.
func (d *decider) call(c *Call) error {
	f := &d.g.Funcs[c.Func]
	c.Name = f.Name
	if f.Type.Async || c.Caller.Opts.Async || c.Callee.Opts.Async {
		return diag.New("", "asynchronous functions cannot be fused yet").WithHint("use `wasmfuse compose`")
	}
	if t := unsupported(f.Type); t != nil {
		return diag.New("", "values of type %v cannot be fused yet", t).WithHint("use `wasmfuse compose`")
	}
	switch {
	case c.Caller.Inst == Host && c.Callee.Inst == Host:
		return diag.New("", "an imported function cannot be called by the host itself")
	case (c.Caller.Inst == Host || c.Callee.Inst == Host) && d.g.Handles == HandlesTables && f.Type.Any(isHandle):
		c.Class, c.Reason = ClassHandles, "handles move between a table and the host"
		d.handleGates(c, f.Type)
		if c.Caller.Inst == Host {
			c.Gate.CheckLeave = false
			c.Gate.SaveContext = len(d.contexts.Of(c.Callee.Inst)) > 0
		}
		c.Gate.Catch = d.catches(c)
		d.leaveGates(c)
		return nil
	case c.Callee.Inst == Host:
		if c.Gate.CheckLeave {
			c.Class, c.Reason = ClassGate, "host function that realloc or post-return of the caller could reach"
		} else {
			c.Class, c.Reason = ClassDirect, "host function"
		}
		return nil
	case c.Caller.Inst == Host:
		c.Class, c.Reason = ClassDirect, "exported to the host"
		c.Gate = Gate{Enter: c.Gate.Enter}
		return nil
	}
	c.Gate.Catch = d.catches(c)
	c.Gate.SaveContext = len(d.contexts.Of(c.Callee.Inst)) > 0
	d.leaveGates(c)
	if f.Type.Any(isHandle) {
		d.handleGates(c, f.Type)
	}
	c.Class, c.Reason = d.classify(f.Type, c)
	if c.Caller.Inst == c.Callee.Inst && c.Class > ClassScalar {
		o := d.hostOptions(f.Type, cabi.UTF8)
		c.Stage = &o
	}
	return nil
}

// leaveGates sets where the call must clear may_leave flags.
func (d *decider) leaveGates(c *Call) {
	c.Gate.CallerLeave = d.sensitive(c.Caller.Opts.Realloc)
	c.Gate.CalleeLeave = d.sensitive(c.Callee.Opts.Realloc) || d.sensitive(c.Callee.Opts.PostReturn)
}

// catches says whether an exception can come out of code that an adapter calls: the callee, or the caller's realloc
// (CanonicalABI.md, call_and_trap_on_throw).
func (d *decider) catches(c *Call) bool {
	return d.throws[c.Callee.Inst] || c.Caller.Opts.Realloc.Kind != RefNone && d.throws[c.Caller.Inst]
}

// classify gives the class of a call between two guests.
func (d *decider) classify(t *ctypes.Func, c *Call) (Class, string) {
	is := func(kinds ...ctypes.Kind) bool {
		return t.Any(func(t *ctypes.Type) bool {
			for _, k := range kinds {
				if t.Kind == k {
					return true
				}
			}
			return false
		})
	}
	memory := is(ctypes.String, ctypes.List, ctypes.Map) || !d.flat(t)
	switch {
	case is(ctypes.Own, ctypes.Borrow):
		return ClassHandles, "handles move between tables"
	case is(ctypes.String) && (c.Caller.Opts.Encoding != c.Callee.Opts.Encoding || c.Caller.Opts.Encoding == cabi.Latin1UTF16):
		return ClassTranscode, "the sides encode strings differently"
	case memory:
		return ClassCopy, "values lie in memory"
	case t.Any(normalised):
		return ClassScalar, "values are checked or normalised"
	case c.Callee.Opts.PostReturn.Kind != RefNone:
		return ClassScalar, "the callee has a post-return function"
	case c.Gate.CheckLeave:
		return ClassScalar, "realloc or post-return of the caller could reach the call"
	case c.Gate.Catch:
		return ClassScalar, "the callee could throw an exception"
	case c.Gate.SaveContext:
		return ClassScalar, "the callee keeps context"
	case c.Gate.Enter.Any():
		return ClassScalar, "an instance could be entered a second time"
	}
	return ClassDirect, "flat values that every bit pattern is valid for, nothing to guard"
}

// flat says whether a function passes everything in core parameters and results.
func (d *decider) flat(t *ctypes.Func) bool {
	_, params := d.abi.Params(t, false, cabi.MaxFlatParams)
	_, result := d.abi.Results(t, false)
	return !params && !result
}

// normalised says whether lifting a flat value of a type's own constructor checks or changes its bits (CanonicalABI.md,
// lift_flat).
func normalised(t *ctypes.Type) bool {
	switch t.Kind {
	case ctypes.S32, ctypes.U32, ctypes.S64, ctypes.U64, ctypes.F32, ctypes.F64, ctypes.Record, ctypes.Tuple, ctypes.FixedList:
		return false
	}
	return true
}

// unsupported gives a type inside a function's that no adapter exists for, or nil.
func unsupported(f *ctypes.Func) (found *ctypes.Type) {
	f.Any(func(t *ctypes.Type) bool {
		switch t.Kind {
		case ctypes.Stream, ctypes.Future, ctypes.ErrorContext:
			found = t
			return true
		}
		return false
	})
	return found
}
