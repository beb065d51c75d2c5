package plan

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// reach answers what a core function can end up calling. It follows direct calls through core instances; an indirect
// call is taken to reach every function of the component instance whose reference exists anywhere: function references
// never cross component boundaries. Every body is scanned at most once.
type reach struct {
	g       *Graph
	owned   map[InstID][]CoreID
	next    map[CoreRef][]CoreRef // see edges
	settled map[CoreRef]bool      // see leaves
}

// refTaken stands, in Core, for all functions of a component instance whose reference may exist.
const refTaken RefKind = 0xff

// reached is what functions reach: calls and built-ins, in order of discovery.
type reached struct {
	calls    []CallID
	builtins []BuiltinID
	size     int // how many functions were visited
}

func newReach(g *Graph) *reach {
	r := &reach{g: g, owned: map[InstID][]CoreID{}, next: map[CoreRef][]CoreRef{}, settled: map[CoreRef]bool{}}
	for id := range g.Cores {
		if ci := &g.Cores[id]; !ci.Dropped {
			r.owned[ci.Owner] = append(r.owned[ci.Owner], CoreID(id))
		}
	}
	return r
}

// edges lists what a function can call itself, or what an indirect call can.
func (r *reach) edges(f CoreRef) ([]CoreRef, error) {
	if f.Kind != RefDef && f.Kind != refTaken {
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

func (r *reach) scan(f CoreRef) ([]CoreRef, error) {
	if f.Kind == refTaken {
		return r.takenIn(InstID(f.Core))
	}
	ci := &r.g.Cores[f.Core]
	s, err := scan.Func(ci.Module, int(f.Index-ci.Module.NumImported(corewasm.ExternFunc)))
	if err != nil {
		return nil, err
	}
	var out []CoreRef
	for _, c := range s.Funcs {
		out = append(out, ci.item(corewasm.ExternFunc, f.Core, c))
	}
	if s.Indirect {
		out = append(out, CoreRef{Kind: refTaken, Core: CoreID(ci.Owner)})
	}
	return out, nil
}

// walk gives what some functions reach together; RefNone reaches nothing.
func (r *reach) walk(roots ...CoreRef) (*reached, error) {
	out := &reached{}
	seen := map[CoreRef]bool{}
	work := slices.Clone(roots)
	for len(work) > 0 {
		f := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[f] {
			continue
		}
		seen[f] = true
		out.size++
		switch f.Kind {
		case RefCall:
			out.calls = append(out.calls, f.Call)
		case RefBuiltin:
			out.builtins = append(out.builtins, f.Builtin)
		}
		next, err := r.edges(f)
		if err != nil {
			return nil, err
		}
		work = append(work, next...)
	}
	return out, nil
}

// leaves says whether a function reaches any lowered function or built-in. Every function is settled once, whoever asks.
func (r *reach) leaves(root CoreRef) (bool, error) {
	from := map[CoreRef][]CoreRef{} // edges backwards, among functions that are not settled yet
	var found, leaving []CoreRef
	seen := map[CoreRef]bool{root: true}
	for work := []CoreRef{root}; len(work) > 0; {
		f := work[len(work)-1]
		work = work[:len(work)-1]
		if yes, ok := r.settled[f]; ok {
			if yes {
				leaving = append(leaving, f)
			}
			continue
		}
		found = append(found, f)
		if f.Kind == RefCall || f.Kind == RefBuiltin {
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
		r.settled[f] = false
	}
	for _, f := range leaving {
		r.settled[f] = true
	}
	for len(leaving) > 0 {
		f := leaving[len(leaving)-1]
		leaving = leaving[:len(leaving)-1]
		for _, p := range from[f] {
			if !r.settled[p] {
				r.settled[p] = true
				leaving = append(leaving, p)
			}
		}
	}
	return r.settled[root], nil
}

// takenIn lists the functions of a component instance whose references may exist: a reference is made by an element
// segment, or by ref.func, which only functions in element segments, exports and initialisers allow (core
// specification, "Validation / Modules": C.refs).
func (r *reach) takenIn(inst InstID) ([]CoreRef, error) {
	var out []CoreRef
	var failed error
	for _, id := range r.owned[inst] {
		ci := &r.g.Cores[id]
		add := func(fn uint32) { out = append(out, ci.item(corewasm.ExternFunc, id, fn)) }
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
		m := ci.Module
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

// throwing lists the component instances out of whose own code an exception can come: those that have a tag to throw
// with. Exceptions of other instances end at their own boundaries.
func throwing(g *Graph) map[InstID]bool {
	out := map[InstID]bool{}
	for i := range g.Cores {
		if ci := &g.Cores[i]; !ci.Dropped && ci.Module.Count(corewasm.ExternTag) > 0 {
			out[ci.Owner] = true
		}
	}
	return out
}
