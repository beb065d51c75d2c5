// This file implements the resolution of indices, and the replacement of references.

package graph

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// Item returns the item with an index in a core instance's index space.
func (g *Graph) Item(id CoreID, k corewasm.ExternKind, index uint32) CoreRef {
	ci := &g.Cores[id]
	if pos, imported := ci.Module.ImportAt(k, index); imported {
		return ci.Args[pos]
	}
	return CoreRef{Origin: RefDef, Kind: k, Core: id, Index: index}
}

// Func returns the function with an index in a core instance's index space.
func (g *Graph) Func(id CoreID, index uint32) CoreRef { return g.Item(id, corewasm.ExternFunc, index) }

// Start returns the start function of a core instance, or zero.
func (g *Graph) Start(id CoreID) CoreRef {
	if s := g.Cores[id].Module.Start; s != nil {
		return g.Func(id, *s)
	}
	return CoreRef{}
}

// Within reports whether an instance is another one or inside it, at any depth. The host is inside no instance.
func (g *Graph) Within(inst, holder InstID) bool {
	for ; inst != Host; inst = g.Insts[inst].Parent {
		if inst == holder {
			return true
		}
	}
	return false
}

// Replace returns a graph in which every reference to a core item is replaced by the result of now.
func (g *Graph) Replace(now func(CoreRef) CoreRef) *Graph {
	opts := func(o *Options) {
		o.Memory, o.Realloc, o.PostReturn, o.Callback = now(o.Memory), now(o.Realloc), now(o.PostReturn), now(o.Callback)
	}
	out := *g
	out.Cores, out.Resources, out.Funcs = slices.Clone(g.Cores), slices.Clone(g.Resources), slices.Clone(g.Funcs)
	out.Calls, out.Builtins = slices.Clone(g.Calls), slices.Clone(g.Builtins)
	for i := range out.Cores {
		args := slices.Clone(out.Cores[i].Args)
		for j := range args {
			args[j] = now(args[j])
		}
		out.Cores[i].Args = args
	}
	for i := range out.Resources {
		out.Resources[i].Dtor = now(out.Resources[i].Dtor)
	}
	for i := range out.Funcs {
		if l := out.Funcs[i].Lift; l != nil {
			lift := Lift{Core: now(l.Core), Opts: l.Opts}
			opts(&lift.Opts)
			out.Funcs[i].Lift = &lift
		}
	}
	for i := range out.Calls {
		c := &out.Calls[i]
		c.Target = now(c.Target)
		opts(&c.Caller.Opts)
		opts(&c.Callee.Opts)
	}
	for i := range out.Builtins {
		b := &out.Builtins[i]
		opts(&b.Opts)
		b.Table = now(b.Table)
	}
	return &out
}

// MemType returns a memory's type. Without a memory it is that of an empty one.
func (g *Graph) MemType(r CoreRef) corewasm.MemType {
	if r.Origin == RefDef {
		if t, ok := g.Cores[r.Core].Module.MemTypeOf(r.Index); ok {
			return t
		}
	}
	return corewasm.MemType{PageSizeLog2: 16}
}
