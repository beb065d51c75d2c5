// This file implements the constant contents of globals and tables.

package analyse

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// cells determines which globals and tables of a graph always contain the same functions. That is known if
//
//   - all writes are those of initial values, of active element segments at constant offsets, and of start functions that
//     only write constants (see initialiser): no other code of any module with the global or table writes it;
//   - no other start function runs before the last of these writes, so that no code can have seen earlier content.
//
// Globals and tables leave a component instance only as imports of its core instances, all of which are in the graph.
type cells struct {
	g        *graph.Graph
	users    map[graph.CoreRef][]graph.CoreID // core instances that import a global or table
	contents map[graph.CoreRef]*contents
	written  map[*corewasm.Module]*written
	inits    map[*corewasm.Module][]write // see initialiser; modules without one have no entry
	// busy are core instances after which other start functions run, their own or those of kept instances, in order.
	busy []graph.CoreID
}

// contents are the constant contents of a global or table. A global has slot 0.
type contents struct {
	known bool
	size  uint64                   // first size of a table; a table that grows is unknown
	slots map[uint64]graph.CoreRef // zero if no function is known
	rest  graph.CoreRef            // all other slots, or zero
}

// written are the globals and tables that the code of a module writes, except for an initialiser that runs once.
type written struct {
	unreadable      bool
	globals, tables map[uint32]bool
}

func newCells(g *graph.Graph) *cells {
	k := &cells{g: g, users: map[graph.CoreRef][]graph.CoreID{}, contents: map[graph.CoreRef]*contents{}, written: map[*corewasm.Module]*written{},
		inits: initialisers(g)}
	for id := range g.Cores {
		for _, a := range g.Cores[id].Args {
			if a.Origin == graph.RefDef && (a.Kind == corewasm.ExternTable || a.Kind == corewasm.ExternGlobal) {
				if u := k.users[a]; len(u) == 0 || u[len(u)-1] != graph.CoreID(id) {
					k.users[a] = append(u, graph.CoreID(id))
				}
			}
		}
		if m := g.Cores[id].Module; m.Start != nil && k.inits[m] == nil {
			k.busy = append(k.busy, graph.CoreID(id))
		}
	}
	for i := range g.Insts {
		if kept := g.Insts[i].Kept; kept != nil {
			k.busy = append(k.busy, kept.Before-1)
		}
	}
	slices.Sort(k.busy)
	return k
}

// target returns the function to which a forwarder of a core instance forwards its parameters.
func (k *cells) target(id graph.CoreID, f *forwarder) (graph.CoreRef, bool) {
	r := k.g.Item(id, f.kind, f.place)
	if f.kind != corewasm.ExternFunc {
		r = k.holds(r, f.slot)
	}
	return r, r.Origin != graph.RefNone
}

// holds returns the function that a global, or a slot of a table, always contains, or zero if that is unknown or not a
// function.
func (k *cells) holds(cell graph.CoreRef, slot uint64) graph.CoreRef {
	c := k.contents[cell]
	if c == nil {
		c = k.find(cell)
		k.contents[cell] = c
	}
	if !c.known || slot >= c.size {
		return graph.CoreRef{}
	}
	if r, ok := c.slots[slot]; ok {
		return r
	}
	return c.rest
}

// find collects all writes of a global or table.
func (k *cells) find(cell graph.CoreRef) *contents {
	c := &contents{size: 1, slots: map[uint64]graph.CoreRef{}}
	ci := &k.g.Cores[cell.Core]
	if at := cell.Index - ci.Module.NumImported(cell.Kind); cell.Kind == corewasm.ExternGlobal {
		c.rest = k.g.FuncValue(cell.Core, ci.Module.GlobalAt(int(at)).Init)
	} else {
		t := &ci.Module.Tables[at]
		if c.size = t.Type.Limits.Min; t.Init != nil {
			c.rest = k.g.FuncValue(cell.Core, *t.Init)
		}
	}
	last := cell.Core
	for _, id := range slices.Concat([]graph.CoreID{cell.Core}, k.users[cell]) {
		if k.codeWrites(id, cell) {
			return c
		}
		wrote, ok := k.segments(id, cell, c)
		if !ok {
			return c
		}
		ci := &k.g.Cores[id]
		for _, w := range k.inits[ci.Module] {
			if k.g.Item(id, w.kind, w.place) == cell {
				c.slots[w.slot] = graph.CoreRef{}
				if w.value.isFunc {
					c.slots[w.slot] = k.g.Func(id, w.value.fn)
				}
				wrote = true
			}
		}
		if wrote {
			last = id
		}
	}
	first, _ := slices.BinarySearch(k.busy, cell.Core)
	c.known = first == len(k.busy) || k.busy[first] >= last
	return c
}

// segments records what the active element segments of a core instance write to a table. ok is false if that is
// unknown, or if they trap.
func (k *cells) segments(id graph.CoreID, table graph.CoreRef, c *contents) (wrote, ok bool) {
	ci := &k.g.Cores[id]
	for i := range ci.Module.Elems {
		e := &ci.Module.Elems[i]
		if table.Kind != corewasm.ExternTable || e.Mode != corewasm.SegActive || k.g.Item(id, corewasm.ExternTable, e.Table) != table {
			continue
		}
		at, isConst := k.g.Number(id, e.Offset)
		if !isConst || at > c.size || uint64(e.Len()) > c.size-at {
			return false, false
		}
		for j, fn := range e.Funcs {
			c.slots[at+uint64(j)] = k.g.Func(id, fn)
		}
		for j, x := range e.Exprs {
			c.slots[at+uint64(j)] = k.g.FuncValue(id, x)
		}
		wrote = true
	}
	return wrote, true
}

// codeWrites reports whether code of a core instance other than its initialiser could write a global or table.
func (k *cells) codeWrites(id graph.CoreID, cell graph.CoreRef) bool {
	ci := &k.g.Cores[id]
	if cell.Kind == corewasm.ExternGlobal {
		if m := k.g.Cores[cell.Core].Module; !m.DefinedGlobal(cell.Index).Type.Mutable {
			return false
		}
	}
	w := k.written[ci.Module]
	if w == nil {
		w = k.writtenBy(ci.Module)
		k.written[ci.Module] = w
	}
	places := w.globals
	if cell.Kind == corewasm.ExternTable {
		places = w.tables
	}
	for p := range places {
		if k.g.Item(id, cell.Kind, p) == cell {
			return true
		}
	}
	return w.unreadable
}

func (k *cells) writtenBy(m *corewasm.Module) *written {
	w := &written{globals: map[uint32]bool{}, tables: map[uint32]bool{}}
	init := ^uint32(0) // index of the initialiser
	if k.inits[m] != nil {
		init = *m.Start
	}
	again := slices.ContainsFunc(m.Exports, func(e corewasm.Export) bool { return e.Kind == corewasm.ExternFunc && e.Index == init })
	for i := range m.Elems {
		again = again || slices.Contains(m.Elems[i].Funcs, init)
		for _, x := range m.Elems[i].Exprs {
			again = again || refers(x, init)
		}
	}
	for i := range m.NumGlobals() {
		again = again || refers(m.GlobalAt(i).Init, init)
	}
	for i := range m.Tables {
		again = again || m.Tables[i].Init != nil && refers(*m.Tables[i].Init, init)
	}
	refs, err := scan.Refs(context.Background(), m)
	if err != nil {
		w.unreadable = true
		return w
	}
	for i := range m.Code {
		own := m.NumImported(corewasm.ExternFunc)+uint32(i) == init
		for _, r := range refs.Of(i) {
			switch r.Use() {
			case corewasm.UseCall, corewasm.UseRefFunc:
				again = again || r.Index() == init
			case corewasm.UseGlobalSet:
				if !own {
					w.globals[r.Index()] = true
				}
			case corewasm.UseTableWrite:
				if !own {
					w.tables[r.Index()] = true
				}
			}
		}
	}
	for _, wr := range k.inits[m] {
		if again && wr.kind == corewasm.ExternGlobal {
			w.globals[wr.place] = true
		} else if again {
			w.tables[wr.place] = true
		}
	}
	return w
}

// refers reports whether a constant expression creates a reference to a function.
func refers(x corewasm.Expr, fn uint32) bool {
	funcs, err := scan.Expr(x)
	return err != nil || slices.Contains(funcs, fn)
}
