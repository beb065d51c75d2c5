// This file implements the call graph between component instances.

package analyse

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// entry is a function at which code of an instance begins to run: a lifted function, a destructor (zero for the drop of
// a type without one, which enters the instance all the same) or a start function.
type entry struct {
	Inst graph.InstID
	core graph.CoreRef
}

// Crossing is a way from one entry to another: a call, or a drop that ends a resource's life.
type Crossing struct {
	To int32         // node
	By graph.CoreRef // the lowered function or the built-in
}

// Node is an entry with everything that its code can call. Reallocs and post-returns are not entries: they belong to
// calls, and can call nothing while they run, because may_leave is false.
type Node struct {
	entry
	Out   []Crossing
	from  []int32 // nodes with a crossing to this one
	calls []graph.CallID
	drops []graph.BuiltinID
	types []*ctypes.Func // types with which the entry is lifted
}

// Entries is the call graph between instances, with a node for each lifted function.
type Entries struct {
	Nodes []Node
	l     *Live
	g     *graph.Graph
	index map[entry]int32
	// order and last have, for each instance, its index in a preorder of the tree, and that of the last instance inside
	// it.
	order, last []int32
	// budget limits the steps of all searches. Without steps left, the search counts as successful.
	budget int
}

// SearchBudget is enough for thousands of instances that call each other in all directions, and takes a second or two.
const SearchBudget = 1 << 26

// NewEntries returns the call graph of the live items. Its searches take at most budget steps in total.
func NewEntries(l *Live, r *Reach, budget int) (*Entries, error) {
	e := &Entries{l: l, g: l.g, index: map[entry]int32{}, budget: budget}
	e.number()
	for _, c := range l.Calls() {
		if !c.ToHost() {
			n := e.Node(c.Callee.Inst, c.Target)
			e.Nodes[n].types = append(e.Nodes[n].types, l.g.Funcs[c.Func].Type)
		}
	}
	for i := range l.g.Resources {
		if r := &l.g.Resources[i]; r.Impl != graph.Host {
			e.Node(r.Impl, r.Dtor)
		}
	}
	for id, ci := range l.Cores() {
		if s := l.g.Start(id); !s.IsZero() {
			e.Node(ci.Owner, s)
		}
	}
	for i := range e.Nodes {
		if err := e.connect(int32(i), r); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// number fills order and last. Parents precede their children in Graph.Insts.
func (e *Entries) number() {
	n := len(e.g.Insts)
	children := make([][]graph.InstID, n)
	for i := graph.Root + 1; int(i) < n; i++ {
		p := e.g.Insts[i].Parent
		children[p] = append(children[p], i)
	}
	e.order, e.last = make([]int32, n), make([]int32, n)
	next := int32(0)
	var visit func(i graph.InstID)
	visit = func(i graph.InstID) {
		e.order[i] = next
		next++
		for _, c := range children[i] {
			visit(c)
		}
		e.last[i] = next - 1
	}
	visit(graph.Root)
}

// Within reports whether an instance is another one or inside it.
func (e *Entries) Within(inst, holder graph.InstID) bool {
	return e.order[holder] <= e.order[inst] && e.order[inst] <= e.last[holder]
}

// Node returns the node of a core function of an instance, creating it if necessary.
func (e *Entries) Node(inst graph.InstID, core graph.CoreRef) int32 {
	x := entry{inst, core}
	n, ok := e.index[x]
	if !ok {
		n = int32(len(e.Nodes))
		e.index[x] = n
		e.Nodes = append(e.Nodes, Node{entry: x})
	}
	return n
}

// Spend takes steps from the budget and reports whether there were any left.
func (e *Entries) Spend(steps int) bool {
	e.budget -= steps
	return e.budget > 0
}

// connect finds what the code of an entry can call.
func (e *Entries) connect(id int32, r *Reach) error {
	n := &e.Nodes[id]
	var builtins []graph.BuiltinID
	if e.budget > 0 {
		all, err := r.From(n.core)
		if err != nil {
			return err
		}
		e.Spend(all.Size())
		n.calls, builtins = all.Calls, all.Builtins
	} else {
		for i, c := range e.l.Calls() {
			if c.Caller.Inst == n.Inst {
				n.calls = append(n.calls, i)
			}
		}
		for i, b := range e.l.Builtins() {
			if b.Inst == n.Inst {
				builtins = append(builtins, i)
			}
		}
	}
	cross := func(inst graph.InstID, core, by graph.CoreRef) {
		t := e.index[entry{inst, core}]
		n.Out = append(n.Out, Crossing{t, by})
		e.Nodes[t].from = append(e.Nodes[t].from, id)
	}
	for _, i := range n.calls {
		if c := &e.g.Calls[i]; !c.ToHost() {
			cross(c.Callee.Inst, c.Target, graph.OfCall(i))
		}
	}
	for _, i := range builtins {
		b := &e.g.Builtins[i]
		if b.Op != component.CanonResourceDrop {
			continue
		}
		n.drops = append(n.drops, i)
		if r := &e.g.Resources[b.Resource.ID]; r.Impl != graph.Host {
			cross(r.Impl, r.Dtor, graph.OfBuiltin(i))
		}
	}
	return nil
}

// Search marks the nodes that are reachable from some nodes, or from which they are reachable, including themselves. It
// returns nil if the budget is used up.
func (e *Entries) Search(from []int32, backwards bool) []bool {
	seen := make([]bool, len(e.Nodes))
	for _, n := range from {
		seen[n] = true
	}
	work := slices.Clone(from)
	for len(work) > 0 {
		n := &e.Nodes[work[len(work)-1]]
		work = work[:len(work)-1]
		if !e.Spend(1 + len(n.Out) + len(n.from)) {
			return nil
		}
		visit := func(to int32) {
			if !seen[to] {
				seen[to] = true
				work = append(work, to)
			}
		}
		if backwards {
			for _, to := range n.from {
				visit(to)
			}
			continue
		}
		for i := range n.Out {
			visit(n.Out[i].To)
		}
	}
	return seen
}

// Way lists the entries' functions on a way from inside an instance to an entry, which is last in the list.
func (e *Entries) Way(inst graph.InstID, to int32) (way []graph.CoreRef) {
	before := map[int32]int32{} // the node that leads to each, itself for one inside
	var work []int32
	for i := range e.Nodes {
		if n := int32(i); e.Within(e.Nodes[n].Inst, inst) {
			before[n] = n
			work = append(work, n)
		}
	}
	for ; len(work) > 0; work = work[1:] {
		for _, c := range e.Nodes[work[0]].Out {
			if _, seen := before[c.To]; !seen {
				before[c.To] = work[0]
				work = append(work, c.To)
			}
		}
	}
	for from, found := before[to]; found; from, found = before[to] {
		way = append(way, e.Nodes[to].core)
		if from == to {
			break
		}
		to = from
	}
	slices.Reverse(way)
	return way
}

// Takes reports whether the instance that makes a call can run again before the call ends, and then remove a handle of
// a resource type from its table, by dropping it or by passing it as an argument or result. It is false for the nil
// graph, in which no instance can be entered again.
func (e *Entries) Takes(c *graph.Call, r *ctypes.Resource) bool {
	if e == nil || c.ToHost() {
		return false
	}
	reached := e.Search([]int32{e.Node(c.Callee.Inst, c.Target)}, false)
	if reached == nil {
		return true
	}
	owns := func(t *ctypes.Type) bool {
		return t.Any(func(t *ctypes.Type) bool { return t.Kind == ctypes.Own && t.Resource == r })
	}
	for i := range e.Nodes {
		n := &e.Nodes[i]
		if !reached[i] || n.Inst != c.Caller.Inst {
			continue
		}
		if slices.ContainsFunc(n.drops, func(b graph.BuiltinID) bool { return e.g.Builtins[b].Resource == r }) ||
			slices.ContainsFunc(n.types, func(f *ctypes.Func) bool { return owns(f.Result) }) {
			return true
		}
		for _, id := range n.calls {
			for _, p := range e.g.Funcs[e.g.Calls[id].Func].Type.Params {
				if owns(p.Type) {
					return true
				}
			}
		}
	}
	return false
}
