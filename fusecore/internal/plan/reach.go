package plan

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// reach answers what a core function can end up calling. It follows direct calls through core instances; an indirect
// call is taken to reach every function of the component instance whose reference exists anywhere: function references
// never cross component boundaries.
type reach struct {
	g     *Graph
	taken map[InstID][]CoreRef // functions whose reference may exist
	cache map[CoreRef]*reached
}

// reached is what one root reaches: calls and built-ins, in order of discovery.
type reached struct {
	calls    []CallID
	builtins []BuiltinID
}

func (r *reached) empty() bool { return len(r.calls) == 0 && len(r.builtins) == 0 }

func newReach(g *Graph) *reach {
	return &reach{g: g, taken: map[InstID][]CoreRef{}, cache: map[CoreRef]*reached{}}
}

// from gives what a function reaches; RefNone reaches nothing.
func (r *reach) from(root CoreRef) (*reached, error) {
	if root.Kind == RefNone {
		return &reached{}, nil
	}
	if out, ok := r.cache[root]; ok {
		return out, nil
	}
	out, err := r.walk(root)
	if err == nil {
		r.cache[root] = out
	}
	return out, err
}

// walk gives what some functions reach together.
func (r *reach) walk(roots ...CoreRef) (*reached, error) {
	out := &reached{}
	seen := map[CoreRef]bool{}
	widened := map[InstID]bool{}
	work := slices.Clone(roots)
	for len(work) > 0 {
		f := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[f] {
			continue
		}
		seen[f] = true
		switch f.Kind {
		case RefCall:
			out.calls = append(out.calls, f.Call)
		case RefBuiltin:
			out.builtins = append(out.builtins, f.Builtin)
		case RefDef:
			ci := &r.g.Cores[f.Core]
			s, err := scan.Func(ci.Module, int(f.Index-ci.Module.NumImported(corewasm.ExternFunc)))
			if err != nil {
				return nil, err
			}
			for _, c := range s.Calls {
				work = append(work, ci.item(corewasm.ExternFunc, f.Core, c))
			}
			for _, c := range s.RefFuncs {
				work = append(work, ci.item(corewasm.ExternFunc, f.Core, c))
			}
			if s.Indirect && !widened[ci.Owner] {
				widened[ci.Owner] = true
				taken, err := r.takenIn(ci.Owner)
				if err != nil {
					return nil, err
				}
				work = append(work, taken...)
			}
		}
	}
	return out, nil
}

// takenIn lists the functions of a component instance whose references may exist: a reference is made by an element
// segment, or by ref.func, which only functions in element segments, exports and initialisers allow (core
// specification, "Validation / Modules": C.refs).
func (r *reach) takenIn(inst InstID) ([]CoreRef, error) {
	if t, ok := r.taken[inst]; ok {
		return t, nil
	}
	var out []CoreRef
	var failed error
	for id := range r.g.Cores {
		ci := &r.g.Cores[id]
		if ci.Owner != inst || ci.Dropped {
			continue
		}
		add := func(fn uint32) { out = append(out, ci.item(corewasm.ExternFunc, CoreID(id), fn)) }
		refs := func(x corewasm.Expr) {
			s, err := scan.Expr(x)
			if err != nil {
				failed = err
				return
			}
			for _, fn := range s.RefFuncs {
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
		for i := range m.Globals {
			refs(m.Globals[i].Init)
		}
		for i := range m.Tables {
			if x := m.Tables[i].Init; x != nil {
				refs(*x)
			}
		}
	}
	if failed != nil {
		return nil, failed
	}
	r.taken[inst] = out
	return out, nil
}

// mayThrow says whether an exception can come out of a component instance's own code: it has a tag to throw with.
// Exceptions of other instances end at their own boundaries.
func mayThrow(g *Graph, inst InstID) bool {
	for i := range g.Cores {
		if ci := &g.Cores[i]; ci.Owner == inst && !ci.Dropped && ci.Module.Count(corewasm.ExternTag) > 0 {
			return true
		}
	}
	return false
}
