package plan

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// cells answers which functions the globals and tables of a graph hold for good. That is known where
//
//   - all writes are those of initial values, of active element segments at constant places, and of start functions that do
//     nothing but write constants (see initialiser): no other code of any module that has the global or table writes it;
//   - no other start function runs before the last of these writes, so that nobody can have seen what was there before.
//
// Globals and tables leave a component instance in no way but as imports of its core instances, all of which are in the
// graph.
type cells struct {
	g        *Graph
	users    map[CoreRef][]CoreID // core instances that import a global or table
	contents map[CoreRef]*contents
	written  map[*corewasm.Module]*written
	inits    map[*corewasm.Module][]write // see initialiser; of a module without one there is no entry
	busy     []CoreID                     // core instances with other start functions, in order
}

// contents are what a global or table holds for good. A global has slot 0.
type contents struct {
	known bool
	size  uint64             // first size of a table; a table that grows is not known
	slots map[uint64]CoreRef // RefNone where no function is known
	rest  CoreRef            // all other slots, RefNone likewise
}

// written are the globals and tables that the code of a module writes, but for an initialiser that runs once.
type written struct {
	unreadable      bool
	globals, tables map[uint32]bool
}

func newCells(g *Graph) *cells {
	k := &cells{g: g, users: map[CoreRef][]CoreID{}, contents: map[CoreRef]*contents{}, written: map[*corewasm.Module]*written{},
		inits: initialisers(g)}
	for id := range g.Cores {
		for _, a := range g.Cores[id].Args {
			if a.Kind == RefDef && (a.Sort == corewasm.ExternTable || a.Sort == corewasm.ExternGlobal) {
				if u := k.users[a]; len(u) == 0 || u[len(u)-1] != CoreID(id) {
					k.users[a] = append(u, CoreID(id))
				}
			}
		}
		if m := g.Cores[id].Module; m.Start != nil && k.inits[m] == nil {
			k.busy = append(k.busy, CoreID(id))
		}
	}
	return k
}

// target gives the function that a forwarder of a core instance passes its parameters on to.
func (k *cells) target(id CoreID, f *forwarder) (CoreRef, bool) {
	r := k.g.Cores[id].item(f.kind, id, f.place)
	if f.kind != corewasm.ExternFunc {
		r = k.holds(r, f.slot)
	}
	return r, r.Kind != RefNone
}

// holds gives the function that a global, or a slot of a table, holds for good; RefNone where that is not known or no
// function.
func (k *cells) holds(cell CoreRef, slot uint64) CoreRef {
	c := k.contents[cell]
	if c == nil {
		c = k.find(cell)
		k.contents[cell] = c
	}
	if !c.known || slot >= c.size {
		return CoreRef{}
	}
	if r, ok := c.slots[slot]; ok {
		return r
	}
	return c.rest
}

// find collects all writes of a global or table.
func (k *cells) find(cell CoreRef) *contents {
	c := &contents{size: 1, slots: map[uint64]CoreRef{}}
	ci := &k.g.Cores[cell.Core]
	if at := cell.Index - ci.Module.NumImported(cell.Sort); cell.Sort == corewasm.ExternGlobal {
		c.rest = k.value(cell.Core, ci.Module.GlobalAt(int(at)).Init)
	} else {
		t := &ci.Module.Tables[at]
		if c.size = t.Type.Limits.Min; t.Init != nil {
			c.rest = k.value(cell.Core, *t.Init)
		}
	}
	last := cell.Core
	for _, id := range slices.Concat([]CoreID{cell.Core}, k.users[cell]) {
		if k.codeWrites(id, cell) {
			return c
		}
		wrote, ok := k.segments(id, cell, c)
		if !ok {
			return c
		}
		ci := &k.g.Cores[id]
		for _, w := range k.inits[ci.Module] {
			if ci.item(w.kind, id, w.place) == cell {
				c.slots[w.slot] = CoreRef{}
				if w.value.isFunc {
					c.slots[w.slot] = ci.item(corewasm.ExternFunc, id, w.value.fn)
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

// segments notes what the active element segments of a core instance write into a table. ok is false where that is not
// known, or where they trap.
func (k *cells) segments(id CoreID, table CoreRef, c *contents) (wrote, ok bool) {
	ci := &k.g.Cores[id]
	for i := range ci.Module.Elems {
		e := &ci.Module.Elems[i]
		if table.Sort != corewasm.ExternTable || e.Mode != corewasm.SegActive || ci.item(corewasm.ExternTable, id, e.Table) != table {
			continue
		}
		at, isConst := k.g.number(id, e.Offset)
		if !isConst || at > c.size || uint64(e.Len()) > c.size-at {
			return false, false
		}
		for j, fn := range e.Funcs {
			c.slots[at+uint64(j)] = ci.item(corewasm.ExternFunc, id, fn)
		}
		for j, x := range e.Exprs {
			c.slots[at+uint64(j)] = k.value(id, x)
		}
		wrote = true
	}
	return wrote, true
}

// value gives the function that a constant expression of a core instance gives; RefNone where that is not known or no
// function.
func (k *cells) value(id CoreID, x corewasm.Expr) CoreRef {
	id, in := k.g.behind(id, x)
	if in.Op != op.RefFunc {
		return CoreRef{}
	}
	return k.g.Cores[id].item(corewasm.ExternFunc, id, in.Index)
}

// codeWrites reports whether code of a core instance other than its initialiser could write a global or table.
func (k *cells) codeWrites(id CoreID, cell CoreRef) bool {
	ci := &k.g.Cores[id]
	if cell.Sort == corewasm.ExternGlobal {
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
	if cell.Sort == corewasm.ExternTable {
		places = w.tables
	}
	for p := range places {
		if ci.item(cell.Sort, id, p) == cell {
			return true
		}
	}
	return w.unreadable
}

func (k *cells) writtenBy(m *corewasm.Module) *written {
	w := &written{globals: map[uint32]bool{}, tables: map[uint32]bool{}}
	init := ^uint32(0) // the initialiser
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
	for i := range m.Code {
		s, err := scan.Func(m, i)
		if err != nil {
			w.unreadable = true
			return w
		}
		again = again || slices.Contains(s.Funcs, init)
		if m.NumImported(corewasm.ExternFunc)+uint32(i) == init {
			continue
		}
		for _, gl := range s.GlobalsSet {
			w.globals[gl] = true
		}
		for _, t := range s.TablesWritten {
			w.tables[t] = true
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

// refers reports whether a constant expression makes a reference to a function.
func refers(x corewasm.Expr, fn uint32) bool {
	s, err := scan.Expr(x)
	return err != nil || slices.Contains(s.Funcs, fn)
}
