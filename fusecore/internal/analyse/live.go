// This file implements liveness: which core instances, calls and built-ins are needed in the result.

package analyse

import (
	"iter"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// Live is the part of a graph that is needed: exports, destructors and instantiations with observable effects, and
// everything that these refer to. The rest is omitted from the fused module.
type Live struct {
	g     *graph.Graph
	inits map[*corewasm.Module][]write
	// Causes by identifier; the zero cause means that an item is not live.
	cores, calls, builtins []cause
}

// cause is why an item is live: it is a root, or a live item refers to it.
type cause struct {
	root Root
	by   graph.CoreRef // without a root: see Why
}

func (c cause) live() bool { return c != cause{} }

// Root is why an item is live by itself.
type Root uint8

// The roots of liveness.
const (
	NoRoot       Root = iota
	Exported          // a call by the host
	Destroys          // the host or resource.drop can call a destructor in the core instance
	Starts            // its start function does more than write constants
	SegmentTraps      // applying a segment could trap
	WritesToLive      // instantiating it writes to a memory, table or global of a live core instance
)

var rootNames = [...]string{
	Exported: "the host calls it", Destroys: "it has the destructor of a resource type", Starts: "its start function has effects",
	SegmentTraps: "applying its segments could trap", WritesToLive: "instantiating it writes into a live core instance",
}

// String returns the reason in words.
func (r Root) String() string { return rootNames[r] }

// NewLive determines what is live in a graph.
func NewLive(g *graph.Graph) *Live {
	l := &Live{g: g, inits: initialisers(g), cores: make([]cause, len(g.Cores)),
		calls: make([]cause, len(g.Calls)), builtins: make([]cause, len(g.Builtins))}
	for i := range g.Calls {
		if g.Calls[i].ByHost() {
			l.call(graph.CallID(i), cause{root: Exported})
		}
	}
	for i := range g.Resources {
		l.ref(g.Resources[i].Dtor, cause{root: Destroys})
	}
	for i := range g.Cores {
		switch m, id := g.Cores[i].Module, graph.CoreID(i); {
		case m.Start != nil && l.inits[m] == nil:
			l.core(id, cause{root: Starts})
		case mayTrap(g, id):
			l.core(id, cause{root: SegmentTraps})
		}
	}
	// Segments, and start functions that only write constants, which write to another instance's memories, tables and
	// globals, are only observable if that instance is live.
	for again := true; again; {
		again = false
		for i := range g.Cores {
			if id := graph.CoreID(i); !l.Core(id) && l.writesToLive(id) {
				l.core(id, cause{root: WritesToLive})
				again = true
			}
		}
	}
	return l
}

// Core reports whether a core instance is live, Call whether a call is, and Builtin whether a built-in is.
func (l *Live) Core(id graph.CoreID) bool       { return l.cores[id].live() }
func (l *Live) Call(id graph.CallID) bool       { return l.calls[id].live() }
func (l *Live) Builtin(id graph.BuiltinID) bool { return l.builtins[id].live() }

// HasEffect reports whether anything outside can tell when a core instance is instantiated, because its start function
// does more than write constants, or because its segments could trap.
func (l *Live) HasEffect(id graph.CoreID) bool {
	m := l.g.Cores[id].Module
	return m.Start != nil && l.inits[m] == nil || mayTrap(l.g, id)
}

// Cores ranges over the live core instances in the order of their instantiation.
func (l *Live) Cores() iter.Seq2[graph.CoreID, *graph.CoreInst] {
	return live[graph.CoreID](l.g.Cores, l.cores)
}

// Calls ranges over the live calls.
func (l *Live) Calls() iter.Seq2[graph.CallID, *graph.Call] {
	return live[graph.CallID](l.g.Calls, l.calls)
}

// Builtins ranges over the live built-ins.
func (l *Live) Builtins() iter.Seq2[graph.BuiltinID, *graph.Builtin] {
	return live[graph.BuiltinID](l.g.Builtins, l.builtins)
}

func live[ID ~int32, T any](items []T, causes []cause) iter.Seq2[ID, *T] {
	return func(yield func(ID, *T) bool) {
		for i := range items {
			if causes[i].live() && !yield(ID(i), &items[i]) {
				return
			}
		}
	}
}

// Why returns why a call, a built-in or the core instance of a definition is live: a root, and the items from there,
// each of which refers to the next one. Core instances are in the list as definitions without index.
func (l *Live) Why(item graph.CoreRef) (Root, []graph.CoreRef) {
	var path []graph.CoreRef
	for {
		var c cause
		switch item.Origin {
		case graph.RefDef:
			item, c = instance(item.Core), l.cores[item.Core]
		case graph.RefCall:
			c = l.calls[item.Call]
		case graph.RefBuiltin:
			c = l.builtins[item.Builtin]
		}
		if !c.live() {
			return NoRoot, nil
		}
		path = append([]graph.CoreRef{item}, path...)
		if c.root != NoRoot {
			return c.root, path
		}
		item = c.by
	}
}

// instance represents a core instance among references.
func instance(id graph.CoreID) graph.CoreRef { return graph.CoreRef{Origin: graph.RefDef, Core: id} }

func (l *Live) core(id graph.CoreID, why cause) {
	if l.Core(id) {
		return
	}
	l.cores[id] = why
	for _, a := range l.g.Cores[id].Args {
		l.ref(a, cause{by: instance(id)})
	}
}

func (l *Live) ref(r graph.CoreRef, why cause) {
	switch r.Origin {
	case graph.RefDef:
		l.core(r.Core, why)
	case graph.RefCall:
		l.call(r.Call, why)
	case graph.RefBuiltin:
		if !l.Builtin(r.Builtin) {
			l.builtins[r.Builtin] = why
			l.opts(&l.g.Builtins[r.Builtin].Opts, cause{by: r})
		}
	}
}

func (l *Live) opts(o *graph.Options, why cause) {
	l.ref(o.Memory, why)
	l.ref(o.Realloc, why)
	l.ref(o.PostReturn, why)
	l.ref(o.Callback, why)
}

func (l *Live) call(id graph.CallID, why cause) {
	if l.Call(id) {
		return
	}
	l.calls[id] = why
	c, by := &l.g.Calls[id], cause{by: graph.CoreRef{Origin: graph.RefCall, Call: id}}
	l.ref(c.Target, by)
	l.opts(&c.Caller.Opts, by)
	l.opts(&c.Callee.Opts, by)
}

// writesToLive reports whether instantiating a core instance writes to a memory, table or global of another live one.
func (l *Live) writesToLive(id graph.CoreID) bool {
	m := l.g.Cores[id].Module
	target := func(k corewasm.ExternKind, index uint32) bool {
		r := l.g.Item(id, k, index)
		return r.Core != id && l.Core(r.Core)
	}
	for i := range m.Elems {
		if e := &m.Elems[i]; e.Mode == corewasm.SegActive && target(corewasm.ExternTable, e.Table) {
			return true
		}
	}
	if m.LateData != nil && target(corewasm.ExternMem, 0) {
		return true
	}
	for i := range m.Data {
		if d := &m.Data[i]; d.Mode == corewasm.SegActive && target(corewasm.ExternMem, d.Mem) {
			return true
		}
	}
	for _, w := range l.inits[m] {
		if target(w.kind, w.place) {
			return true
		}
	}
	return false
}

// mayTrap reports whether applying a core instance's active segments could trap: a segment whose offset is not constant
// and within the first size that the module requires of the memory or table. Segments for imported ones only count if
// their owner is live (see NewLive), except one that cannot fit, which always traps.
func mayTrap(g *graph.Graph, id graph.CoreID) bool {
	m := g.Cores[id].Module
	holds := func(size uint64, offset corewasm.Expr, n int) bool {
		at, ok := g.Number(id, offset)
		return ok && at <= size && uint64(n) <= size-at
	}
	for i := range m.Elems {
		if e := &m.Elems[i]; e.Mode == corewasm.SegActive {
			if t, _ := m.TableTypeOf(e.Table); !holds(t.Limits.Min, e.Offset, e.Len()) {
				return true
			}
		}
	}
	if l := m.LateData; l != nil {
		if t, _ := m.MemTypeOf(0); l.End() > t.Limits.Min<<t.PageSizeLog2 {
			return true
		}
	}
	for i := range m.Data {
		if d := &m.Data[i]; d.Mode == corewasm.SegActive {
			if t, _ := m.MemTypeOf(d.Mem); !holds(t.Limits.Min<<t.PageSizeLog2, d.Offset, len(d.Bytes)) {
				return true
			}
		}
	}
	return false
}
