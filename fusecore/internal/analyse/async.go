// This file implements the question which instances need the runtime's tasks.
//
// A function that the runtime lifts synchronously, of a type that is not async, runs in one task that cannot block.
// Most async built-ins are simple in such a task (see package plan), and need no runtime. An instance needs one if a
// task of it can block, if it calls what can, or if streams, futures, error contexts or threads pass through it.

package analyse

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// IsAsync reports whether an operation is an async built-in.
func IsAsync(op component.CanonOp) bool {
	switch op {
	case component.CanonLift, component.CanonLower, component.CanonResourceNew, component.CanonResourceDrop,
		component.CanonResourceRep, component.CanonContextGet, component.CanonContextSet:
		return false
	}
	return true
}

// Cause is why an instance needs the runtime's tasks, in words that complete "it is concurrent because". The empty
// cause means that it does not need them.
type Cause string

// Concurrency says which live instances need the runtime's tasks, and which async built-ins can run while their
// instance's may_leave flag is true.
type Concurrency struct {
	l      *Live
	causes map[graph.InstID]Cause
	atOnce map[graph.InstID]Cause
	// Built-ins that can be called without trapping immediately, the operations of these by instance, and those that
	// destructors and start functions can call.
	runs   map[graph.BuiltinID]bool
	ops    map[graph.InstID]map[component.CanonOp]bool
	nested map[graph.BuiltinID]bool
	types  map[graph.BuiltinID]corewasm.FuncType // see importTypes
	yields map[graph.InstID]bool
}

// AtOnce returns why an instance would need the runtime's tasks if anything outside called an async function of it, or it
// called one outside: it lifts or calls async functions, but all of them are lifted synchronously and cannot block, so
// that they return at once.
func (c *Concurrency) AtOnce(inst graph.InstID) Cause { return c.atOnce[inst] }

// NewConcurrency determines which instances of the live part of a graph need the runtime's tasks.
func NewConcurrency(l *Live, r *Reach) (*Concurrency, error) {
	c := &Concurrency{l: l, causes: map[graph.InstID]Cause{}, atOnce: map[graph.InstID]Cause{}}
	blocking, err := blocking(l, r)
	if err != nil {
		return nil, err
	}
	for _, call := range l.Calls() {
		c.call(call, blocking)
	}
	for id, b := range l.Builtins() {
		if !IsAsync(b.Op) {
			continue
		}
		if c.runs == nil {
			if err := c.running(r); err != nil {
				return nil, err
			}
		}
		if c.needsRuntime(id) {
			c.because(b.Inst, "it uses %v", b.Op)
		}
	}
	return c, c.yielding(r)
}

// Of returns why an instance needs the runtime's tasks.
func (c *Concurrency) Of(inst graph.InstID) Cause { return c.causes[inst] }

// Runs reports whether an async built-in can run while its instance's may_leave flag is true, or does not test it.
func (c *Concurrency) Runs(id graph.BuiltinID) bool { return c.runs[id] }

// RunsIn reports whether an async built-in of an instance with an operation Runs.
func (c *Concurrency) RunsIn(inst graph.InstID, op component.CanonOp) bool { return c.ops[inst][op] }

// Yields reports whether a synchronous function of an instance that needs the runtime's tasks can let other threads go on
// before it returns (CanonicalABI.md, canon_lift).
func (c *Concurrency) Yields(inst graph.InstID) bool { return c.yields[inst] }

func (c *Concurrency) yielding(r *Reach) error {
	c.yields = map[graph.InstID]bool{}
	var roots []graph.CoreRef
	for _, call := range c.l.Calls() {
		if c.causes[call.Callee.Inst] != "" && !c.l.g.Funcs[call.Func].Type.Async {
			roots = append(roots, call.Target)
		}
	}
	for _, res := range c.l.g.Resources {
		if c.causes[res.Impl] != "" {
			roots = append(roots, res.Dtor)
		}
	}
	reached, err := r.From(roots...)
	if err != nil {
		return err
	}
	for _, id := range reached.Calls {
		call := &c.l.g.Calls[id]
		if c.l.g.Funcs[call.Func].Type.Async && !call.Caller.Opts.Async {
			c.yields[call.Caller.Inst] = true
		}
	}
	for _, id := range reached.Builtins {
		if b := &c.l.g.Builtins[id]; b.Op.Waits() && !b.Async && !b.Opts.Async {
			c.yields[b.Inst] = true
		}
	}
	return nil
}

// because records why an instance needs the runtime's tasks. The first cause stays.
func (c *Concurrency) because(inst graph.InstID, format string, args ...any) {
	first(c.causes, inst, format, args...)
}

func first(causes map[graph.InstID]Cause, inst graph.InstID, format string, args ...any) {
	if inst != graph.Host && causes[inst] == "" {
		causes[inst] = Cause(fmt.Sprintf(format, args...))
	}
}

// blocking returns the instances with async functions that could block, or that could be entered while one of them runs.
// An async function that is lifted synchronously cannot block if its instance uses no async built-ins, and only calls
// async functions of which the same holds: it finds no backpressure, and no other task with the instance to itself
// (CanonicalABI.md, Task.enter_implicit_thread), because all of them have ended before the next one begins.
func blocking(l *Live, r *Reach) (map[graph.InstID]bool, error) {
	out := map[graph.InstID]bool{graph.Host: true}
	callers := map[graph.InstID][]graph.InstID{} // of async functions
	again, async := false, false
	for _, c := range l.Calls() {
		f := &l.g.Funcs[c.Func]
		again = again || !c.ByHost() && !c.ToHost() && l.g.Within(c.Caller.Inst, c.Callee.Inst)
		if passes(f.Type) != nil || f.Lift != nil && f.Lift.Opts.Async {
			out[c.Caller.Inst], out[c.Callee.Inst] = out[c.Caller.Inst] || passes(f.Type) != nil, true
		}
		if f.Type.Async {
			callers[c.Callee.Inst] = append(callers[c.Callee.Inst], c.Caller.Inst)
			async = true
		}
	}
	if !async {
		return out, nil
	}
	early, err := starting(l, r)
	if err != nil {
		return nil, err
	}
	for _, id := range early { // runtimes may not allow async calls while instances are created
		if c := &l.g.Calls[id]; l.g.Funcs[c.Func].Type.Async {
			out[c.Caller.Inst], out[c.Callee.Inst] = true, true
		}
	}
	for _, b := range l.Builtins() {
		out[b.Inst] = out[b.Inst] || IsAsync(b.Op)
		again = again || b.Op == component.CanonResourceDrop && b.Inst != l.g.Resources[b.Resource.ID].Impl &&
			l.g.Within(b.Inst, l.g.Resources[b.Resource.ID].Impl)
	}
	for i := range l.g.Insts {
		out[graph.InstID(i)] = out[graph.InstID(i)] || again || l.g.Insts[i].Kept != nil
	}
	work := slices.Sorted(maps.Keys(out))
	for len(work) > 0 {
		i := work[len(work)-1]
		work = work[:len(work)-1]
		if !out[i] {
			continue
		}
		for _, caller := range callers[i] {
			if !out[caller] {
				out[caller] = true
				work = append(work, caller)
			}
		}
	}
	return out, nil
}

// starting returns the calls that start functions can lead to.
func starting(l *Live, r *Reach) (calls []graph.CallID, err error) {
	var work []node
	seen := make([]bool, r.nodes.n)
	add := func(n node) {
		if n != 0 && !seen[n] {
			seen[n] = true
			work = append(work, n)
		}
	}
	for id := range l.Cores() {
		add(r.nodes.of(l.g.Start(id)))
	}
	for len(work) > 0 {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		if f := r.nodes.ref(n); f.Origin == graph.RefCall {
			calls = append(calls, f.Call)
			add(r.nodes.of(l.g.Calls[f.Call].Target))
		}
		next, err := r.edges(n)
		if err != nil {
			return nil, err
		}
		for _, n := range next {
			add(n)
		}
	}
	return calls, nil
}

// call records what a call says about its two sides.
func (c *Concurrency) call(call *graph.Call, blocking map[graph.InstID]bool) {
	f := &c.l.g.Funcs[call.Func]
	passed := passes(f.Type)
	for _, side := range []struct {
		inst graph.InstID
		does string
	}{{call.Callee.Inst, "lifts"}, {call.Caller.Inst, "calls"}} {
		switch {
		case f.Type.Async && !blocking[side.inst] && !call.ByHost():
			first(c.atOnce, side.inst, "it %s the async function %s", side.does, f.Name)
		case f.Type.Async:
			c.because(side.inst, "it %s the async function %s", side.does, f.Name)
		case passed != nil:
			c.because(side.inst, "it %s the function %s, which passes a value of type %v", side.does, f.Name, passed.Kind)
		}
	}
}

// passes returns a type in a function's type whose values only exist where there are tasks, or nil.
func passes(f *ctypes.Func) (found *ctypes.Type) {
	f.Any(func(t *ctypes.Type) bool {
		switch t.Kind {
		case ctypes.Stream, ctypes.Future, ctypes.ErrorContext:
			found = t
		}
		return found != nil
	})
	return found
}

// needsRuntime reports whether generated code cannot do what an async built-in does.
func (c *Concurrency) needsRuntime(id graph.BuiltinID) bool {
	need := c.l.g.Builtins[id].Op.Needs()
	_, typed := c.types[id]
	switch {
	case need == component.NeedsThreads && !typed:
		return true
	case !c.runs[id]:
		return false
	case need == component.NeedsThreadIndex:
		return c.nested[id] // whose threads have an index that is not known
	}
	return need == component.NeedsStreams || need == component.NeedsThreads
}

// CoreType returns the type of an async built-in's core function. It is that of the modules that import it, if the
// operation's type comes from core modules' types and tables. ok is false if that is not known.
func (c *Concurrency) CoreType(abi *cabi.Types, id graph.BuiltinID) (ft corewasm.FuncType, ok bool) {
	if ft, ok = c.types[id]; ok {
		return ft, true
	}
	return c.l.g.Builtins[id].CoreType(abi)
}

// running determines what can run while may_leave is true: what lifted functions, destructors and start functions
// reach. Everything else that the runtime calls, reallocs and post-returns, runs while it is false.
func (c *Concurrency) running(r *Reach) error {
	c.runs, c.nested, c.ops = map[graph.BuiltinID]bool{}, map[graph.BuiltinID]bool{}, map[graph.InstID]map[component.CanonOp]bool{}
	c.importTypes()
	g := c.l.g
	var lifted, nested []graph.CoreRef
	for _, call := range c.l.Calls() {
		if !call.ToHost() {
			lifted = append(lifted, call.Target, call.Callee.Opts.Callback)
		}
	}
	for i := range g.Resources {
		nested = append(nested, g.Resources[i].Dtor)
	}
	for id := range c.l.Cores() {
		nested = append(nested, g.Start(id))
	}
	inside, err := r.Inside()
	if err != nil {
		return err
	}
	for _, id := range inside.Builtins {
		if !g.Builtins[id].Op.ChecksLeave() {
			c.runs[id] = true
		}
	}
	fromNested, err := r.From(nested...)
	if err != nil {
		return err
	}
	for _, id := range fromNested.Builtins {
		c.nested[id] = true
	}
	fromLifted, err := r.From(lifted...)
	if err != nil {
		return err
	}
	for _, id := range append(fromLifted.Builtins, fromNested.Builtins...) {
		c.runs[id] = true
	}
	for id := range c.runs {
		b := &g.Builtins[id]
		if c.ops[b.Inst] == nil {
			c.ops[b.Inst] = map[component.CanonOp]bool{}
		}
		c.ops[b.Inst][b.Op] = true
	}
	return nil
}

// importTypes finds the types with which core modules import built-ins whose own types come from core modules' types
// and tables; both are the same. Types that refer to others are omitted.
func (c *Concurrency) importTypes() {
	c.types = map[graph.BuiltinID]corewasm.FuncType{}
	for _, ci := range c.l.Cores() {
		for pos, a := range ci.Args {
			if a.Origin != graph.RefBuiltin || c.l.g.Builtins[a.Builtin].Op.Needs() != component.NeedsThreads {
				continue
			}
			t := ci.Module.SubTypeAt(ci.Module.Imports[pos].Func)
			if t != nil && t.Kind == corewasm.CompFunc && !graph.UsesIndices(t.Func) {
				c.types[a.Builtin] = t.Func
			}
		}
	}
}
