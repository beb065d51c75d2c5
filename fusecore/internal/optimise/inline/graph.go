// This file implements the call graph.

package inline

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/scc"
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
	for i := range m.NumGlobals() {
		constexpr.EachFunc(m.GlobalAt(i).Init, add)
	}
	for i := range m.Tables {
		if x := m.Tables[i].Init; x != nil {
			constexpr.EachFunc(*x, add)
		}
	}
	for i := range m.Elems {
		constexpr.EachElem(&m.Elems[i], add)
	}
}

func (in *inliner) edgesOf(f int32) []edge { return in.edges[in.first[f].from:in.first[f].to] }

// groups returns the strongly connected components of the call graph that have edges, callees before callers.
func (in *inliner) groups() (out [][]int32) {
	calls := func(f int32) bool { return len(in.edgesOf(f)) > 0 }
	edge := func(f int32, k int) (callee int32, ok bool) {
		if k == len(in.edgesOf(f)) {
			return 0, false
		}
		return in.edgesOf(f)[k].callee, true
	}
	scc.Each(len(in.first), calls, edge, func(fs []int32) {
		if calls(fs[0]) {
			out = append(out, fs)
		}
	})
	return out
}
