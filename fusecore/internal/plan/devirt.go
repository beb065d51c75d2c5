package plan

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// devirtualise makes references to functions that only pass their parameters on to a known function references to that
// function. Component tools break the cycle between a module and the lowered functions that need its memory with a module
// of such functions, each of which calls what is in a slot of a table or in a global; a later module fills those.
func devirtualise(g *Graph, abi *cabi.Types) {
	k := newCells(g)
	forwarders := map[*corewasm.Module][]forwarder{}
	to := map[CoreRef]CoreRef{}
	var order []CoreRef
	for id := range g.Cores {
		m := g.Cores[id].Module
		fs, ok := forwarders[m]
		if !ok {
			fs = findForwarders(m)
			forwarders[m] = fs
		}
		for i := range fs {
			target, ok := k.target(CoreID(id), &fs[i])
			if ok && sameType(g, abi, m, fs[i].index, target) {
				r := CoreRef{Kind: RefDef, Sort: corewasm.ExternFunc, Core: CoreID(id), Index: fs[i].index}
				to[r], order = target, append(order, r)
			}
		}
	}
	if len(to) == 0 {
		return
	}
	settle(to, order)
	g.eachRef(func(r *CoreRef) {
		if target, ok := to[*r]; ok {
			*r = target
		}
	})
}

// settle replaces targets that are trampolines themselves by what these lead to in the end. Of trampolines that lead to
// each other in a circle all become one of them, which calls itself for ever.
func settle(to map[CoreRef]CoreRef, order []CoreRef) {
	on := map[CoreRef]bool{}
	var path []CoreRef
	for _, r := range order {
		path = path[:0]
		for next, ok := to[r]; ok && next != r && !on[r]; next, ok = to[r] {
			on[r] = true
			path = append(path, r)
			r = next
		}
		for _, p := range path {
			to[p], on[p] = r, false
		}
	}
}

// eachRef visits every reference to a core item in the graph.
func (g *Graph) eachRef(visit func(*CoreRef)) {
	opts := func(o *Options) {
		visit(&o.Memory)
		visit(&o.Realloc)
		visit(&o.PostReturn)
		visit(&o.Callback)
	}
	for i := range g.Cores {
		for j := range g.Cores[i].Args {
			visit(&g.Cores[i].Args[j])
		}
	}
	for i := range g.Resources {
		visit(&g.Resources[i].Dtor)
	}
	for i := range g.Funcs {
		visit(&g.Funcs[i].Core)
		opts(&g.Funcs[i].Opts)
	}
	for i := range g.Calls {
		visit(&g.Calls[i].Target)
		opts(&g.Calls[i].Caller.Opts)
		opts(&g.Calls[i].Callee.Opts)
	}
	for i := range g.Builtins {
		opts(&g.Builtins[i].Opts)
	}
}

// item gives what an index of a core instance's index space stands for; id is the instance's own identifier.
func (ci *CoreInst) item(k corewasm.ExternKind, id CoreID, index uint32) CoreRef {
	if pos, imported := ci.Module.ImportAt(k, index); imported {
		return ci.Args[pos]
	}
	return CoreRef{Kind: RefDef, Sort: k, Core: id, Index: index}
}

// sameType says whether a function and a target have the same type, so that a call under the function's own type finds that
// the target has it. Types whose equality is not seen in the function types alone are left out: members of larger recursion
// groups and of subtype hierarchies.
func sameType(g *Graph, abi *cabi.Types, m *corewasm.Module, index uint32, target CoreRef) bool {
	ft, tt := m.FuncTypeOf(index), g.coreType(abi, target)
	if tt == nil || ft == nil || !tt.Equal(*ft) || usesIndices(*ft) || !m.PlainFunc(index) {
		return false
	}
	return target.Kind != RefDef || g.Cores[target.Core].Module.PlainFunc(target.Index)
}

// coreType gives the type of a core function; nil for one that cannot be fused.
func (g *Graph) coreType(abi *cabi.Types, r CoreRef) *corewasm.FuncType {
	switch r.Kind {
	case RefDef:
		return g.Cores[r.Core].Module.FuncTypeOf(r.Index)
	case RefCall:
		c := &g.Calls[r.Call]
		t := abi.Lowered(g.Funcs[c.Func].Type, cabi.Options{Ptr64: c.Caller.Opts.Ptr64})
		return &t
	case RefBuiltin:
		b := &g.Builtins[r.Builtin]
		switch b.Op {
		case component.CanonContextGet:
			return &corewasm.FuncType{Results: []corewasm.ValType{b.ValType}}
		case component.CanonContextSet:
			return &corewasm.FuncType{Params: []corewasm.ValType{b.ValType}}
		case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
			t := builtinType(b.Op)
			return &t
		}
		return asyncType(abi, b)
	}
	return nil
}

// usesIndices says whether a type refers to other types, whose indices mean something else in another module.
func usesIndices(ft corewasm.FuncType) bool {
	indexed := func(t corewasm.ValType) bool { return t.IsRef() && t.Heap >= 0 }
	return slices.ContainsFunc(ft.Params, indexed) || slices.ContainsFunc(ft.Results, indexed)
}
