// This file implements the graphs of domains.

package partition

import (
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Cutter makes the graphs of domains.
type Cutter struct {
	g        *graph.Graph
	p        *Partition
	live     *analyse.Live
	crossing []crossing // by DomainID
	nothing  *corewasm.Module
}

// crossing is what crosses the border of a domain.
type crossing struct {
	imports, exports []graph.FuncID // sorted
	// used are the resource types of others that the domain uses, shown are the domain's own that others use.
	used, shown map[*ctypes.Resource]bool
}

// Cut prepares the graphs of a partition's domains.
func Cut(g *graph.Graph, p *Partition) *Cutter {
	c := &Cutter{g: given(g), p: p, crossing: make([]crossing, len(p.Domains)), nothing: &corewasm.Module{}}
	c.nothing.Index()
	for i := range c.crossing {
		c.crossing[i] = crossing{used: map[*ctypes.Resource]bool{}, shown: map[*ctypes.Resource]bool{}}
	}
	c.functions()
	c.resources()
	return c
}

// FuncName returns the name of a function in the world of a domain, ResourceName that of a resource type.
func FuncName(id graph.FuncID) string        { return fmt.Sprintf("f%d", id) }
func ResourceName(r *ctypes.Resource) string { return fmt.Sprintf("r%d", r.ID) }

// in reports whether an instance is a member of a domain.
func (c *Cutter) in(inst graph.InstID, d DomainID) bool {
	return inst != graph.Host && c.p.Of[inst] == d
}

// fused returns the domain of an instance, or nil for one outside all domains with a graph.
func (c *Cutter) fused(inst graph.InstID) *crossing {
	if inst == graph.Host {
		return nil
	}
	if d := c.p.Of[inst]; d != None && !c.p.Domains[d].Kept {
		return &c.crossing[d]
	}
	return nil
}

// functions finds the functions that cross.
func (c *Cutter) functions() {
	c.live = analyse.NewLive(c.g)
	for _, call := range c.live.Calls() {
		from, to := c.fused(call.Caller.Inst), c.fused(call.Callee.Inst)
		if from == to {
			continue
		}
		if from != nil {
			from.imports = append(from.imports, call.Func)
		}
		if to != nil {
			to.exports = append(to.exports, call.Func)
		}
	}
	for i := range c.crossing {
		for _, list := range []*[]graph.FuncID{&c.crossing[i].imports, &c.crossing[i].exports} {
			slices.Sort(*list)
			*list = slices.Compact(*list)
		}
	}
}

// items visits the items of the world's exports, and those given to kept instances.
func (c *Cutter) items(visit func(*world.Item)) {
	var walk func(items []world.Item)
	walk = func(items []world.Item) {
		for i := range items {
			visit(&items[i])
			walk(items[i].Items)
		}
	}
	walk(c.g.World.Exports)
	for i := range c.g.Insts {
		if k := c.g.Insts[i].Kept; k != nil {
			walk(k.Args)
		}
	}
}

// resources finds the resource types that cross: in the types of functions that cross, as operands of built-ins, and as
// items.
func (c *Cutter) resources() {
	show := func(r *ctypes.Resource) {
		if to := c.fused(c.g.Resources[r.ID].Impl); to != nil {
			to.shown[r] = true
		}
	}
	use := func(d DomainID, r *ctypes.Resource) {
		if !c.in(c.g.Resources[r.ID].Impl, d) {
			c.crossing[d].used[r] = true
		}
	}
	for i := range c.crossing {
		x, seen := &c.crossing[i], ctypes.Seen{}
		for _, fs := range [][]graph.FuncID{x.imports, x.exports} {
			for _, f := range fs {
				for t := range seen.WalkFunc(c.g.Funcs[f].Type) {
					if t.Resource != nil {
						use(DomainID(i), t.Resource)
						show(t.Resource)
					}
				}
			}
		}
	}
	for _, b := range c.live.Builtins() {
		if c.fused(b.Inst) == nil {
			continue
		}
		d, seen := c.p.Of[b.Inst], ctypes.Seen{}
		if b.Resource != nil {
			use(d, b.Resource)
		}
		for _, t := range []*ctypes.Type{b.Result, b.Type} {
			for u := range seen.Walk(t) {
				if u.Resource != nil {
					use(d, u.Resource)
				}
			}
		}
	}
	for i := range c.crossing {
		for r := range c.crossing[i].used {
			show(r)
		}
	}
	c.items(func(it *world.Item) {
		if it.Resource != nil {
			show(it.Resource)
		}
	})
}

// Graph returns a graph in which only the members of a domain exist. The domain is not a kept instance.
//
// All identifiers are those of the whole graph. Whatever is outside is masked: its core instances are empty modules of
// the host, its functions and resource types are the host's, and its calls are not live, except those of the domain,
// which the host makes. The world is made up, since no one outside the result sees it: it imports and exports the
// resource types that cross as "r" and their ID, the value types that need a name as "t" and a number, and the functions
// as "f" and their ID.
func (c *Cutter) Graph(d DomainID) *graph.Graph {
	out := *c.g
	out.Cores, out.Resources = slices.Clone(c.g.Cores), slices.Clone(c.g.Resources)
	out.Funcs, out.Calls = slices.Clone(c.g.Funcs), slices.Clone(c.g.Calls)
	for i := range out.Cores {
		if ci := &out.Cores[i]; !c.in(ci.Owner, d) {
			*ci = graph.CoreInst{Owner: graph.Host, Path: ci.Path, Module: c.nothing}
		}
	}
	for i := range out.Resources {
		if r := &out.Resources[i]; !c.in(r.Impl, d) {
			*r = graph.Resource{Type: r.Type, Impl: graph.Host}
		}
	}
	for i := range out.Funcs {
		if f := &out.Funcs[i]; !c.in(f.Inst, d) {
			f.Inst, f.Lift, f.Import = graph.Host, nil, nil
		}
	}
	x := &c.crossing[d]
	for _, id := range x.imports {
		out.Funcs[id].Import = []string{FuncName(id)}
	}
	c.calls(&out, d)
	out.World = c.world(d)
	return &out
}

// calls masks the calls of others in the graph of a domain, and makes the host call what others call.
func (c *Cutter) calls(out *graph.Graph, d DomainID) {
	called := map[graph.FuncID]bool{}
	for i := range out.Calls {
		call := &out.Calls[i]
		from, to := c.in(call.Caller.Inst, d), c.in(call.Callee.Inst, d)
		switch {
		case from && !to:
			call.Callee, call.Target = graph.Side{Inst: graph.Host}, graph.CoreRef{}
		case call.ByHost() && to:
			called[call.Func] = true
		case !from: // nothing refers to it, so it is not live
			*call = graph.Call{Func: call.Func, Caller: graph.Side{Inst: graph.Root}, Callee: graph.Side{Inst: graph.Host}}
		}
	}
	for _, id := range c.crossing[d].exports {
		if f := &out.Funcs[id]; !called[id] {
			callee := graph.Side{Inst: f.Inst, Opts: f.Lift.Opts}
			out.Calls = append(out.Calls, graph.Call{Func: id, Callee: callee, Target: f.Lift.Core})
		}
	}
}

// world returns the world of a domain: resource types, then value types, then functions.
func (c *Cutter) world(d DomainID) world.World {
	x := &c.crossing[d]
	w := world.World{Outside: map[*ctypes.Resource][]string{}}
	for i := range c.g.Resources {
		r := c.g.Resources[i].Type
		it := world.Item{Name: ResourceName(r), Sort: component.SortType, Resource: r}
		switch {
		case x.used[r]:
			w.Imports = append(w.Imports, it)
			w.Outside[r] = []string{it.Name}
		case x.shown[r]:
			w.Exports = append(w.Exports, it)
		}
	}
	named := &namer{seen: map[*ctypes.Type]bool{}}
	add := func(to *[]world.Item, fs []graph.FuncID) {
		for _, id := range fs {
			named.function(to, c.g.Funcs[id].Type)
		}
		for _, id := range fs {
			*to = append(*to, world.Item{Name: FuncName(id), Sort: component.SortFunc, Func: id, FuncType: c.g.Funcs[id].Type})
		}
	}
	add(&w.Imports, x.imports)
	add(&w.Exports, x.exports)
	return w
}

// namer makes items of the value types that need a name.
type namer struct {
	seen  map[*ctypes.Type]bool
	named int
}

func (n *namer) function(to *[]world.Item, f *ctypes.Func) {
	for _, p := range f.Params {
		n.typ(to, p.Type)
	}
	n.typ(to, f.Result)
}

// typ names a type after its parts.
func (n *namer) typ(to *[]world.Item, t *ctypes.Type) {
	if t == nil || t.Shared() || n.seen[t] {
		return
	}
	n.seen[t] = true
	for u := range t.Parts() {
		n.typ(to, u)
	}
	if t.NeedsName() {
		*to = append(*to, world.Item{Name: fmt.Sprintf("t%d", n.named), Sort: component.SortType, Type: t})
		n.named++
	}
}
