// This file implements the call graph.

package inline

import (
	"math"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// reach finds the reachable functions, how they are used, and the calls that may be inlined. Code that nothing reaches does
// not change.
func (in *inliner) reach() error {
	n := len(in.d.Bodies)
	in.uses, in.first = make([]use, n), make([]span, n)
	var queue []int32
	add := func(f uint32, other bool) {
		if f < in.imported || int(f-in.imported) >= n {
			return
		}
		u := &in.uses[f-in.imported]
		u.other = u.other || other
		if !u.reachable {
			u.reachable = true
			queue = append(queue, int32(f-in.imported))
		}
	}
	in.roots(func(f uint32) { add(f, true) })
	sites := map[int32]int32{} // position in edges of each callee of the current function
	for len(queue) > 0 {
		f := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		b := in.d.Bodies[f]
		s := &in.d.Sources[b.Source]
		in.uses[f].generated = s.Generated
		in.bytes += len(s.Code.Code[b.Index].Code)
		in.first[f].from = int32(len(in.edges))
		clear(sites)
		refs := in.d.Refs(s).Of(int(b.Index))
		for i, r := range refs {
			u := r.Use()
			if u != corewasm.UseCall && u != corewasm.UseRefFunc {
				continue
			}
			to, err := s.Edit.Index(op.SpaceFunc, r.Index())
			if err != nil {
				return err
			}
			add(to, u == corewasm.UseRefFunc)
			if to < in.imported || u == corewasm.UseRefFunc {
				continue
			}
			callee := int32(to - in.imported)
			in.uses[callee].calls++
			tail := i+1 < len(refs) && refs[i+1].Use() == corewasm.UseReturnCall
			if tail || !in.joined(b.Source, in.d.Bodies[callee].Source) {
				continue
			}
			at, known := sites[callee]
			if !known {
				at = int32(len(in.edges))
				in.edges, sites[callee] = append(in.edges, edge{callee: callee}), at
			}
			in.edges[at].sites++
		}
		in.first[f].to = int32(len(in.edges))
	}
	return nil
}

// joined reports whether fusing has made a call of a function of one source by a function of another.
func (in *inliner) joined(caller, callee int32) bool {
	return in.o.Everything || caller != callee || in.d.Sources[caller].Generated
}

// roots calls a function for every function that is used outside of bodies.
func (in *inliner) roots(add func(f uint32)) {
	m := in.d.Module
	for i := range m.Exports {
		if m.Exports[i].Kind == corewasm.ExternFunc {
			add(m.Exports[i].Index)
		}
	}
	if m.Start != nil {
		add(*m.Start)
	}
	expr := func(x corewasm.Expr) {
		for r := op.NewReader(x.Bytes, x.Offset); r.Next(); {
			if r.In.Op == op.RefFunc {
				add(r.In.Index)
			}
		}
	}
	for i := range m.NumGlobals() {
		expr(m.GlobalAt(i).Init)
	}
	for i := range m.Tables {
		if m.Tables[i].Init != nil {
			expr(*m.Tables[i].Init)
		}
	}
	for i := range m.Elems {
		e := &m.Elems[i]
		for k := range e.Funcs {
			add(e.Func(k))
		}
		for _, x := range e.Exprs {
			expr(x)
		}
	}
}

func (in *inliner) edgesOf(f int32) []edge { return in.edges[in.first[f].from:in.first[f].to] }

// groups returns the strongly connected components of the call graph that have edges, callees before callers, by Tarjan's
// algorithm.
func (in *inliner) groups() [][]int32 {
	t := &tarjan{in: in, number: make([]int32, len(in.first)), low: map[int32]int32{}}
	for f := range in.first {
		if t.number[f] == 0 && len(in.edgesOf(int32(f))) > 0 {
			t.visit(int32(f))
		}
	}
	return t.groups
}

const done = math.MaxInt32 // the number of a function whose group is complete

type tarjan struct {
	in     *inliner
	number []int32 // in the order of visits, from 1 on
	low    map[int32]int32
	next   int32
	stack  []int32
	groups [][]int32
}

func (t *tarjan) visit(f int32) {
	t.next++
	t.number[f], t.low[f] = t.next, t.next
	t.stack = append(t.stack, f)
	for _, e := range t.in.edgesOf(f) {
		g := e.callee
		switch {
		case t.number[g] == 0 && len(t.in.edgesOf(g)) > 0:
			t.visit(g)
			t.low[f] = min(t.low[f], t.low[g])
		case t.number[g] != 0:
			t.low[f] = min(t.low[f], t.number[g])
		}
	}
	if t.low[f] != t.number[f] {
		return
	}
	at := len(t.stack) - 1
	for t.stack[at] != f {
		at--
	}
	group := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	for _, g := range group {
		t.number[g] = done
	}
	slices.Sort(group)
	t.groups = append(t.groups, group)
}
