// This file implements the search for what is reachable.

package shake

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// shaker is the state of shaking one module. Its steps run in the order of Module.
type shaker struct {
	d     *draft.Module
	from  parents
	queue []draft.Item

	groups   []uint32 // of each type; nil if every group has one type
	whole    []bool   // groups all of whose types are reachable; nil as groups
	segments [2][][]uint32
	open     []bool // tables all of whose elements can be called
	refs     *references

	named    []bool // functions in a ref.func of a reachable body
	calls    []bool // elements of draft.Calls that are needed
	dropped  [2][]bool
	dataUsed bool // whether a reachable body names a data segment
	// indirect and tables are those of the body that is visited.
	indirect, tables []uint32
}

// Kinds of segments, by the indices of shaker.segments and dropped. segments has the active ones of each table and memory.
const (
	elems = iota
	datas
)

func newShaker(d *draft.Module) (*shaker, error) {
	refs, err := newReferences(d)
	if err != nil {
		return nil, err
	}
	s := &shaker{d: d, open: make([]bool, d.Count(op.SpaceTable)), named: make([]bool, d.Count(op.SpaceFunc)), refs: refs}
	for space := range s.from {
		s.from[space] = make([]uint32, d.Count(op.Space(space)))
	}
	if n := d.NumGroups(); n != d.NumTypes() {
		s.groups, s.whole = d.GroupsOfTypes(), make([]bool, n)
	}
	s.segments[elems] = make([][]uint32, d.Count(op.SpaceTable))
	for i := range d.Elems {
		if e := &d.Elems[i]; e.Mode == corewasm.SegActive {
			s.segments[elems][e.Table] = append(s.segments[elems][e.Table], uint32(i))
		}
	}
	s.segments[datas] = make([][]uint32, d.Count(op.SpaceMem))
	for i := range d.Data {
		if x := &d.Data[i]; x.Mode == corewasm.SegActive {
			s.segments[datas][x.Mem] = append(s.segments[datas][x.Mem], uint32(i))
		}
	}
	s.dropped = [2][]bool{make([]bool, len(d.Elems)), make([]bool, len(d.Data))}
	if c := d.Outside.Calls; c != nil {
		s.calls = make([]bool, len(c.By))
	}
	return s, nil
}

// add makes an item reachable, because of its parent.
func (s *shaker) add(space op.Space, i uint32, parent uint32) {
	if at := &s.from[space][i]; *at == 0 {
		*at = parent
		s.queue = append(s.queue, draft.Item{Space: space, Index: i})
	}
}

// roots makes everything reachable that the surroundings use or could notice.
func (s *shaker) roots(o Options) {
	d := s.d
	for i := range d.Exports {
		e := &d.Exports[i]
		s.use(draft.Item{Space: op.Space(e.Kind), Index: e.Index}, uint32(Exported))
	}
	if !d.Outside.Alone {
		for _, k := range []corewasm.ExternKind{corewasm.ExternTable, corewasm.ExternMem, corewasm.ExternGlobal, corewasm.ExternTag} {
			for i := range d.NumImported(k) {
				s.use(draft.Item{Space: op.Space(k), Index: i}, uint32(Called))
			}
		}
	}
	if d.Start != nil && s.effective(*d.Start) {
		s.add(op.SpaceFunc, *d.Start, uint32(Starts))
	}
	for _, it := range d.Outside.Open {
		s.use(it, uint32(Called))
	}
	if c := d.Outside.Calls; c != nil {
		for i, by := range c.By {
			if len(by) == 0 {
				s.call(i, uint32(Called))
			}
		}
	}
	for i := range d.Elems {
		e := &d.Elems[i]
		if e.Mode != corewasm.SegActive || s.isCalls(e.Table) {
			continue
		}
		if t, _ := d.TableTypeOf(e.Table); !holds(t.Limits.Min, e.Offset, uint64(e.Len())) {
			s.add(op.SpaceTable, e.Table, uint32(Traps))
		}
	}
	for i := range d.Data {
		x := &d.Data[i]
		if x.Mode != corewasm.SegActive {
			continue
		}
		if t, _ := d.MemTypeOf(x.Mem); !holds(t.Limits.Min<<t.PageSizeLog2, x.Offset, uint64(len(x.Bytes))) {
			s.add(op.SpaceMem, x.Mem, uint32(Traps))
		}
	}
	for i := range d.NumGlobals() {
		if constexpr.AllocatesMany(d.GlobalAt(i).Init) {
			s.add(op.SpaceGlobal, uint32(i)+d.NumImported(corewasm.ExternGlobal), uint32(Traps))
		}
	}
	for i := range d.Tables {
		if x := d.Tables[i].Init; x != nil && constexpr.AllocatesMany(*x) {
			s.add(op.SpaceTable, uint32(i)+d.NumImported(corewasm.ExternTable), uint32(Traps))
		}
	}
	if o.Keep != nil {
		s.keep(o)
	}
}

// keep makes everything reachable that is to stay in any case.
func (s *shaker) keep(o Options) {
	for space := range s.from {
		for i := range s.from[space] {
			switch op.Space(space) {
			case op.SpaceFunc:
				f := i - int(s.d.NumImported(corewasm.ExternFunc))
				if f < 0 {
					continue
				}
				if _, source := s.d.Body(f); !o.Keep(source) {
					continue
				}
			case op.SpaceTable:
				if s.isCalls(uint32(i)) {
					continue
				}
			}
			s.use(draft.Item{Space: op.Space(space), Index: uint32(i)}, uint32(Kept))
		}
	}
}

// use makes an item reachable that the surroundings use.
func (s *shaker) use(it draft.Item, parent uint32) {
	d := s.d
	switch it.Space {
	case op.SpaceFunc:
		t, _ := d.FuncTypeIndex(it.Index)
		s.useType(t)
	case op.SpaceTag:
		t, _ := d.TagTypeIndex(it.Index)
		s.useType(t)
	case op.SpaceTable:
		if !s.open[it.Index] {
			s.open[it.Index] = true
			s.refs.openTable(s, it.Index)
			s.refs.escape(s)
		}
	case op.SpaceGlobal:
		if i, imported := d.ImportAt(corewasm.ExternGlobal, it.Index); imported {
			s.passes(d.Imports[i].Global.Type)
		} else {
			s.passes(d.DefinedGlobal(it.Index).Type.Type)
		}
	}
	s.add(it.Space, it.Index, parent)
}

// useType records that values pass between the module and its surroundings as parameters and results of a type.
func (s *shaker) useType(i uint32) {
	t := s.d.SubTypeAt(i)
	if t == nil {
		return
	}
	for _, v := range t.Func.Params {
		s.passes(v)
	}
	for _, v := range t.Func.Results {
		s.passes(v)
	}
}

// passes records that values of a type pass between the module and its surroundings. Any reference could lead to one of a
// function.
func (s *shaker) passes(t corewasm.ValType) {
	if t.IsRef() {
		s.refs.escape(s)
	}
}

// isCalls reports whether a table is that of draft.Calls.
func (s *shaker) isCalls(table uint32) bool {
	c := s.d.Outside.Calls
	return c != nil && c.Table == table
}

// call makes an element of draft.Calls needed.
func (s *shaker) call(i int, parent uint32) {
	if s.calls[i] {
		return
	}
	s.calls[i] = true
	c := s.d.Outside.Calls
	s.add(op.SpaceTable, c.Table, parent)
	s.add(op.SpaceElem, c.Segment, parent)
	s.add(op.SpaceFunc, s.d.Elems[c.Segment].Func(i), parent)
}

// effective reports whether a function has instructions.
func (s *shaker) effective(f uint32) bool {
	n := s.d.NumImported(corewasm.ExternFunc)
	if f < n {
		return true
	}
	b, _ := s.d.Body(int(f - n))
	return len(b.Code) != 1
}

// holds reports whether a first size holds n units at a constant offset.
func holds(size uint64, offset corewasm.Expr, n uint64) bool {
	at, ok := constexpr.Number(offset)
	return ok && at <= size && n <= size-at
}

// reach makes everything reachable that reachable items name.
func (s *shaker) reach(ctx context.Context) error {
	for n := 0; len(s.queue) > 0; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		it := s.queue[len(s.queue)-1]
		s.queue = s.queue[:len(s.queue)-1]
		if err := s.visit(it); err != nil {
			return err
		}
	}
	return nil
}

// visit makes everything reachable that an item names.
func (s *shaker) visit(it draft.Item) error {
	d, by := s.d, pack(it)
	switch it.Space {
	case op.SpaceFunc:
		t, _ := d.FuncTypeIndex(it.Index)
		s.add(op.SpaceType, t, by)
		n := d.NumImported(corewasm.ExternFunc)
		if it.Index < n {
			s.visitImport(it.Index, by)
			return nil
		}
		return s.visitBody(int(it.Index-n), by)
	case op.SpaceTable:
		return s.visitTable(it.Index, by)
	case op.SpaceMem:
		for _, i := range s.segments[datas][it.Index] {
			s.add(op.SpaceData, i, by)
		}
	case op.SpaceGlobal:
		if i, imported := d.ImportAt(corewasm.ExternGlobal, it.Index); imported {
			s.valType(d.Imports[i].Global.Type, by)
			return nil
		}
		g := d.DefinedGlobal(it.Index)
		s.valType(g.Type.Type, by)
		return s.expr(g.Init, s.refs.any, by)
	case op.SpaceTag:
		t, _ := d.TagTypeIndex(it.Index)
		s.add(op.SpaceType, t, by)
	case op.SpaceType:
		s.visitType(it.Index, by)
	case op.SpaceElem:
		return s.visitElem(it.Index, by)
	case op.SpaceData:
		if x := &d.Data[it.Index]; x.Mode == corewasm.SegActive {
			return s.expr(x.Offset, s.refs.any, by)
		}
	}
	return nil
}

// visitImport makes what the definition of an imported function needs reachable.
func (s *shaker) visitImport(f, by uint32) {
	t, _ := s.d.FuncTypeIndex(f)
	s.useType(t)
	for _, it := range s.d.Outside.Needs[f] {
		s.use(it, by)
	}
	if c := s.d.Outside.Calls; c != nil {
		for i, of := range c.By {
			for _, g := range of {
				if g == f {
					s.call(i, by)
				}
			}
		}
	}
}

// visitTable makes a table's elements referred to.
func (s *shaker) visitTable(i, by uint32) error {
	t, _ := s.d.TableTypeOf(i)
	s.valType(t.Elem, by)
	if n := s.d.NumImported(corewasm.ExternTable); i >= n {
		if x := s.d.Tables[i-n].Init; x != nil {
			if err := s.expr(*x, int(i), by); err != nil {
				return err
			}
		}
	}
	if s.isCalls(i) {
		return nil
	}
	for _, e := range s.segments[elems][i] {
		s.add(op.SpaceElem, e, by)
	}
	return nil
}

// visitElem makes the elements of a segment referred to: by their table if it is active, or else by anything.
func (s *shaker) visitElem(i, by uint32) error {
	e := &s.d.Elems[i]
	s.valType(e.Type, by)
	to := s.refs.any
	switch e.Mode {
	case corewasm.SegDeclarative:
		return nil
	case corewasm.SegActive:
		if s.isCalls(e.Table) {
			return nil
		}
		if s.from[op.SpaceTable][e.Table] == 0 { // what instantiation has applied, code finds empty
			return nil
		}
		to = int(e.Table)
		if err := s.expr(e.Offset, s.refs.any, by); err != nil {
			return err
		}
	}
	if e.UseExprs {
		for _, x := range e.Exprs {
			if err := s.expr(x, to, by); err != nil {
				return err
			}
		}
		return nil
	}
	for k := range e.Funcs {
		s.refs.refer(s, to, e.Func(k), by)
	}
	return nil
}

// visitType makes a type's recursion group reachable, and the types that it refers to.
func (s *shaker) visitType(i, by uint32) {
	at := i
	if s.groups != nil {
		at = s.groups[i]
	}
	g := s.d.GroupAt(int(at))
	if g.N > 1 && !s.whole[at] {
		s.whole[at] = true
		for k := range g.N {
			s.add(op.SpaceType, g.First+uint32(k), by)
		}
	}
	t := g.At(int(i - g.First)) // which keeps nothing, unlike SubTypeAt
	t.EachIndex(func(to uint32) { s.add(op.SpaceType, to, by) })
}

func (s *shaker) valType(t corewasm.ValType, by uint32) {
	if t.IsRef() && t.Heap >= 0 {
		s.add(op.SpaceType, uint32(t.Heap), by)
	}
}

// expr makes reachable what a constant expression names. A function is referred to by a table, or by anything.
func (s *shaker) expr(x corewasm.Expr, to int, by uint32) error {
	r := op.NewReader(x.Bytes, x.Offset)
	for r.Next() {
		r.In.EachIndex(func(space op.Space, i uint32) {
			if space == op.SpaceFunc {
				s.refs.refer(s, to, i, by)
			} else {
				s.add(space, i, by)
			}
		})
	}
	return r.Err
}

// visitBody makes reachable what a body names.
func (s *shaker) visitBody(f int, by uint32) error {
	b, source := s.d.Body(f)
	for _, l := range b.Locals {
		t, err := source.Edit.ValType(l.Type)
		if err != nil {
			return err
		}
		s.valType(t, by)
	}
	s.indirect, s.tables = s.indirect[:0], s.tables[:0]
	err := s.d.EachRef(f, func(u corewasm.Use, i uint32) {
		switch u {
		case corewasm.UseRefFunc:
			s.named[i] = true
			s.refs.refer(s, s.refs.any, i, by)
		case corewasm.UseIndirect:
			s.indirect = append(s.indirect, i)
			s.add(op.SpaceType, i, by)
		case corewasm.UseTableCall:
			s.tables = append(s.tables, i)
			s.add(op.SpaceTable, i, by)
		case corewasm.UseTable:
			s.refs.readTable(s, i)
			s.add(op.SpaceTable, i, by)
		case corewasm.UseElemDrop:
			s.dropped[elems][i] = true
			s.valType(s.d.Elems[i].Type, by)
		case corewasm.UseDataDrop:
			s.dropped[datas][i] = true
			s.dataUsed = true
		case corewasm.UseData:
			s.dataUsed = true
			s.useData(i, by)
		case corewasm.UseElem:
			s.useElem(i, by)
		default:
			s.add(draft.SpaceOf(u), i, by)
		}
	})
	if err != nil {
		return err
	}
	for _, t := range s.indirect {
		s.refs.called(s, s.refs.any, t)
		for _, table := range s.tables {
			s.refs.called(s, int(table), t)
		}
	}
	return nil
}

// useData makes a data segment reachable that code names. One that instantiation has applied is empty then.
func (s *shaker) useData(i, by uint32) {
	if s.d.Data[i].Mode == corewasm.SegPassive {
		s.add(op.SpaceData, i, by)
	} else {
		s.dropped[datas][i] = true
	}
}

// useElem is like useData, for an element segment.
func (s *shaker) useElem(i, by uint32) {
	if s.d.Elems[i].Mode == corewasm.SegPassive {
		s.add(op.SpaceElem, i, by)
	} else {
		s.dropped[elems][i] = true
		s.valType(s.d.Elems[i].Type, by)
	}
}
