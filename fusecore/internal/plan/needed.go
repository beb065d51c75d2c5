package plan

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// dropUnneeded marks core instances that nothing needs: no export, option or needed instance refers to them, and
// instantiating them has no effect that could be seen.
func dropUnneeded(g *Graph) {
	n := needed{g: g, cores: make([]bool, len(g.Cores)), calls: make([]bool, len(g.Calls)), builtins: make([]bool, len(g.Builtins))}
	for i := range g.Calls {
		if g.Calls[i].Caller.Inst == Host {
			n.call(CallID(i))
		}
	}
	for i := range g.Resources {
		n.ref(g.Resources[i].Dtor)
	}
	for id := range g.Cores {
		if m := g.Cores[id].Module; m.Start != nil || mayTrap(m) {
			n.core(CoreID(id))
		}
	}
	// Writing a segment into another instance's memory or table is seen only if that instance is needed.
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
	return false
}

// mayTrap says whether applying a module's active segments could trap: a segment whose place is not constant and within
// the first size of a memory or table that the module defines. Segments into imported ones count only when their owner
// is needed (see dropUnneeded), except that one which cannot fit traps in any case.
func mayTrap(m *corewasm.Module) bool {
	for i := range m.Elems {
		e := &m.Elems[i]
		if e.Mode != corewasm.SegActive {
			continue
		}
		var min uint64
		if pos, imported := m.ImportAt(corewasm.ExternTable, e.Table); imported {
			min = m.Imports[pos].Table.Limits.Min
		} else {
			min = m.Tables[e.Table-m.NumImported(corewasm.ExternTable)].Type.Limits.Min
		}
		if at, ok := constI32(e.Offset.Bytes); !ok || uint64(at)+uint64(e.Len()) > min {
			return true
		}
	}
	for i := range m.Data {
		d := &m.Data[i]
		if d.Mode != corewasm.SegActive {
			continue
		}
		t, _ := m.MemTypeOf(d.Mem)
		if at, ok := constI32(d.Offset.Bytes); !ok || uint64(at)+uint64(len(d.Bytes)) > t.Limits.Min<<t.PageSizeLog2 {
			return true
		}
	}
	return false
}
