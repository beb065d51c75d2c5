// This file implements the module without what goes.

package shake

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// rebuild removes what is not reachable.
func (s *shaker) rebuild(o Options) (*Result, error) {
	r := &Result{parents: s.from, before: s.d.Module}
	out := *s.d.Module
	s.d.Module = &out
	if o.Bodies == nil {
		o.Bodies = s.d.Bodies
	}
	r.Sources = s.count(o.Bodies)
	if o.Explain {
		r.bodies = slices.Clone(o.Bodies)
		for i := range s.d.Sources {
			r.imported = append(r.imported, s.d.Sources[i].Code.NumImported(corewasm.ExternFunc))
		}
	}
	if out.Start != nil && !s.effective(*out.Start) {
		out.Start = nil
	}
	if !s.dataUsed {
		out.DataCount = nil
	}
	var order draft.Order
	for space := range s.from {
		order.Items[space] = make([]uint32, 0, len(s.from[space]))
		for i, from := range s.from[space] {
			if from != 0 {
				order.Items[space] = append(order.Items[space], uint32(i))
			}
		}
	}
	s.stubs(&out, &order)
	r.Calls = s.callsLeft(&out)
	s.elements(&out, &order)
	s.data(&out, &order)
	var err error
	r.Places, err = s.d.Renumber(&order)
	return r, err
}

// count counts what stays and goes of each source. bodies are the first ones of the draft's functions.
func (s *shaker) count(bodies []draft.Body) []Count {
	out := make([]Count, len(s.d.Sources))
	for i := range out {
		out[i].Name, out[i].Generated = s.d.Sources[i].Name, s.d.Sources[i].Generated
	}
	n := s.d.NumImported(corewasm.ExternFunc)
	for f, b := range bodies {
		c, size := &out[b.Source], len(s.d.Sources[b.Source].Code.Code[b.Index].Code)
		if s.from[op.SpaceFunc][n+uint32(f)] != 0 {
			c.Funcs++
			c.Bytes += size
		} else {
			c.FuncsGone++
			c.BytesGone += size
		}
	}
	return out
}

// stubs replaces the functions that nothing can run but something refers to.
func (s *shaker) stubs(m *corewasm.Module, o *draft.Order) {
	n := m.Count(corewasm.ExternFunc)
	of := map[uint32]uint32{} // by type
	m.Funcs = slices.Clone(m.Funcs)
	for f, referred := range s.refs.referred {
		if !referred || s.from[op.SpaceFunc][f] != 0 {
			continue
		}
		t, _ := m.FuncTypeIndex(uint32(f))
		t = s.refs.types.number(t)
		stub, ok := of[t]
		if !ok {
			stub = n + uint32(len(of))
			of[t] = stub
			s.generate(corewasm.Body{Code: op.End.Append(op.Unreachable.Append(nil))})
			m.Funcs = append(m.Funcs, t)
			o.Items[op.SpaceFunc] = append(o.Items[op.SpaceFunc], stub)
		}
		if o.Same == nil {
			o.Same = make([]uint32, n)
			for i := range o.Same {
				o.Same[i] = uint32(i)
			}
		}
		o.Same[f] = stub
	}
	for i := n; o.Same != nil && i < n+uint32(len(of)); i++ {
		o.Same = append(o.Same, i)
	}
}

// generate adds a body.
func (s *shaker) generate(b corewasm.Body) {
	d := s.d
	if last := len(d.Sources) - 1; last < 0 || !d.Sources[last].Generated {
		d.Sources = append(d.Sources, draft.Source{Name: "generated", Code: &corewasm.Module{}, Generated: true, Edit: new(edit.Editor)})
	}
	d.Generate(b)
}

// callsLeft removes the elements of draft.Calls that nothing needs, and returns the positions of the others.
func (s *shaker) callsLeft(m *corewasm.Module) (left []int) {
	c := s.d.Outside.Calls
	if c == nil {
		return nil
	}
	m.Elems, m.Imports = slices.Clone(m.Elems), slices.Clone(m.Imports)
	e := &m.Elems[c.Segment]
	var funcs []uint32
	var by [][]uint32
	for i, needed := range s.calls {
		if needed {
			left = append(left, i)
			funcs, by = append(funcs, e.Func(i)), append(by, c.By[i])
		}
	}
	e.Funcs, e.Map = funcs, nil
	s.d.Outside.Calls = &draft.Calls{Table: c.Table, Segment: c.Segment, By: by}
	at, _ := m.ImportAt(corewasm.ExternTable, c.Table)
	t := &m.Imports[at].Table.Limits
	t.Min, t.Max = uint64(len(left)), uint64(len(left))
	return left
}

// elements decides about element segments. Those of which code only names the index become empty. Functions in a ref.func of
// a body that nothing else declares are declared by a segment of their own.
func (s *shaker) elements(m *corewasm.Module, o *draft.Order) {
	m.Elems = slices.Clone(m.Elems)
	from, list := s.from[op.SpaceElem], o.Items[op.SpaceElem][:0]
	for i := range m.Elems {
		e := &m.Elems[i]
		switch {
		case e.Mode != corewasm.SegDeclarative && from[i] != 0:
		case s.dropped[elems][i]:
			*e = corewasm.Elem{Mode: corewasm.SegPassive, Type: e.Type, UseExprs: e.UseExprs, Pos: e.Pos}
		default:
			continue
		}
		list = append(list, uint32(i))
	}
	if missing := s.undeclared(m, list); len(missing) > 0 {
		list = append(list, uint32(len(m.Elems)))
		m.Elems = append(m.Elems, corewasm.Elem{
			Mode: corewasm.SegDeclarative, Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc}, Funcs: replaced(missing, o),
		})
	}
	o.Items[op.SpaceElem] = list
}

// replaced returns functions with what takes their places, each once.
func replaced(funcs []uint32, o *draft.Order) []uint32 {
	if o.Same == nil {
		return funcs
	}
	for i, f := range funcs {
		funcs[i] = o.Same[f]
	}
	slices.Sort(funcs)
	return slices.Compact(funcs)
}

// undeclared returns the functions in a ref.func of a reachable body that no other part of the module names.
func (s *shaker) undeclared(m *corewasm.Module, list []uint32) (out []uint32) {
	declared := make([]bool, len(s.named))
	declare := func(f uint32) { declared[f] = true }
	for _, i := range list {
		constexpr.EachElem(&m.Elems[i], declare)
	}
	for i := range m.NumGlobals() {
		if s.from[op.SpaceGlobal][i+int(m.NumImported(corewasm.ExternGlobal))] != 0 {
			constexpr.EachFunc(m.GlobalAt(i).Init, declare)
		}
	}
	for i := range m.Exports {
		if e := &m.Exports[i]; e.Kind == corewasm.ExternFunc {
			declared[e.Index] = true
		}
	}
	for f, named := range s.named {
		if named && !declared[f] {
			out = append(out, uint32(f))
		}
	}
	return out
}

// data decides about data segments like elements.
func (s *shaker) data(m *corewasm.Module, o *draft.Order) {
	m.Data = slices.Clone(m.Data)
	list := o.Items[op.SpaceData][:0]
	for i := range m.Data {
		switch {
		case s.from[op.SpaceData][i] != 0:
		case s.dropped[datas][i]:
			m.Data[i] = corewasm.Data{Mode: corewasm.SegPassive}
		default:
			continue
		}
		list = append(list, uint32(i))
	}
	o.Items[op.SpaceData] = list
}
