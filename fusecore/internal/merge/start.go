package merge

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/remap"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// startFunc is a function that the start function needs, or itself.
type startFunc struct {
	name string
	typ  corewasm.FuncType
	body corewasm.Body
}

// start makes the start function: for each core instance in order the segments that waited for an earlier start function,
// and its own start function.
func (m *merger) start() error {
	m.startFuncs = []startFunc{{name: "start"}}
	var code []byte
	var calls []uint32
	elems, datas := m.lateElems, m.lateDatas
	var waiting []dataPending
	apply := func() {
		code = m.applyData(code, waiting)
		waiting = waiting[:0]
	}
	for id := range m.g.Cores {
		if m.g.Cores[id].Dropped {
			continue
		}
		cid := plan.CoreID(id)
		for i := range m.fillings {
			if m.fillings[i].core == cid {
				code = m.fillings[i].apply(code)
			}
		}
		for ; len(elems) > 0 && elems[0].core == cid; elems = elems[1:] {
			code = elems[0].apply(code)
		}
		for ; len(datas) > 0 && datas[0].core == cid; datas = datas[1:] {
			waiting = append(waiting, datas[0])
		}
		if s := m.g.Cores[id].Module.Start; s != nil {
			f, err := remap.Index(m.maps[id].Funcs, *s, "function")
			if err != nil {
				return m.in(cid, err)
			}
			apply()
			calls = append(calls, f)
			code = op.Call.Append(code, f)
		}
	}
	apply()
	switch {
	case len(code) == 0:
		return nil
	case len(calls) == 1 && len(m.lateElems)+len(m.lateDatas)+len(m.fillings) == 0:
		m.out.Start = &calls[0]
		return nil
	}
	m.startFuncs[0].body.Code = op.End.Append(code)
	names := corewasm.NameRun{First: m.startFn}
	for _, f := range m.startFuncs {
		m.out.Funcs = append(m.out.Funcs, m.types.funcType(f.typ))
		m.out.Code = append(m.out.Code, f.body)
		names.Names = append(names.Names, f.name)
	}
	m.out.Names.Runs = append(m.out.Names.Runs, names)
	m.out.Start = &m.startFn
	return nil
}

// dataPending is a data segment that the start function applies.
type dataPending struct {
	core plan.CoreID
	is64 bool // of the memory
	data corewasm.Data
}

// applyData appends the instructions that apply data segments between two start functions. No code runs in between, so
// that all that can be told is whether any of them traps and what the memories hold afterwards: segments of one memory
// that touch become one, and are applied in any order.
func (m *merger) applyData(code []byte, pending []dataPending) []byte {
	var segments []corewasm.Data
	is64 := map[uint32]bool{}
	for i := range pending {
		segments = append(segments, pending[i].data)
		is64[pending[i].data.Mem] = pending[i].is64
	}
	pieces := joinedAcross(segments, sortedByPlace(segments), 0)
	for len(pieces) > 0 {
		n, mem := 1, pieces[0].Mem
		for n < len(pieces) && pieces[n].Mem == mem {
			n++
		}
		if n > 1 {
			code = m.applyPieces(code, pieces[:n], is64[mem])
		} else {
			segment := m.data(corewasm.Data{Mode: corewasm.SegPassive, Bytes: pieces[0].Bytes})
			code = append(op.I32Const.Append(append(code, trimEnd(pieces[0].Offset.Bytes)...)), 0)
			code = op.MemoryInit.Append(number(code, len(pieces[0].Bytes)), segment, mem)
			code = op.DataDrop.Append(code, segment)
		}
		pieces = pieces[n:]
	}
	return code
}

// applyPieces appends the instructions that apply several pieces of a memory from one passive segment, by calls of a
// function that copies a piece from a place in the segment and gives the place of the next one.
func (m *merger) applyPieces(code []byte, pieces []corewasm.Data, is64 bool) []byte {
	all := corewasm.Data{Mode: corewasm.SegPassive}
	for i := range pieces {
		all.Bytes = append(all.Bytes, pieces[i].Bytes...)
	}
	segment := m.data(all)
	address := corewasm.I32
	if is64 {
		address = corewasm.I64
	}
	const from, to, n = 0, 1, 2
	var body []byte
	for _, l := range []uint32{to, from, n} {
		body = op.LocalGet.Append(body, l)
	}
	body = op.MemoryInit.Append(body, segment, pieces[0].Mem)
	body = op.LocalGet.Append(op.LocalGet.Append(body, from), n)
	body = op.End.Append(op.I32Add.Append(body))
	f := m.startFn + uint32(len(m.startFuncs))
	m.startFuncs = append(m.startFuncs, startFunc{
		name: "start data " + strconv.Itoa(int(segment)), body: corewasm.Body{Code: body},
		typ: corewasm.FuncType{Params: []corewasm.ValType{corewasm.I32, address, corewasm.I32}, Results: []corewasm.ValType{corewasm.I32}},
	})
	code = append(op.I32Const.Append(code), 0)
	for i := range pieces {
		code = number(append(code, trimEnd(pieces[i].Offset.Bytes)...), len(pieces[i].Bytes))
		code = op.Call.Append(code, f)
	}
	return op.DataDrop.Append(op.Drop.Append(code), segment)
}

// number appends the constant of a length.
func number(code []byte, n int) []byte {
	return leb128.AppendS64(op.I32Const.Append(code), int64(int32(n)))
}
