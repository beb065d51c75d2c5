// This file implements element and data segments, and decides when they are applied.

package merge

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// when is when an active segment of the original modules is applied. Instantiation applies an instance's segments, one
// after the other, and then runs its start function (core specification, "Execution / Modules / Instantiation"). The
// merged module applies all its active segments first, and has one start function. So a segment after a start function
// may only stay active if that is unobservable:
//
//   - No earlier start function can see the memory or table (analyse.Sight), so none reads what is not there yet or writes
//     what the segment would have replaced.
//   - It cannot trap, because it is within the first size, which never shrinks. A trap would precede the effects of the
//     start functions, including calls of the host.
//   - No earlier segment of the same memory or table is applied later, because later ones overwrite earlier ones.
//
// Of two segments that could trap, for a memory and a table, the earlier one stays first, because their traps differ.
type when uint8

const (
	withMemory when = iota // by the module that creates the memory: engines map such data instead of copying it
	active                 // by an active segment of the output
	atStart                // by the start function, at the segment's place among the start functions
)

// segments appends element and data segments.
func (m *merger) segments() error {
	for i, t := range m.outside.Tables {
		m.fillTable(uint32(i), t.Funcs)
	}
	s := &schedule{m: m, sight: analyse.NewSight(m.live), last: map[target]when{}}
	for id := range m.live.Cores() {
		if err := m.elems(id, s); err != nil {
			return m.in(id, err)
		}
		if err := m.datas(id, s); err != nil {
			return m.in(id, err)
		}
	}
	m.lazyFirst()
	return nil
}

// lazyFirst puts the element segments for defined tables before those for imported ones. Instantiation applies all of them
// before any code runs, and no table is left if one traps, so only their order for one table is observable. Engines fill a
// table that a module defines when its elements are first used, but not if a segment for an imported one precedes.
func (m *merger) lazyFirst() {
	if m.imported[corewasm.ExternTable] == 0 {
		return
	}
	var out []corewasm.Elem
	places := make([]uint32, len(m.out.Elems))
	for _, imported := range []bool{false, true} {
		for i, e := range m.out.Elems {
			if (e.Mode == corewasm.SegActive && e.Table < m.imported[corewasm.ExternTable]) == imported {
				places[i] = uint32(len(out))
				out = append(out, e)
			}
		}
	}
	m.out.Elems = out
	for id, ed := range m.edits {
		if ed == nil {
			continue
		}
		for i, at := range ed.Maps[op.SpaceElem] {
			ed.Maps[op.SpaceElem][i] = places[at]
		}
		for i := range m.deferred[id].elems {
			d := &m.deferred[id].elems[i]
			d.segment = places[d.segment]
		}
	}
}

func (m *merger) fillTable(table uint32, fs []asm.Sym) {
	e := corewasm.Elem{Mode: corewasm.SegActive, Table: table, Offset: encode.I32Const(0), Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc}}
	for _, s := range fs {
		e.Funcs = append(e.Funcs, m.Sym(s))
	}
	m.out.Elems = append(m.out.Elems, e)
}

// schedule decides when segments are applied.
type schedule struct {
	m     *merger
	sight *analyse.Sight
	last  map[target]when // of the segments so far

	dataTraps bool // a data segment so far could trap
	trapsLate bool // a segment so far could trap and is applied by the start function
}

// target is a memory or table of the output.
type target struct {
	kind  corewasm.ExternKind
	index uint32
}

// next decides about the next active segment, of a core instance, for a memory or table with an index in its module, at
// the earliest possible time. inBounds means that it cannot trap.
func (s *schedule) next(id graph.CoreID, index uint32, to target, earliest when, inBounds bool) (when, error) {
	w := earliest
	if int(id) > s.m.firstStart {
		exposed, err := s.sight.Exposed(id, to.kind, index)
		if err != nil {
			return 0, err
		}
		if exposed || !inBounds {
			w = atStart
		}
	} else if !inBounds {
		w = max(w, active)
	}
	if !inBounds {
		// Active element segments are applied before active data segments.
		if s.trapsLate || s.dataTraps && to.kind == corewasm.ExternTable {
			w = atStart
		}
		s.dataTraps = s.dataTraps || to.kind == corewasm.ExternMem
	}
	w = max(w, s.last[to])
	s.last[to] = w
	s.trapsLate = s.trapsLate || !inBounds && w == atStart
	return w, nil
}

// holds reports whether a first size holds n units at a constant offset.
func holds(size uint64, offset corewasm.Expr, n uint64) bool {
	at, ok := constexpr.Number(offset)
	return ok && at <= size && n <= size-at
}

// fits reports whether a data segment is at a constant offset within a memory's first size.
func fits(d *corewasm.Data, t corewasm.MemType) bool {
	return holds(t.Limits.Min<<t.PageSizeLog2, d.Offset, uint64(len(d.Bytes)))
}

// elems appends a core instance's element segments.
func (m *merger) elems(id graph.CoreID, s *schedule) error {
	mod, ed := m.g.Cores[id].Module, m.edits[id]
	ed.Maps[op.SpaceElem] = make([]uint32, len(mod.Elems))
	for i := range mod.Elems {
		ed.Maps[op.SpaceElem][i] = uint32(len(m.out.Elems))
		e, err := m.elem(id, mod.Elems[i])
		if err != nil {
			return err
		}
		if e.Mode == corewasm.SegActive {
			earliest := active
			if m.initDeferred[e.Table] {
				earliest = atStart // the start function fills the table first
			}
			inBounds := holds(m.tableSize(e.Table), e.Offset, uint64(e.Len()))
			w, err := s.next(id, mod.Elems[i].Table, target{corewasm.ExternTable, e.Table}, earliest, inBounds)
			if err != nil {
				return err
			}
			if w == atStart {
				d := deferredElem{segment: ed.Maps[op.SpaceElem][i], table: e.Table, offset: trimEnd(e.Offset), length: e.Len(), traps: !inBounds}
				m.deferred[id].elems = append(m.deferred[id].elems, d)
				e.Mode, e.Table, e.Offset = corewasm.SegPassive, 0, corewasm.Expr{}
			}
		}
		m.out.Elems = append(m.out.Elems, e)
	}
	return nil
}

// tableSize returns the first size of a table of a core instance.
func (m *merger) tableSize(table uint32) uint64 {
	if n := m.imported[corewasm.ExternTable]; table >= n {
		return m.out.Tables[table-n].Type.Limits.Min
	}
	return m.fused.Tables[table-uint32(len(m.outside.Tables))].Limits.Min
}

// elem rewrites an element segment of a core instance.
func (m *merger) elem(id graph.CoreID, e corewasm.Elem) (corewasm.Elem, error) {
	rest := e
	rest.Mode, rest.Offset, rest.Exprs = corewasm.SegPassive, corewasm.Expr{}, nil // expr rewrites constant expressions
	out, err := m.edits[id].Elem(&rest)
	if err != nil {
		return out, err
	}
	out.Mode = e.Mode
	for _, x := range e.Exprs {
		if x, err = m.expr(id, x); err != nil {
			return out, err
		}
		out.Exprs = append(out.Exprs, x)
	}
	if e.Mode == corewasm.SegActive {
		if out.Offset, err = m.expr(id, e.Offset); err != nil {
			return out, err
		}
		out.Table, err = m.edits[id].Index(op.SpaceTable, e.Table)
	}
	return out, err
}

// datas appends a core instance's data segments. Those for memories that the output imports go to the module that
// creates them.
func (m *merger) datas(id graph.CoreID, s *schedule) error {
	mod, ed := m.g.Cores[id].Module, m.edits[id]
	if done, err := m.lateDatas(id, s); done || err != nil {
		return err
	}
	ed.Maps[op.SpaceData] = make([]uint32, mod.NumData())
	for i, d := range mod.AllData() {
		if d.Mode != corewasm.SegActive {
			ed.Maps[op.SpaceData][i] = m.data(d)
			continue
		}
		index := d.Mem
		var err error
		if d.Mem, err = ed.Index(op.SpaceMem, index); err != nil {
			return err
		}
		if d.Offset, err = m.expr(id, d.Offset); err != nil {
			return err
		}
		earliest, t := active, corewasm.MemType{}
		if n := m.imported[corewasm.ExternMem]; d.Mem < n {
			earliest, t = withMemory, m.fused.Memories[d.Mem]
		} else {
			t = m.out.Mems[d.Mem-n]
		}
		inBounds := fits(&d, t)
		w, err := s.next(id, index, target{corewasm.ExternMem, d.Mem}, earliest, inBounds)
		if err != nil {
			return err
		}
		switch w {
		case withMemory:
			if len(m.fused.Data) == cap(m.fused.Data) {
				m.fused.Data = slices.Grow(m.fused.Data, mod.NumData()-i)
			}
			m.fused.Data = append(m.fused.Data, d)
			ed.Maps[op.SpaceData][i] = m.appliedIndex(mod)
		case active:
			ed.Maps[op.SpaceData][i] = m.data(d)
		case atStart:
			if _, ok := constexpr.Number(d.Offset); !ok { // only a global of the host could have an unknown value
				return diag.At(d.Offset.Offset, "a data segment's offset does not evaluate to a constant")
			}
			m.deferred[id].datas = append(m.deferred[id].datas, deferredData{t.Limits.Is64, !inBounds, d})
			ed.Maps[op.SpaceData][i] = m.appliedIndex(mod)
		}
	}
	return nil
}

// lateDatas leaves the data segments of a core instance encoded, if they are the first ones for a memory that the output
// imports, and are applied when it is created.
func (m *merger) lateDatas(id graph.CoreID, s *schedule) (done bool, err error) {
	mod, ed := m.g.Cores[id].Module, m.edits[id]
	if mod.LateData == nil {
		return false, nil
	}
	mem, err := ed.Index(op.SpaceMem, 0)
	if err != nil || mem >= m.imported[corewasm.ExternMem] {
		return false, err
	}
	t := m.fused.Memories[mem]
	if mod.LateData.End() > t.Limits.Min<<t.PageSizeLog2 || m.fused.LateData[mem] != nil ||
		slices.ContainsFunc(m.fused.Data, func(d corewasm.Data) bool { return d.Mem == mem }) {
		return false, nil
	}
	if w, err := s.next(id, 0, target{corewasm.ExternMem, mem}, withMemory, true); err != nil || w != withMemory {
		return false, err
	}
	m.fused.LateData[mem] = mod.LateData.Ascending()
	ed.Maps[op.SpaceData] = []uint32{} // nothing can name a segment
	if mod.DataCount != nil {
		ed.Maps[op.SpaceData] = slices.Repeat([]uint32{m.appliedIndex(mod)}, mod.NumData())
	}
	return true, nil
}

// data appends a data segment to the output.
func (m *merger) data(d corewasm.Data) uint32 {
	if m.out.Data == nil { // there may be tens of thousands
		all := 0
		for _, ci := range m.live.Cores() {
			all += ci.Module.NumData()
		}
		m.out.Data = make([]corewasm.Data, 0, all+1)
	}
	m.out.Data = append(m.out.Data, d)
	return uint32(len(m.out.Data) - 1)
}

// appliedIndex returns the replacement in bodies for an active segment that is not a segment of the output. In bodies
// it is empty, because instantiation drops a segment that it has applied. Only a module with a data count section can
// refer to segments in bodies.
func (m *merger) appliedIndex(mod *corewasm.Module) uint32 {
	if mod.DataCount == nil {
		return edit.Removed
	}
	if m.emptyData == nil {
		i := m.data(corewasm.Data{Mode: corewasm.SegPassive})
		m.emptyData = &i
	}
	return *m.emptyData
}
