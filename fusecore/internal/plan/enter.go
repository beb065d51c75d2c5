// This file implements the decisions about may_enter flags.

package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Enter is what a call does with the may_enter flags of its entering set: the callee's instance and its ancestors,
// except those that already contain the caller (CanonicalABI.md, "Component Instances" and Store.lift). Flags that are
// proven to be true are not tested, and those that nothing tests in the meantime are not cleared.
type Enter struct {
	Test []graph.InstID // trap unless all of these may be entered
	Set  []graph.InstID // may not be entered again until the call ends
}

// EnterID is an index in Plan.Enters. The zero EnterID means nothing to do. Equal sets have equal identifiers.
type EnterID int32

// intern returns the identifier of an Enter.
func (d *decider) intern(e Enter) EnterID {
	if len(e.Test)+len(e.Set) == 0 {
		return 0
	}
	key := fmt.Sprint(e)
	id, ok := d.enters[key]
	if !ok {
		id = EnterID(len(d.Enters))
		d.enters[key] = id
		d.Enters = append(d.Enters, e)
	}
	return id
}

// way is a way to enter instances, with its effect.
type way struct {
	Enter
	why Reason // the first one found
}

func (w *way) test(x graph.InstID, why Reason) { w.add(&w.Test, x, why) }
func (w *way) set(x graph.InstID, why Reason)  { w.add(&w.Set, x, why) }

// add adds an instance to a sorted list of the way, unless it is already there.
func (w *way) add(list *[]graph.InstID, x graph.InstID, why Reason) {
	if at, found := slices.BinarySearch(*list, x); !found {
		*list = slices.Insert(*list, at, x)
	}
	if w.why.Rule == NoRule {
		w.why = why
	}
}

// ways are all ways: calls, drops that end a resource's life, and drops by the host.
type ways struct {
	calls    []way // by graph.CallID
	drops    []way // by graph.BuiltinID
	hostDrop []way // by ctypes.Resource.ID
}

// by returns the way by which a lowered function or a built-in enters.
func (w *ways) by(r graph.CoreRef) *way {
	if r.Origin == graph.RefBuiltin {
		return &w.drops[r.Builtin]
	}
	return &w.calls[r.Call]
}

// entering decides what every call does with may_enter flags. A flag can only be found false by a call that enters the
// instance, or one inside it, from outside, after an earlier such call has left it again:
//
//   - The root is only left by calls of the host, and only entered by calls by the host. Its flag is needed if an instance
//     that the host can call can call the host.
//   - Any other instance is given functions and types of its ancestors and of instances completed before it, which cannot
//     have a reference to it. So the way back leads through a call from an instance to one of its ancestors. Without such a
//     call no other flag is needed; otherwise the graph of entries determines which are.
//
// Start functions need no flag of the instance that is being created, because nothing outside has a reference to it
// before it is complete.
func (d *decider) entering() error {
	w := &ways{calls: make([]way, len(d.g.Calls)), drops: make([]way, len(d.g.Builtins)), hostDrop: make([]way, len(d.g.Resources))}
	d.enterRoot(w)
	if d.donut() {
		e, err := analyse.NewEntries(d.Live, d.reach, analyse.SearchBudget)
		if err != nil {
			return err
		}
		d.entries = e
		(&flags{Entries: e, d: d, w: w}).decide()
	}
	if err := d.enterTasks(w); err != nil {
		return err
	}
	for i, way := range w.calls {
		d.Calls[i].Enter, d.Calls[i].EnterReason = d.intern(way.Enter), way.why
	}
	for i, way := range w.drops {
		d.Builtins[i].Enter, d.Builtins[i].EnterReason = d.intern(way.Enter), way.why
	}
	for i, way := range w.hostDrop {
		d.Resources[i].HostEnter, d.Resources[i].HostEnterReason = d.intern(way.Enter), way.why
	}
	return nil
}

// enterTasks rejects a graph in which an instance with the one that needs the runtime's tasks can be entered again. Its
// flag is true while a task waits, which only the runtime knows.
func (d *decider) enterTasks(w *ways) error {
	if d.Async == graph.Host {
		return nil
	}
	for id, b := range d.Live.Builtins() {
		if x := &w.drops[id]; b.Inst == d.Async && len(x.Test)+len(x.Set) > 0 {
			return d.refuse(d.Async, "it drops handles of %s, whose instance can be entered again", b.Resource.Name)
		}
	}
	for _, all := range [][]way{w.calls, w.drops, w.hostDrop} {
		for i := range all {
			for _, x := range all[i].Test {
				if d.g.Within(d.Async, x) {
					return d.refuse(d.Async, "%s can be entered again, and %s", d.g.Insts[x].Path, d.conc.Of(d.Async))
				}
			}
		}
	}
	return nil
}

// enterRoot decides about the root's flag: every call by the host tests it if any instance that the host can call may
// call the host, and the calls to those instances clear it.
func (d *decider) enterRoot(w *ways) {
	leaves := d.reachingHost()
	held := d.heldByHost()
	needed := false
	each := func(visit func(inst graph.InstID, w *way)) {
		for id, c := range d.Live.Calls() {
			if c.ByHost() && (d.Flags || !c.ToHost()) {
				visit(c.Callee.Inst, &w.calls[id])
			}
		}
		for i := range d.g.Resources {
			if r := &d.g.Resources[i]; held[r.Type] && r.Impl != graph.Host {
				d.Resources[i].HostHeld = true
				visit(r.Impl, &w.hostDrop[i])
			}
		}
	}
	each(func(inst graph.InstID, _ *way) { needed = needed || leaves[inst] || d.Flags })
	if !needed || d.Async != graph.Host { // runtimes with tasks test the flag
		return
	}
	each(func(inst graph.InstID, w *way) {
		w.test(graph.Root, Because(HostEntersAgain))
		if leaves[inst] || d.Flags {
			w.set(graph.Root, Because(HostEntersAgain))
		}
	})
}

// reachingHost reports for each instance whether a call of it can lead to a call of the host: of a function, or of the
// destructor of a type of the host.
func (d *decider) reachingHost() []bool {
	callers := make([][]graph.InstID, len(d.g.Insts))
	out := make([]bool, len(d.g.Insts))
	work := []graph.InstID{graph.Host}
	edge := func(from, to graph.InstID) { callers[to] = append(callers[to], from) }
	for _, c := range d.Live.Calls() {
		edge(c.Caller.Inst, c.Callee.Inst)
	}
	for _, b := range d.Live.Builtins() {
		if b.Op == component.CanonResourceDrop {
			edge(b.Inst, d.g.Resources[b.Resource.ID].Impl)
		}
	}
	for len(work) > 0 {
		to := work[len(work)-1]
		work = work[:len(work)-1]
		for _, from := range callers[to] {
			if from != graph.Host && !out[from] {
				out[from] = true
				work = append(work, from)
			}
		}
	}
	return out
}

// heldByHost returns the resource types for which the host can be given owning handles. With Options.Flags it can call the
// destructors of all types that the world exports.
func (d *decider) heldByHost() map[*ctypes.Resource]bool {
	held := map[*ctypes.Resource]bool{}
	if d.Flags {
		maps.Copy(held, d.exported)
	}
	give := func(t *ctypes.Type) {
		t.Any(func(t *ctypes.Type) bool {
			if t.Kind == ctypes.Own {
				held[t.Resource] = true
			}
			return false
		})
	}
	for _, c := range d.Live.Calls() {
		switch f := d.g.Funcs[c.Func].Type; {
		case c.ByHost():
			give(f.Result)
		case c.ToHost():
			for _, p := range f.Params {
				give(p.Type)
			}
		}
	}
	return held
}

// donut reports whether anything calls its own instance or an ancestor of it, or drops a resource of one.
func (d *decider) donut() bool {
	for _, c := range d.Live.Calls() {
		if !c.ByHost() && !c.ToHost() && d.g.Within(c.Caller.Inst, c.Callee.Inst) {
			return true
		}
	}
	for _, b := range d.Live.Builtins() {
		if b.Op != component.CanonResourceDrop {
			continue
		}
		if to := d.g.Resources[b.Resource.ID].Impl; to != graph.Host && to != b.Inst && d.g.Within(b.Inst, to) {
			return true
		}
	}
	return false
}

// flags decides about the flags of all instances except the root, from the graph of entries.
type flags struct {
	*analyse.Entries
	d *decider
	w *ways
}

func (e *flags) decide() {
	for x := graph.Root + 1; int(x) < len(e.d.g.Insts); x++ {
		if !e.flag(x) {
			e.keep(x)
			return
		}
	}
}

// flag decides about the flag of instance x. A crossing that enters x tests it if its caller is reachable from inside
// x, which then is on the stack. It clears it if what it calls can reach such a crossing. flag reports whether the
// budget was sufficient.
func (e *flags) flag(x graph.InstID) bool {
	var inside, callers []int32
	for i := range e.Nodes {
		if e.Within(e.Nodes[i].Inst, x) {
			inside = append(inside, int32(i))
		}
	}
	reached := e.Search(inside, false)
	if reached == nil {
		return false
	}
	steps := e.crossings(x, func(from int32, c *analyse.Crossing) {
		if reached[from] {
			e.w.by(c.By).test(x, e.again(x, from, c))
			callers = append(callers, from)
		}
	})
	if len(callers) == 0 {
		return e.Spend(steps)
	}
	again := e.Search(callers, true)
	if again == nil {
		return false
	}
	steps += e.crossings(x, func(_ int32, c *analyse.Crossing) {
		if again[c.To] {
			e.w.by(c.By).set(x, Because(EntersAgain))
		}
	})
	e.hostCrossings(func(to int32, w *way) {
		if again[to] && e.Within(e.Nodes[to].Inst, x) {
			w.set(x, Because(EntersAgain))
		}
	})
	return e.Spend(steps)
}

// keep makes all crossings test and clear the flags of the instances from x on that they enter.
func (e *flags) keep(x graph.InstID) {
	entered := func(callee, caller graph.InstID) []graph.InstID {
		set := e.d.enteringSet(callee, caller)
		slices.Reverse(set) // parents first
		from, _ := slices.BinarySearch(set, x)
		return set[from:]
	}
	for i := range e.Nodes {
		for _, c := range e.Nodes[i].Out {
			for _, inst := range entered(e.Nodes[c.To].Inst, e.Nodes[i].Inst) {
				e.w.by(c.By).test(inst, Because(NotProven))
				e.w.by(c.By).set(inst, Because(NotProven))
			}
		}
	}
	e.hostCrossings(func(to int32, w *way) {
		for _, inst := range entered(e.Nodes[to].Inst, graph.Host) {
			w.set(inst, Because(NotProven))
		}
	})
}

// again returns the reason why a crossing into an instance tests its flag: the entries that lead there from inside.
func (e *flags) again(x graph.InstID, from int32, c *analyse.Crossing) Reason {
	return Reason{EntersAgain, func() []graph.CoreRef { return append(e.Way(x, from), c.By) }}
}

// enteringSet returns the entering set of a call, from the callee's instance outwards.
func (d *decider) enteringSet(callee, caller graph.InstID) (out []graph.InstID) {
	for ; callee != graph.Host && !d.g.Within(caller, callee); callee = d.g.Insts[callee].Parent {
		out = append(out, callee)
	}
	return out
}

// crossings visits the crossings that enter an instance from outside, with their callers, and returns the number of
// steps taken.
func (e *flags) crossings(x graph.InstID, visit func(from int32, c *analyse.Crossing)) (steps int) {
	for i := range e.Nodes {
		n := &e.Nodes[i]
		steps += 1 + len(n.Out)
		if e.Within(n.Inst, x) {
			continue
		}
		for j := range n.Out {
			if c := &n.Out[j]; e.Within(e.Nodes[c.To].Inst, x) {
				visit(int32(i), c)
			}
		}
	}
	return steps
}

// hostCrossings visits the calls by the host, and its drops.
func (e *flags) hostCrossings(visit func(to int32, w *way)) {
	g := e.d.g
	for id, c := range e.d.Live.Calls() {
		if c.ByHost() && !c.ToHost() {
			visit(e.Node(c.Callee.Inst, c.Target), &e.w.calls[id])
		}
	}
	for i := range g.Resources {
		if r := &g.Resources[i]; e.d.Resources[i].HostHeld {
			visit(e.Node(r.Impl, r.Dtor), &e.w.hostDrop[i])
		}
	}
}
