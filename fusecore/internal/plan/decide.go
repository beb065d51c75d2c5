// This file implements the sequence of decisions, and those about single calls.

package plan

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Decide makes all decisions about an instantiated graph for later stages. It does not change the graph.
func Decide(g *graph.Graph, o Options) (*Plan, error) {
	d := newDecider(g)
	d.Options = o
	d.Names = analyse.NewNames(g, d.Live)
	d.exports(g.World.Exports)
	if err := d.tasks(); err != nil {
		return nil, err
	}
	if err := d.leaving(); err != nil {
		return nil, err
	}
	if err := d.concurrency(); err != nil {
		return nil, err
	}
	if err := d.entering(); err != nil {
		return nil, err
	}
	if err := d.handles(); err != nil {
		return nil, err
	}
	d.memory()
	for id, c := range d.Live.Calls() {
		if err := d.call(id, c); err != nil {
			return nil, diag.In(err, "", g.Insts[c.Caller.Inst].Path, "call of "+g.Funcs[c.Func].Name)
		}
	}
	if err := d.boundary(); err != nil {
		return nil, err
	}
	return &d.Plan, nil
}

// decider is the state of deciding: the plan so far, and analyses of the graph.
type decider struct {
	Plan
	g     *graph.Graph
	reach *analyse.Reach
	abi   *cabi.Types
	conc  *analyse.Concurrency
	// mirrored means that generated code keeps a may_leave flag of Async, see unflagged.
	mirrored bool
	// hosted means that all values of calls by and to the host are in the host memory, see memory.
	hosted bool
	// entries is nil if no instance except the root can be re-entered.
	entries *analyse.Entries

	defined map[*ctypes.Resource]bool // types of Boundary.Resources
	imports map[importKey]Slot        // see imported
	// exported has the resource types that the world exports, shown lists them.
	exported map[*ctypes.Resource]bool
	shown    []*ctypes.Resource
	enters   map[string]EnterID // see intern
}

func newDecider(g *graph.Graph) *decider {
	l := analyse.NewLive(g)
	return &decider{
		Plan: Plan{
			Graph: g, Live: l, Contexts: analyse.Contexts(l), Throws: analyse.Throwing(l),
			Calls: make([]Call, len(g.Calls)), Builtins: make([]Builtin, len(g.Builtins)), Resources: make([]Resource, len(g.Resources)),
			Enters: make([]Enter, 1),
		},
		g: g, reach: analyse.NewReach(l), abi: cabi.New(), defined: map[*ctypes.Resource]bool{}, imports: map[importKey]Slot{}, exported: map[*ctypes.Resource]bool{}, enters: map[string]EnterID{},
	}
}

// leaving determines where the may_leave flag of an instance is observable (CanonicalABI.md, canon_lower and the
// built-ins: "trap_if(not inst.may_leave)"): a realloc or post-return of the instance, during which the flag is false,
// must be able to reach a lowered function or a built-in.
func (d *decider) leaving() error {
	r, err := d.reach.Inside()
	if err != nil {
		return err
	}
	for _, id := range r.Calls {
		if !d.unflagged(d.g.Calls[id].Caller.Inst) {
			d.Calls[id].CheckLeave = reachable(MayNotLeave, r, graph.OfCall(id))
		}
	}
	for _, id := range r.Builtins {
		if !d.unflagged(d.g.Builtins[id].Inst) {
			d.Builtins[id].CheckLeave = reachable(MayNotLeave, r, graph.OfBuiltin(id))
		}
	}
	return nil
}

// leaves returns why clearing may_leave around a function is observable, or the zero Reason if it is not.
func (d *decider) leaves(f graph.CoreRef) (Reason, error) {
	if leaves, err := d.reach.Leaves(f); err != nil || !leaves {
		return Reason{}, err
	}
	return Reason{ReallocLeaves, func() []graph.CoreRef {
		r, err := d.reach.From(f)
		switch {
		case err != nil: // not after Leaves, which has scanned the same functions
			return nil
		case len(r.Calls) > 0:
			return r.Path(graph.OfCall(r.Calls[0]))
		}
		return r.Path(graph.OfBuiltin(r.Builtins[0]))
	}}, nil
}

// sensitive returns the first reason why clearing may_leave around some functions is observable.
func (d *decider) sensitive(funcs ...graph.CoreRef) (r Reason) {
	for _, f := range funcs {
		if !r.Given() {
			r, _ = d.leaves(f) // leaving has reported the error
		}
	}
	return r
}

// call decides how a call is made.
func (d *decider) call(id graph.CallID, c *graph.Call) error {
	p, t := &d.Calls[id], d.g.Funcs[c.Func].Type
	switch {
	case c.ByHost() && c.ToHost() && !d.Named:
		return diag.New("", "an imported function cannot be called by the host itself")
	case d.converted(c):
		if p.Class, p.Reason = d.classify(t, c, p); p.Class < Scalar {
			p.Class, p.Reason = Scalar, Because(ReExported)
		}
		if d.translated(c) {
			p.Class, p.Reason = Handles, Because(HandlesToHost)
			d.guardHandles(p, c, t)
		}
		if c.ByHost() {
			p.CheckLeave = Reason{}
			p.SaveContext = because(KeepsContext, len(d.Contexts[c.Callee.Inst]) > 0)
		}
		if err := d.tooLarge(t); err != nil {
			return err
		}
		p.HostMemory = because(InMemory, d.inMemory(t))
		p.HostReturn = because(InMemory, c.ByHost() && d.resultInMemory(t))
		p.Catch = because(MayThrow, d.catches(c))
		d.clearLeave(p, c)
		return nil
	case c.ToHost():
		p.Class, p.Reason = Direct, Because(HostFunction)
		if p.HostResults = d.hostResults(c); p.HostResults.Given() {
			p.Class, p.Reason = Forward, p.HostResults
		}
		if p.CheckLeave.Given() {
			p.Class, p.Reason = Forward, p.CheckLeave
		}
		return nil
	case c.ByHost():
		*p = Call{Class: Direct, Reason: Because(ExportedToHost), Enter: p.Enter, EnterReason: p.EnterReason}
		p.Catch = because(MayThrow, d.Flags && d.Throws[c.Callee.Inst])
		return nil
	}
	p.Catch = because(MayThrow, d.catches(c))
	p.SaveContext = because(KeepsContext, len(d.Contexts[c.Callee.Inst]) > 0)
	d.clearLeave(p, c)
	if t.Any(isHandle) {
		d.guardHandles(p, c, t)
	}
	if p.Class, p.Reason = d.classify(t, c, p); p.Class != Direct {
		if err := d.tooLarge(t); err != nil {
			return err
		}
	}
	if c.Caller.Inst == c.Callee.Inst && p.Class > Scalar {
		p.Staged, p.HostMemory = Because(OneInstance), because(InMemory, d.inMemory(t))
	}
	return nil
}

// tooLarge rejects functions whose parameters or result can exceed the sizes that adapters can compute with.
func (d *decider) tooLarge(f *ctypes.Func) error {
	for _, t := range []*ctypes.Type{d.abi.Tuple(f), f.Result} {
		if t != nil && d.abi.Of(t, true).Size >= 1<<31 {
			return diag.New("", "values of %v can be 2 GiB or more", f)
		}
	}
	return nil
}

// clearLeave decides where a call must clear may_leave flags.
func (d *decider) clearLeave(p *Call, c *graph.Call) {
	p.CallerLeave = d.sensitive(c.Caller.Opts.Realloc)
	p.CalleeLeave = d.sensitive(c.Callee.Opts.Realloc, c.Callee.Opts.PostReturn)
}

// catches reports whether code that an adapter calls can throw: the callee, or the caller's realloc (CanonicalABI.md,
// call_and_trap_on_throw).
func (d *decider) catches(c *graph.Call) bool {
	return d.Throws[c.Callee.Inst] || !c.Caller.Opts.Realloc.IsZero() && d.Throws[c.Caller.Inst]
}

// classify returns the class of a call between two guests, or between a guest and the host memory.
func (d *decider) classify(t *ctypes.Func, c *graph.Call, p *Call) (Class, Reason) {
	from, to := c.Caller.Opts.Encoding, c.Callee.Opts.Encoding
	if c.ByHost() {
		from = d.HostEncoding(to)
	} else if c.ToHost() {
		to = d.HostEncoding(from)
	}
	is := func(kinds ...ctypes.Kind) bool {
		return t.Any(func(t *ctypes.Type) bool { return slices.Contains(kinds, t.Kind) })
	}
	switch {
	case is(ctypes.Own, ctypes.Borrow):
		return Handles, Because(HandlesMove)
	case is(ctypes.String) && (from != to || from == cabi.Latin1UTF16):
		return Transcode, Because(EncodingsDiffer)
	case d.inMemory(t):
		return Copy, Because(InMemory)
	case t.Any(normalised):
		return Scalar, Because(Normalised)
	case !c.Callee.Opts.PostReturn.IsZero():
		return Scalar, Because(HasPostReturn)
	case c.Caller.Opts.Async:
		return Scalar, Because(LowersAsync)
	}
	for _, guard := range []Reason{p.CheckLeave, p.Catch, p.SaveContext, p.EnterReason} {
		if guard.Given() {
			return Scalar, guard
		}
	}
	return Direct, Because(FlatAndFree)
}

// inMemory reports whether a call of a function passes anything in memory.
func (d *decider) inMemory(t *ctypes.Func) bool {
	_, params := d.abi.Params(t, false, cabi.MaxFlatParams)
	return params || d.resultInMemory(t) || t.Any(func(t *ctypes.Type) bool {
		return t.Kind == ctypes.String || t.Kind == ctypes.List || t.Kind == ctypes.Map
	})
}

func (d *decider) resultInMemory(t *ctypes.Func) bool {
	_, result := d.abi.Results(t, false)
	return result
}

// normalised reports whether lifting a flat value of a type, ignoring its parts, checks or changes bits
// (CanonicalABI.md, lift_flat).
func normalised(t *ctypes.Type) bool {
	switch t.Kind {
	case ctypes.S32, ctypes.U32, ctypes.S64, ctypes.U64, ctypes.F32, ctypes.F64, ctypes.Record, ctypes.Tuple, ctypes.FixedList:
		return false
	}
	return true
}
