package merge

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/remap"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// pending is a segment that would be applied too early if it stayed active: an earlier instance has a start function,
// which must not see it, or the start function fills its table first. It became passive, and the start function applies
// it.
type pending struct {
	core    plan.CoreID
	elem    bool
	segment uint32 // in the output
	target  uint32 // table or memory in the output
	offset  []byte // constant expression without its end
	length  uint32
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
	blocked := map[uint32]bool{} // imported memories whose further segments must stay in order
	hoisted := uint32(remap.Removed)
	for id := range m.g.Cores {
		if m.g.Cores[id].Dropped {
			continue
		}
		cid := plan.CoreID(id)
		if err := m.elems(cid); err != nil {
			return m.in(cid, err)
		}
		if err := m.datas(cid, blocked, &hoisted); err != nil {
			return m.in(cid, err)
		}
	}
	return nil
}

func (m *merger) fillTable(table uint32, fs []asm.Sym) {
	e := corewasm.Elem{Mode: corewasm.SegActive, Table: table, Offset: encode.I32Const(0), Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc}}
	for _, s := range fs {
		e.Funcs = append(e.Funcs, m.Sym(s))
	}
	m.out.Elems = append(m.out.Elems, e)
}

func (m *merger) elems(id plan.CoreID) error {
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
			if int(id) > m.firstStart || m.filled[out.Table] {
				m.applied = append(m.applied, pending{
					core: id, elem: true, segment: mp.Elems[i], target: out.Table, offset: trimEnd(out.Offset.Bytes), length: uint32(out.Len()),
				})
				out.Mode, out.Table, out.Offset = corewasm.SegPassive, 0, corewasm.Expr{}
			}
		}
		m.out.Elems = append(m.out.Elems, out)
	}
	return nil
}

func trimEnd(expr []byte) []byte { return expr[:len(expr)-1] }

// datas appends a core instance's data segments. Those that only fill a memory the output imports, at a constant place
// and before any code can look, move to the module that makes the memory: engines map such data instead of copying it.
func (m *merger) datas(id plan.CoreID, blocked map[uint32]bool, hoisted *uint32) error {
	mod, mp := m.g.Cores[id].Module, m.maps[id]
	mp.Datas = make([]uint32, len(mod.Data))
	for i := range mod.Data {
		d := mod.Data[i]
		if d.Mode == corewasm.SegActive {
			var err error
			if d.Mem, err = remap.Index(mp.Mems, d.Mem, "memory"); err != nil {
				return err
			}
			if d.Offset, err = m.expr(id, d.Offset); err != nil {
				return err
			}
			if int(d.Mem) < len(m.fused.Memories) {
				if int(id) <= m.firstStart && !blocked[d.Mem] && fits(&d, m.fused.Memories[d.Mem]) {
					m.fused.Data = append(m.fused.Data, d)
					mp.Datas[i] = m.hoistedIndex(mod, hoisted)
					continue
				}
				blocked[d.Mem] = true
			}
			if int(id) > m.firstStart {
				m.applied = append(m.applied, pending{
					core: id, segment: uint32(len(m.out.Data)), target: d.Mem, offset: trimEnd(d.Offset.Bytes), length: uint32(len(d.Bytes)),
				})
				d.Mode, d.Mem, d.Offset = corewasm.SegPassive, 0, corewasm.Expr{}
			}
		}
		mp.Datas[i] = uint32(len(m.out.Data))
		m.out.Data = append(m.out.Data, d)
	}
	return nil
}

// hoistedIndex is what bodies name instead of a segment that moved away: an applied segment is empty to them (core
// specification, data.drop after application). Only a module with a data count section can name segments in bodies.
func (m *merger) hoistedIndex(mod *corewasm.Module, shared *uint32) uint32 {
	if mod.DataCount == nil {
		return remap.Removed
	}
	if *shared == remap.Removed {
		*shared = uint32(len(m.out.Data))
		m.out.Data = append(m.out.Data, corewasm.Data{Mode: corewasm.SegPassive})
	}
	return *shared
}

// fits says whether a segment lies at a constant place within a memory's first size.
func fits(d *corewasm.Data, t corewasm.MemType) bool {
	r := op.NewReader(d.Offset.Bytes, 0)
	if !r.Next() || r.In.Op != op.I32Const {
		return false
	}
	if r.Pos+1 != len(d.Offset.Bytes) {
		return false
	}
	at, _, err := leb128.S32(d.Offset.Bytes[1:])
	return err == nil && uint64(uint32(at))+uint64(len(d.Bytes)) <= t.Limits.Min<<t.PageSizeLog2
}

// start makes the start function: for each core instance in order the
// segments that waited for an earlier start function, and its own start function.
func (m *merger) start() error {
	var code []byte
	var calls []uint32
	call := func(f uint32) {
		calls = append(calls, f)
		code = leb128.AppendU32(append(code, byte(op.Call)), f)
	}
	next := 0
	for id := range m.g.Cores {
		if m.g.Cores[id].Dropped {
			continue
		}
		for i := range m.fillings {
			if m.fillings[i].core == plan.CoreID(id) {
				code = m.fillings[i].apply(code)
			}
		}
		for ; next < len(m.applied) && m.applied[next].core == plan.CoreID(id); next++ {
			code = m.applied[next].apply(code)
		}
		if s := m.g.Cores[id].Module.Start; s != nil {
			f, err := remap.Index(m.maps[id].Funcs, *s, "function")
			if err != nil {
				return m.in(plan.CoreID(id), err)
			}
			call(f)
		}
	}
	switch {
	case len(code) == 0:
		return nil
	case len(calls) == 1 && len(m.applied)+len(m.fillings) == 0:
		m.out.Start = &calls[0]
		return nil
	}
	m.out.Funcs = append(m.out.Funcs, m.types.funcType(corewasm.FuncType{}))
	m.out.Code = append(m.out.Code, corewasm.Body{Code: append(code, byte(op.End))})
	m.out.Names.Runs = append(m.out.Names.Runs, corewasm.NameRun{First: m.startFn, Names: []string{"start"}})
	m.out.Start = &m.startFn
	return nil
}

// apply appends the instructions that instantiation would run for an active segment.
func (p *pending) apply(code []byte) []byte {
	code = append(code, p.offset...)
	code = append(code, byte(op.I32Const), 0, byte(op.I32Const))
	code = leb128.AppendS64(code, int64(int32(p.length)))
	init, drop := uint32(8), uint32(9) // memory.init, data.drop
	if p.elem {
		init, drop = 12, 13 // table.init, elem.drop
	}
	code = leb128.AppendU32(append(code, 0xfc), init)
	code = leb128.AppendU32(leb128.AppendU32(code, p.segment), p.target)
	code = leb128.AppendU32(append(code, 0xfc), drop)
	return leb128.AppendU32(code, p.segment)
}

// exports appends what plan's boundary names.
func (m *merger) exports() error {
	for _, e := range m.g.Boundary.Exports() {
		m.out.Exports = append(m.out.Exports, corewasm.Export{Name: e.Name, Kind: e.Sym.Kind, Index: m.Sym(e.Sym)})
	}
	return nil
}
