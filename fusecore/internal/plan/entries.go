package plan

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// entry is a function with which the code of an instance begins to run: a lifted function, a destructor (RefNone for the
// drop of a type without one, which enters the instance all the same) or a start function.
type entry struct {
	inst InstID
	core CoreRef
}

// crossing is one way from an entry to the next: a call, or a drop that ends a resource's life.
type crossing struct {
	to    int32 // node
	enter *Enter
}

// node is an entry with all that its code can end up calling. Reallocs and post-returns are no entries: they belong to
// calls, and while they run nothing can be called, because may_leave is false.
type node struct {
	entry
	out   []crossing
	from  []int32 // nodes with a crossing to this one
	calls []CallID
	drops []BuiltinID
	gives []*ctypes.Func // types as which the entry is lifted
}

// entries is the call graph between instances, as fine as single lifted functions.
type entries struct {
	g     *Graph
	nodes []node
	index map[entry]int32
	// order and last give every instance's place before its children, and that of the last instance inside it.
	order, last []int32
	// budget bounds the steps of all searches. What is not searched for want of steps is taken to be so.
	budget int
}

// searchBudget is enough for thousands of instances that call each other in all directions, and a second or two.
const searchBudget = 1 << 26

func newEntries(g *Graph, r *reach, budget int) (*entries, error) {
	e := &entries{g: g, index: map[entry]int32{}, budget: budget}
	e.number()
	for i := range g.Calls {
		if c := &g.Calls[i]; !c.Dropped && c.Callee.Inst != Host {
			n := e.node(entry{c.Callee.Inst, c.Target})
			e.nodes[n].gives = append(e.nodes[n].gives, g.Funcs[c.Func].Type)
		}
	}
	for i := range g.Resources {
		if r := &g.Resources[i]; r.Definer != Host {
			e.node(entry{r.Definer, r.Dtor})
		}
	}
	for i := range g.Cores {
		if ci := &g.Cores[i]; !ci.Dropped && ci.Module.Start != nil {
			e.node(entry{ci.Owner, ci.item(corewasm.ExternFunc, CoreID(i), *ci.Module.Start)})
		}
	}
	for i := range e.nodes {
		if err := e.connect(int32(i), r); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// number fills in order and last. Parents come before their children in Graph.Insts.
func (e *entries) number() {
	n := len(e.g.Insts)
	children := make([][]InstID, n)
	for i := 1; i < n; i++ {
		p := e.g.Insts[i].Parent
		children[p] = append(children[p], InstID(i))
	}
	e.order, e.last = make([]int32, n), make([]int32, n)
	next := int32(0)
	var visit func(i InstID)
	visit = func(i InstID) {
		e.order[i] = next
		next++
		for _, c := range children[i] {
			visit(c)
		}
		e.last[i] = next - 1
	}
	visit(0)
}

// within reports whether an instance is another one or inside it.
func (e *entries) within(inst, holder InstID) bool {
	return e.order[holder] <= e.order[inst] && e.order[inst] <= e.last[holder]
}

func (e *entries) node(x entry) int32 {
	n, ok := e.index[x]
	if !ok {
		n = int32(len(e.nodes))
		e.index[x] = n
		e.nodes = append(e.nodes, node{entry: x})
	}
	return n
}

// spend takes steps from the budget and reports whether there were any left.
func (e *entries) spend(steps int) bool {
	e.budget -= steps
	return e.budget > 0
}

// connect finds what the code of an entry can call.
func (e *entries) connect(id int32, r *reach) error {
	g, n := e.g, &e.nodes[id]
	var builtins []BuiltinID
	if e.budget > 0 {
		all, err := r.walk(n.core)
		if err != nil {
			return err
		}
		e.spend(all.size)
		n.calls, builtins = all.calls, all.builtins
	} else {
		for i := range g.Calls {
			if c := &g.Calls[i]; !c.Dropped && c.Caller.Inst == n.inst {
				n.calls = append(n.calls, CallID(i))
			}
		}
		for i := range g.Builtins {
			if b := &g.Builtins[i]; !b.Dropped && b.Inst == n.inst {
				builtins = append(builtins, BuiltinID(i))
			}
		}
	}
	cross := func(to entry, enter *Enter) {
		t := e.index[to]
		n.out = append(n.out, crossing{t, enter})
		e.nodes[t].from = append(e.nodes[t].from, id)
	}
	for _, c := range n.calls {
		if c := &g.Calls[c]; c.Callee.Inst != Host {
			cross(entry{c.Callee.Inst, c.Target}, &c.Gate.Enter)
		}
	}
	for _, i := range builtins {
		b := &g.Builtins[i]
		if b.Op != component.CanonResourceDrop {
			continue
		}
		n.drops = append(n.drops, i)
		if r := &g.Resources[b.Resource.ID]; r.Definer != Host {
			cross(entry{r.Definer, r.Dtor}, &b.Enter)
		}
	}
	return nil
}

// search marks the nodes that some nodes reach, or that reach them, themselves included. It gives nil when the budget is
// used up.
func (e *entries) search(from []int32, backwards bool) []bool {
	seen := make([]bool, len(e.nodes))
	for _, n := range from {
		seen[n] = true
	}
	work := slices.Clone(from)
	for len(work) > 0 {
		n := &e.nodes[work[len(work)-1]]
		work = work[:len(work)-1]
		if !e.spend(1 + len(n.out) + len(n.from)) {
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
		for i := range n.out {
			visit(n.out[i].to)
		}
	}
	return seen
}

// flags decides about the flags of all instances but the root.
func (e *entries) flags() {
	for x := InstID(1); int(x) < len(e.g.Insts); x++ {
		if !e.flag(x) {
			e.keep(x)
			return
		}
	}
}

// flag decides about the flag of one instance x: a crossing that enters x tests it if its caller can be reached from
// inside x, which then is on the stack; and it clears it if what it calls can reach such a crossing. flag reports
// whether the budget was enough to find out.
func (e *entries) flag(x InstID) bool {
	var inside, callers []int32
	for i := range e.nodes {
		if e.within(e.nodes[i].inst, x) {
			inside = append(inside, int32(i))
		}
	}
	reached := e.search(inside, false)
	if reached == nil {
		return false
	}
	steps := e.crossings(x, func(from int32, c *crossing) {
		if reached[from] {
			c.enter.Test = addInst(c.enter.Test, x)
			callers = append(callers, from)
		}
	})
	if len(callers) == 0 {
		return e.spend(steps)
	}
	again := e.search(callers, true)
	if again == nil {
		return false
	}
	steps += e.crossings(x, func(_ int32, c *crossing) {
		if again[c.to] {
			c.enter.Set = addInst(c.enter.Set, x)
		}
	})
	e.hostCrossings(func(to int32, enter *Enter) {
		if again[to] && e.within(e.nodes[to].inst, x) {
			enter.Set = addInst(enter.Set, x)
		}
	})
	return e.spend(steps)
}

// keep makes all crossings test and clear the flags of the instances from x on that they enter.
func (e *entries) keep(x InstID) {
	entered := func(callee, caller InstID) []InstID {
		set := e.g.entering(callee, caller)
		slices.Reverse(set) // parents first
		from, _ := slices.BinarySearch(set, x)
		return set[from:]
	}
	for i := range e.nodes {
		for _, c := range e.nodes[i].out {
			for _, inst := range entered(e.nodes[c.to].inst, e.nodes[i].inst) {
				c.enter.Test, c.enter.Set = addInst(c.enter.Test, inst), addInst(c.enter.Set, inst)
			}
		}
	}
	e.hostCrossings(func(to int32, enter *Enter) {
		for _, inst := range entered(e.nodes[to].inst, Host) {
			enter.Set = addInst(enter.Set, inst)
		}
	})
}

// crossings visits the crossings that enter an instance from outside, with their callers, and gives the number of steps
// that this took.
func (e *entries) crossings(x InstID, visit func(from int32, c *crossing)) (steps int) {
	for i := range e.nodes {
		n := &e.nodes[i]
		steps += 1 + len(n.out)
		if e.within(n.inst, x) {
			continue
		}
		for j := range n.out {
			if c := &n.out[j]; e.within(e.nodes[c.to].inst, x) {
				visit(int32(i), c)
			}
		}
	}
	return steps
}

// hostCrossings visits the calls by the host, and its drops.
func (e *entries) hostCrossings(visit func(to int32, enter *Enter)) {
	g := e.g
	for i := range g.Calls {
		if c := &g.Calls[i]; !c.Dropped && c.Caller.Inst == Host && c.Callee.Inst != Host {
			visit(e.index[entry{c.Callee.Inst, c.Target}], &c.Gate.Enter)
		}
	}
	for i := range g.Resources {
		if r := &g.Resources[i]; r.HostHeld {
			visit(e.index[entry{r.Definer, r.Dtor}], &r.HostEnter)
		}
	}
}

// addInst adds an instance to a sorted list, unless it is there.
func addInst(list []InstID, x InstID) []InstID {
	at, found := slices.BinarySearch(list, x)
	if found {
		return list
	}
	return slices.Insert(list, at, x)
}

// takes reports whether the instance that makes a call can run again before the call ends, and take a handle of a
// resource type out of its table then: by dropping it, or by passing it on as an argument or as a result.
func (e *entries) takes(c *Call, r *ctypes.Resource) bool {
	if e == nil || c.Callee.Inst == Host {
		return false
	}
	reached := e.search([]int32{e.index[entry{c.Callee.Inst, c.Target}]}, false)
	if reached == nil {
		return true
	}
	owns := func(t *ctypes.Type) bool {
		return t.Any(func(t *ctypes.Type) bool { return t.Kind == ctypes.Own && t.Resource == r })
	}
	for i := range e.nodes {
		n := &e.nodes[i]
		if !reached[i] || n.inst != c.Caller.Inst {
			continue
		}
		if slices.ContainsFunc(n.drops, func(b BuiltinID) bool { return e.g.Builtins[b].Resource == r }) ||
			slices.ContainsFunc(n.gives, func(f *ctypes.Func) bool { return owns(f.Result) }) {
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
