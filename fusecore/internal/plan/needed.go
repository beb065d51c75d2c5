package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// dropUnneeded marks core instances that nothing needs: no export, option or needed instance refers to them, and
// instantiating them has no effect that could be seen.
func dropUnneeded(g *Graph) {
	n := needed{g: g, inits: initialisers(g), cores: make([]bool, len(g.Cores)), calls: make([]bool, len(g.Calls)), builtins: make([]bool, len(g.Builtins))}
	for i := range g.Calls {
		if g.Calls[i].Caller.Inst == Host {
			n.call(CallID(i))
		}
	}
	for i := range g.Resources {
		n.ref(g.Resources[i].Dtor)
	}
	for id := range g.Cores {
		if m := g.Cores[id].Module; m.Start != nil && n.inits[m] == nil || g.mayTrap(CoreID(id)) {
			n.core(CoreID(id))
		}
	}
	// What segments and start functions that only write constants put into another instance's memories, tables and globals is
	// seen only if that instance is needed.
	for again := true; again; {
		again = false
		for id := range g.Cores {
			if !n.cores[id] && n.writesNeeded(CoreID(id)) {
				n.core(CoreID(id))
				again = true
			}
		}
	}
	for id := range g.Cores {
		g.Cores[id].Dropped = !n.cores[id]
	}
	for i := range g.Calls {
		g.Calls[i].Dropped = !n.calls[i]
	}
	for i := range g.Builtins {
		g.Builtins[i].Dropped = !n.builtins[i]
	}
}

type needed struct {
	g        *Graph
	inits    map[*corewasm.Module][]write
	cores    []bool
	calls    []bool
	builtins []bool
}

func (n *needed) core(id CoreID) {
	if n.cores[id] {
		return
	}
	n.cores[id] = true
	for _, a := range n.g.Cores[id].Args {
		n.ref(a)
	}
}

func (n *needed) ref(r CoreRef) {
	switch r.Kind {
	case RefDef:
		n.core(r.Core)
	case RefCall:
		n.call(r.Call)
	case RefBuiltin:
		n.builtins[r.Builtin] = true
		n.opts(&n.g.Builtins[r.Builtin].Opts)
	}
}

func (n *needed) opts(o *Options) {
	n.ref(o.Memory)
	n.ref(o.Realloc)
	n.ref(o.PostReturn)
	n.ref(o.Callback)
}

func (n *needed) call(id CallID) {
	if n.calls[id] {
		return
	}
	n.calls[id] = true
	c := &n.g.Calls[id]
	n.ref(c.Target)
	n.opts(&c.Caller.Opts)
	n.opts(&c.Callee.Opts)
}

func (n *needed) writesNeeded(id CoreID) bool {
	ci := &n.g.Cores[id]
	target := func(k corewasm.ExternKind, index uint32) bool {
		r := ci.item(k, id, index)
		return r.Core != id && n.cores[r.Core]
	}
	for i := range ci.Module.Elems {
		if e := &ci.Module.Elems[i]; e.Mode == corewasm.SegActive && target(corewasm.ExternTable, e.Table) {
			return true
		}
	}
	for i := range ci.Module.Data {
		if d := &ci.Module.Data[i]; d.Mode == corewasm.SegActive && target(corewasm.ExternMem, d.Mem) {
			return true
		}
	}
	for _, w := range n.inits[ci.Module] {
		if target(w.kind, w.place) {
			return true
		}
	}
	return false
}

// mayTrap says whether applying a core instance's active segments could trap: a segment whose place is not constant and
// within the first size of a memory or table that the module asks for. Segments into imported ones count only when their
// owner is needed (see dropUnneeded), except that one which cannot fit traps in any case.
func (g *Graph) mayTrap(id CoreID) bool {
	m := g.Cores[id].Module
	holds := func(size uint64, offset corewasm.Expr, n int) bool {
		at, ok := g.number(id, offset)
		return ok && at <= size && uint64(n) <= size-at
	}
	for i := range m.Elems {
		if e := &m.Elems[i]; e.Mode == corewasm.SegActive {
			if t, _ := m.TableTypeOf(e.Table); !holds(t.Limits.Min, e.Offset, e.Len()) {
				return true
			}
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
