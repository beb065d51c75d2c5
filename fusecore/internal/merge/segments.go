package merge

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/remap"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// when says when an active segment of the original modules is applied. Instantiation applies an instance's segments, one
// after the other, and then runs its start function (core specification, "Execution / Modules / Instantiation"). The
// merged module has all its active segments applied first and one start function, so a segment behind a start function
// may stay active only where nobody can tell:
//
//   - no start function that ran before it could see the memory or table (plan.Sight), so that none reads what is not
//     there yet or writes what the segment would have replaced;
//   - it cannot trap, because it lies within the first size, which never shrinks: a trap would come before what the start
//     functions did, calls of the host among it;
//   - no segment of the same memory or table that came before it comes after it: later ones write over earlier ones.
type when uint8

const (
	atOnce  when = iota // by the module that makes the memory: engines map such data instead of copying it
	active              // by an active segment of the output
	atStart             // by the start function, at the segment's place among the start functions
)

// elemPending is an element segment that the start function applies.
type elemPending struct {
	core           plan.CoreID
	segment, table uint32 // in the output
	offset         []byte // constant expression without its end
	length         uint32
}

// segments appends element and data segments. Generated tables are filled first.
func (m *merger) segments() error {
	if fs := m.g.Boundary.Table(); len(fs) > 0 {
		m.fillTable(0, fs)
	}
	for i := range m.u.Tables {
		if fs := m.u.Tables[i].Funcs; len(fs) > 0 {
			m.fillTable(m.synth[corewasm.ExternTable]+uint32(i), fs)
		}
	}
	p := &placer{m: m, sight: plan.NewSight(m.g), last: map[target]when{}}
	for id := range m.g.Cores {
		if m.g.Cores[id].Dropped {
			continue
		}
		cid := plan.CoreID(id)
		if err := m.elems(cid, p); err != nil {
			return m.in(cid, err)
		}
		if err := m.datas(cid, p); err != nil {
			return m.in(cid, err)
		}
	}
	return nil
}

// placer decides when segments are applied.
type placer struct {
	m     *merger
	sight *plan.Sight
	last  map[target]when // of the segments so far
}

// target is a memory or table of the output.
type target struct {
	kind  corewasm.ExternKind
	index uint32
}

// place decides about the next active segment, of a core instance, into a memory or table with an index in its module.
func (p *placer) place(id plan.CoreID, index uint32, to target, earliest when, fits bool) (when, error) {
	w := earliest
	if int(id) > p.m.firstStart {
		exposed, err := p.sight.Exposed(id, to.kind, index)
		if err != nil {
			return 0, err
		}
		if exposed || !fits {
			w = atStart
		}
	} else if !fits {
		w = max(w, active)
	}
	w = max(w, p.last[to])
	p.last[to] = w
	return w, nil
}

// fits reports whether a segment lies at a constant place within a memory's first size.
func fits(d *corewasm.Data, t corewasm.MemType) bool {
	return holds(t.Limits.Min<<t.PageSizeLog2, d.Offset, uint64(len(d.Bytes)))
}

// holds reports whether a first size holds n units at a constant offset.
func holds(size uint64, offset corewasm.Expr, n uint64) bool {
	at, ok := constantAddress(offset)
	return ok && at <= size && n <= size-at
}

// constantAddress gives the value of a constant expression that is a number, as an address: i32 is unsigned.
func constantAddress(x corewasm.Expr) (uint64, bool) {
	r := op.NewReader(x.Bytes, x.Offset)
	if !r.Next() || r.Pos+1 != len(x.Bytes) {
		return 0, false
	}
	switch r.In.Op {
	case op.I32Const:
		return uint64(uint32(r.In.Value)), true
	case op.I64Const:
		return r.In.Value, true
	}
	return 0, false
}

func (m *merger) fillTable(table uint32, fs []asm.Sym) {
	e := corewasm.Elem{Mode: corewasm.SegActive, Table: table, Offset: encode.I32Const(0), Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc}}
	for _, s := range fs {
		e.Funcs = append(e.Funcs, m.Sym(s))
	}
	m.out.Elems = append(m.out.Elems, e)
}

func (m *merger) elems(id plan.CoreID, p *placer) error {
	mod, mp := m.g.Cores[id].Module, m.maps[id]
	mp.Elems = make([]uint32, len(mod.Elems))
	for i := range mod.Elems {
		mp.Elems[i] = uint32(len(m.out.Elems))
		e := mod.Elems[i]
		offset := e.Offset
		e.Offset = corewasm.Expr{}
		mode := e.Mode
		e.Mode = corewasm.SegPassive // the offset is rewritten here, so that it is folded
		exprs := e.Exprs
		e.Exprs = nil
		out, err := mp.Elem(&e)
		if err != nil {
			return err
		}
		for _, x := range exprs {
			x, err := m.expr(id, x)
			if err != nil {
				return err
			}
			out.Exprs = append(out.Exprs, x)
		}
		out.Mode = mode
		if mode == corewasm.SegActive {
			if out.Offset, err = m.expr(id, offset); err != nil {
				return err
			}
			if out.Table, err = remap.Index(mp.Tables, e.Table, "table"); err != nil {
				return err
			}
			earliest := active
			if m.filled[out.Table] {
				earliest = atStart // the start function fills the table first
			}
			size := m.out.Tables[out.Table-m.numImported(corewasm.ExternTable)].Type.Limits.Min
			w, err := p.place(id, e.Table, target{corewasm.ExternTable, out.Table}, earliest, holds(size, out.Offset, uint64(out.Len())))
			if err != nil {
				return err
			}
			if w == atStart {
				m.lateElems = append(m.lateElems, elemPending{
					core: id, segment: mp.Elems[i], table: out.Table, offset: trimEnd(out.Offset.Bytes), length: uint32(out.Len()),
				})
				out.Mode, out.Table, out.Offset = corewasm.SegPassive, 0, corewasm.Expr{}
			}
		}
		m.out.Elems = append(m.out.Elems, out)
	}
	return nil
}

func trimEnd(expr []byte) []byte { return expr[:len(expr)-1] }

// datas appends a core instance's data segments, those for memories that the output imports to the module that makes
// them.
func (m *merger) datas(id plan.CoreID, p *placer) error {
	mod, mp := m.g.Cores[id].Module, m.maps[id]
	mp.Datas = make([]uint32, len(mod.Data))
	for i := range mod.Data {
		d := mod.Data[i]
		if d.Mode != corewasm.SegActive {
			mp.Datas[i] = m.data(d)
			continue
		}
		index := d.Mem
		var err error
		if d.Mem, err = remap.Index(mp.Mems, index, "memory"); err != nil {
			return err
		}
		if d.Offset, err = m.expr(id, d.Offset); err != nil {
			return err
		}
		earliest, t := active, corewasm.MemType{}
		if n := len(m.fused.Memories); int(d.Mem) < n {
			earliest, t = atOnce, m.fused.Memories[d.Mem]
		} else {
			t = m.out.Mems[int(d.Mem)-n]
		}
		w, err := p.place(id, index, target{corewasm.ExternMem, d.Mem}, earliest, fits(&d, t))
		if err != nil {
			return err
		}
		switch w {
		case atOnce:
			m.fused.Data = append(m.fused.Data, d)
			mp.Datas[i] = m.appliedIndex(mod)
		case active:
			mp.Datas[i] = m.data(d)
		case atStart:
			if _, ok := constantAddress(d.Offset); !ok { // only a global of the host's could have an unknown value
				return diag.At(d.Offset.Offset, "a data segment's offset does not come to a constant")
			}
			m.lateDatas = append(m.lateDatas, dataPending{core: id, is64: t.Limits.Is64, data: d})
			mp.Datas[i] = m.appliedIndex(mod)
		}
	}
	return nil
}

// data appends a data segment to the output.
func (m *merger) data(d corewasm.Data) uint32 {
	m.out.Data = append(m.out.Data, d)
	return uint32(len(m.out.Data) - 1)
}

// appliedIndex is what bodies name instead of an active segment that is no segment of the output: to them it is empty,
// because instantiation drops a segment that it has applied. Only a module with a data count section can name segments in
// bodies.
func (m *merger) appliedIndex(mod *corewasm.Module) uint32 {
	if mod.DataCount == nil {
		return remap.Removed
	}
	if m.emptyData == nil {
		i := m.data(corewasm.Data{Mode: corewasm.SegPassive})
		m.emptyData = &i
	}
	return *m.emptyData
}

// apply appends the instructions that instantiation would run for an active element segment.
func (p *elemPending) apply(code []byte) []byte {
	code = append(op.I32Const.Append(append(code, p.offset...)), 0)
	code = op.TableInit.Append(number(code, int(p.length)), p.segment, p.table)
	return op.ElemDrop.Append(code, p.segment)
}
