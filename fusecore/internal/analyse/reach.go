// This file implements the call graph of core functions within component instances.

package analyse

import (
	"context"
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Reach determines what core functions can reach. It follows direct calls through core instances. An indirect call
// counts as reaching every function of the component instance whose reference exists anywhere, since function
// references never cross component boundaries. It ends at lowered functions and built-ins. The calls of every body are
// looked up at most once.
type Reach struct {
	l        *Live
	g        *graph.Graph
	owned    map[graph.InstID][]graph.CoreID
	nodes    nodes
	next     []span     // the edges of every node, see edges
	arena    []node     // with the lists of next
	resolved []answer   // see Leaves
	place    []int32    // of each node in the list of a search that found it; else it points elsewhere
	inside   *Reachable // see Inside
}

// span is a part of Reach.arena.
type span struct{ start, end uint32 }

// answer is what is known about a node.
type answer uint8

const (
	unknown answer = iota
	no
	yes
)

// RefTaken in Core stands for all functions of a component instance whose references may exist. In a path it is an
// indirect call.
const RefTaken graph.Origin = 0xff

func takenIn(inst graph.InstID) graph.CoreRef {
	return graph.CoreRef{Origin: RefTaken, Core: graph.CoreID(inst)}
}

// NewReach prepares the analysis of the live part of a graph.
func NewReach(l *Live) *Reach {
	r := &Reach{l: l, g: l.g, owned: map[graph.InstID][]graph.CoreID{}, nodes: newNodes(l.g)}
	for id, ci := range l.Cores() {
		r.owned[ci.Owner] = append(r.owned[ci.Owner], id)
	}
	// No list begins at the arena's first entry, so that the zero span means that the edges are not known.
	r.next, r.arena = make([]span, r.nodes.n), make([]node, 1)
	r.resolved, r.place = make([]answer, r.nodes.n), make([]int32, r.nodes.n)
	return r
}

// edges lists the functions that a function, or an indirect call, can call directly. The list is valid until the next
// call.
func (r *Reach) edges(n node) ([]node, error) {
	s := r.next[n]
	if s == (span{}) {
		start := len(r.arena)
		if err := r.list(n); err != nil {
			r.arena = r.arena[:start]
			return nil, err
		}
		s = span{uint32(start), uint32(len(r.arena))}
		r.next[n] = s
	}
	return r.arena[s.start:s.end], nil
}

// list appends the edges of a node to the arena.
func (r *Reach) list(n node) error {
	f := r.nodes.ref(n)
	switch f.Origin {
	case RefTaken:
		return r.taken(graph.InstID(f.Core), func(f graph.CoreRef) { r.arena = append(r.arena, r.nodes.of(f)) })
	case graph.RefDef:
	default:
		return nil
	}
	u, err := usesOf(&r.g.Cores[f.Core], f.Index)
	if err != nil {
		return err
	}
	start := len(r.arena)
	indirect := false
	for _, x := range u {
		switch x.Use() {
		case corewasm.UseCall, corewasm.UseRefFunc:
			r.arena = append(r.arena, node(x.Index()))
		case corewasm.UseIndirect:
			indirect = true
		}
	}
	called := r.arena[start:]
	slices.Sort(called)
	called = slices.Compact(called)
	r.arena = r.arena[:start+len(called)]
	for i, c := range called {
		if called[i], err = r.nodes.function(f.Core, uint32(c)); err != nil {
			return err
		}
	}
	if indirect {
		r.arena = append(r.arena, r.nodes.of(takenIn(r.g.Cores[f.Core].Owner)))
	}
	return nil
}

// usesOf returns the references that the body of a function makes.
func usesOf(ci *graph.CoreInst, f uint32) ([]corewasm.Ref, error) {
	refs, err := scan.Refs(context.Background(), ci.Module)
	if err != nil {
		return nil, err
	}
	i := int64(f) - int64(ci.Module.NumImported(corewasm.ExternFunc))
	if i < 0 || i >= int64(len(refs.Ends)) {
		return nil, diag.New(fmt.Sprintf("function %d", f), "there is no such function: the module defines %d", len(refs.Ends))
	}
	return refs.Of(int(i)), nil
}

// Reachable is what some functions reach: lowered functions and built-ins, in the order of discovery.
type Reachable struct {
	Calls    []graph.CallID
	Builtins []graph.BuiltinID
	r        *Reach
	visited  []visit
}

// visit is a function that is reached, and the place in the list of that from which it is; a root has its own place.
type visit struct {
	n    node
	from int32
}

// Size returns the number of functions visited.
func (x *Reachable) Size() int { return len(x.visited) }

// Path lists the functions on the way from a root to a reachable function, including both.
func (x *Reachable) Path(to graph.CoreRef) []graph.CoreRef {
	n := x.r.nodes.of(to)
	at := int32(slices.IndexFunc(x.visited, func(v visit) bool { return v.n == n }))
	if at < 0 {
		return nil
	}
	var path []graph.CoreRef
	for {
		path = append(path, x.r.nodes.ref(x.visited[at].n))
		if from := x.visited[at].from; from != at {
			at = from
			continue
		}
		slices.Reverse(path)
		return path
	}
}

// From returns what some functions reach, including themselves. The zero reference reaches nothing. It fails on code
// that cannot be decoded.
func (r *Reach) From(roots ...graph.CoreRef) (*Reachable, error) {
	out := &Reachable{r: r}
	var work []visit
	for _, f := range roots {
		work = append(work, visit{r.nodes.of(f), -1})
	}
	for len(work) > 0 {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		if at := r.place[v.n]; int(at) < len(out.visited) && out.visited[at].n == v.n {
			continue
		}
		at := int32(len(out.visited))
		if v.from < 0 {
			v.from = at
		}
		out.visited = append(out.visited, v)
		r.place[v.n] = at
		switch f := r.nodes.ref(v.n); f.Origin {
		case graph.RefCall:
			out.Calls = append(out.Calls, f.Call)
		case graph.RefBuiltin:
			out.Builtins = append(out.Builtins, f.Builtin)
		}
		next, err := r.edges(v.n)
		if err != nil {
			return nil, err
		}
		for _, n := range next {
			work = append(work, visit{n, at})
		}
	}
	return out, nil
}

// Inside returns what can run while the may_leave flag of its instance is false: what reallocs and post-returns reach
// (CanonicalABI.md, LiftLowerContext and canon_lift).
func (r *Reach) Inside() (*Reachable, error) {
	if r.inside != nil {
		return r.inside, nil
	}
	var roots []graph.CoreRef
	for _, b := range r.l.Builtins() {
		roots = append(roots, b.Opts.Realloc)
	}
	for _, c := range r.l.Calls() {
		for _, s := range []*graph.Side{&c.Caller, &c.Callee} {
			if s.Inst != graph.Host {
				roots = append(roots, s.Opts.Realloc, s.Opts.PostReturn)
			}
		}
	}
	var err error
	r.inside, err = r.From(roots...)
	return r.inside, err
}

// Leaves reports whether a function reaches any lowered function or built-in. Results are cached by function.
func (r *Reach) Leaves(root graph.CoreRef) (bool, error) {
	top := r.nodes.of(root)
	var leaving []int32
	var followed []int32 // the places in found of those whose edges are followed
	count := 0           // edges
	found := []node{top}
	r.place[top] = 0
	for at := int32(0); int(at) < len(found); at++ {
		n := found[at]
		if r.resolved[n] == unknown {
			f := r.nodes.ref(n)
			if f.Origin == graph.RefCall || f.Origin == graph.RefBuiltin {
				leaving = append(leaving, at)
			}
		} else {
			if r.resolved[n] == yes {
				leaving = append(leaving, at)
			}
			continue
		}
		next, err := r.edges(n)
		if err != nil {
			return false, err
		}
		for _, to := range next {
			if p := r.place[to]; int(p) >= len(found) || found[p] != to {
				r.place[to] = int32(len(found))
				found = append(found, to)
			}
		}
		followed = append(followed, at)
		count += len(next)
	}
	// The edges backwards, by counting. All are in the arena now.
	edges := func(at int32) []node {
		s := r.next[found[at]]
		return r.arena[s.start:s.end]
	}
	ends := make([]int32, len(found)+1)
	for _, at := range followed {
		for _, to := range edges(at) {
			ends[r.place[to]+1]++
		}
	}
	for i := range found {
		ends[i+1] += ends[i]
	}
	callers := make([]int32, count)
	for _, at := range slices.Backward(followed) {
		for _, to := range slices.Backward(edges(at)) {
			callers[ends[r.place[to]+1]-1] = at
			ends[r.place[to]+1]--
		}
	}
	// ends[i+1] is now where the callers of found[i] begin.
	for _, n := range found {
		if r.resolved[n] == unknown {
			r.resolved[n] = no
		}
	}
	for _, at := range leaving {
		r.resolved[found[at]] = yes
	}
	for len(leaving) > 0 {
		at := leaving[len(leaving)-1]
		leaving = leaving[:len(leaving)-1]
		end := int32(len(callers))
		if int(at)+2 < len(ends) {
			end = ends[at+2]
		}
		for _, p := range callers[ends[at+1]:end] {
			if r.resolved[found[p]] != yes {
				r.resolved[found[p]] = yes
				leaving = append(leaving, p)
			}
		}
	}
	return r.resolved[top] == yes, nil
}

// taken lists the functions of a component instance whose references may exist. References are created by element
// segments, and by ref.func, which is only valid for functions in element segments, exports and initialisers (core
// specification, "Validation / Modules": C.refs).
func (r *Reach) taken(inst graph.InstID, each func(graph.CoreRef)) error {
	var failed error
	for _, id := range r.owned[inst] {
		add := func(fn uint32) { each(r.g.Func(id, fn)) }
		refs := func(x corewasm.Expr) {
			funcs, err := scan.Expr(x)
			if err != nil {
				failed = err
				return
			}
			for _, fn := range funcs {
				add(fn)
			}
		}
		m := r.g.Cores[id].Module
		for i := range m.Elems {
			for _, fn := range m.Elems[i].Funcs {
				add(fn)
			}
			for _, x := range m.Elems[i].Exprs {
				refs(x)
			}
		}
		for i := range m.Exports {
			if m.Exports[i].Kind == corewasm.ExternFunc {
				add(m.Exports[i].Index)
			}
		}
		for i := range m.NumGlobals() {
			refs(m.GlobalAt(i).Init)
		}
		for i := range m.Tables {
			if x := m.Tables[i].Init; x != nil {
				refs(*x)
			}
		}
	}
	return failed
}
