// This file implements the call graph of core functions within component instances.

package analyse

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Reach determines what core functions can reach. It follows direct calls through core instances. An indirect call
// counts as reaching every function of the component instance whose reference exists anywhere, since function
// references never cross component boundaries. It ends at lowered functions and built-ins. Every body is scanned at
// most once.
type Reach struct {
	l        *Live
	g        *graph.Graph
	owned    map[graph.InstID][]graph.CoreID
	next     map[graph.CoreRef][]graph.CoreRef // see edges
	resolved map[graph.CoreRef]bool            // see Leaves
	inside   *Reachable                        // see Inside
}

// RefTaken in Core stands for all functions of a component instance whose references may exist. In a path it is an
// indirect call.
const RefTaken graph.Origin = 0xff

func takenIn(inst graph.InstID) graph.CoreRef {
	return graph.CoreRef{Origin: RefTaken, Core: graph.CoreID(inst)}
}

// NewReach prepares the analysis of the live part of a graph.
func NewReach(l *Live) *Reach {
	r := &Reach{l: l, g: l.g, owned: map[graph.InstID][]graph.CoreID{}, next: map[graph.CoreRef][]graph.CoreRef{}, resolved: map[graph.CoreRef]bool{}}
	for id, ci := range l.Cores() {
		r.owned[ci.Owner] = append(r.owned[ci.Owner], id)
	}
	return r
}

// edges lists the functions that a function, or an indirect call, can call directly.
func (r *Reach) edges(f graph.CoreRef) ([]graph.CoreRef, error) {
	if f.Origin != graph.RefDef && f.Origin != RefTaken {
		return nil, nil
	}
	if out, ok := r.next[f]; ok {
		return out, nil
	}
	out, err := r.scan(f)
	if err == nil {
		r.next[f] = out
	}
	return out, err
}

func (r *Reach) scan(f graph.CoreRef) ([]graph.CoreRef, error) {
	if f.Origin == RefTaken {
		return r.taken(graph.InstID(f.Core))
	}
	ci := &r.g.Cores[f.Core]
	s, err := scan.Func(ci.Module, int(f.Index-ci.Module.NumImported(corewasm.ExternFunc)))
	if err != nil {
		return nil, err
	}
	var out []graph.CoreRef
	for _, c := range s.Funcs {
		out = append(out, r.g.Func(f.Core, c))
	}
	if s.Indirect {
		out = append(out, takenIn(ci.Owner))
	}
	return out, nil
}

// Reachable is what some functions reach: lowered functions and built-ins, in the order of discovery.
type Reachable struct {
	Calls    []graph.CallID
	Builtins []graph.BuiltinID
	parents  map[graph.CoreRef]graph.CoreRef // of every function visited; a root is its own
}

// Size returns the number of functions visited.
func (x *Reachable) Size() int { return len(x.parents) }

// Path lists the functions on the way from a root to a reachable function, including both.
func (x *Reachable) Path(to graph.CoreRef) []graph.CoreRef {
	var path []graph.CoreRef
	for {
		from, ok := x.parents[to]
		if !ok {
			return nil
		}
		path = append(path, to)
		if from == to {
			slices.Reverse(path)
			return path
		}
		to = from
	}
}

// From returns what some functions reach, including themselves. The zero reference reaches nothing. It fails on code
// that cannot be decoded.
func (r *Reach) From(roots ...graph.CoreRef) (*Reachable, error) {
	out := &Reachable{parents: map[graph.CoreRef]graph.CoreRef{}}
	type visit struct{ f, from graph.CoreRef }
	var work []visit
	for _, f := range roots {
		work = append(work, visit{f, f})
	}
	for len(work) > 0 {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		if _, seen := out.parents[v.f]; seen {
			continue
		}
		out.parents[v.f] = v.from
		switch v.f.Origin {
		case graph.RefCall:
			out.Calls = append(out.Calls, v.f.Call)
		case graph.RefBuiltin:
			out.Builtins = append(out.Builtins, v.f.Builtin)
		}
		next, err := r.edges(v.f)
		if err != nil {
			return nil, err
		}
		for _, f := range next {
			work = append(work, visit{f, v.f})
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
	from := map[graph.CoreRef][]graph.CoreRef{} // edges backwards, among functions that are not resolved yet
	var found, leaving []graph.CoreRef
	seen := map[graph.CoreRef]bool{root: true}
	for work := []graph.CoreRef{root}; len(work) > 0; {
		f := work[len(work)-1]
		work = work[:len(work)-1]
		if yes, ok := r.resolved[f]; ok {
			if yes {
				leaving = append(leaving, f)
			}
			continue
		}
		found = append(found, f)
		if f.Origin == graph.RefCall || f.Origin == graph.RefBuiltin {
			leaving = append(leaving, f)
		}
		next, err := r.edges(f)
		if err != nil {
			return false, err
		}
		for _, n := range next {
			from[n] = append(from[n], f)
			if !seen[n] {
				seen[n] = true
				work = append(work, n)
			}
		}
	}
	for _, f := range found {
		r.resolved[f] = false
	}
	for _, f := range leaving {
		r.resolved[f] = true
	}
	for len(leaving) > 0 {
		f := leaving[len(leaving)-1]
		leaving = leaving[:len(leaving)-1]
		for _, p := range from[f] {
			if !r.resolved[p] {
				r.resolved[p] = true
				leaving = append(leaving, p)
			}
		}
	}
	return r.resolved[root], nil
}

// taken lists the functions of a component instance whose references may exist. References are created by element
// segments, and by ref.func, which is only valid for functions in element segments, exports and initialisers (core
// specification, "Validation / Modules": C.refs).
func (r *Reach) taken(inst graph.InstID) ([]graph.CoreRef, error) {
	var out []graph.CoreRef
	var failed error
	for _, id := range r.owned[inst] {
		add := func(fn uint32) { out = append(out, r.g.Func(id, fn)) }
		refs := func(x corewasm.Expr) {
			s, err := scan.Expr(x)
			if err != nil {
				failed = err
				return
			}
			for _, fn := range s.Funcs {
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
	return out, failed
}
