// This file implements the initialization that the start function performs instead of initializers and active segments.

package merge

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// deferred is what the start function does for a core instance before it calls the instance's start function.
type deferred struct {
	inits []deferredInit
	elems []deferredElem
	datas []deferredData
}

func (d *deferred) empty() bool { return len(d.inits)+len(d.elems)+len(d.datas) == 0 }

// deferredInit is a table initializer: it reads a global of the output.
type deferredInit struct {
	table  uint32 // in the output
	limits corewasm.Limits
	value  []byte // constant expression without its end
}

// apply appends the instructions that fill the table.
func (d *deferredInit) apply(code []byte) []byte {
	number, size := op.I32Const, int64(int32(d.limits.Min))
	if d.limits.Is64 {
		number, size = op.I64Const, int64(d.limits.Min)
	}
	code = append(append(number.Append(code), 0), d.value...)
	code = leb128.AppendS64(number.Append(code), size)
	return op.TableFill.Append(code, d.table)
}

// deferredElem is an element segment.
type deferredElem struct {
	segment, table uint32 // in the output
	offset         []byte // constant expression without its end
	length         int
	traps          bool // it could
}

// apply appends the instructions that instantiation would run for an active element segment.
func (d *deferredElem) apply(code []byte) []byte {
	code = append(op.I32Const.Append(append(code, d.offset...)), 0)
	code = op.TableInit.Append(length(code, d.length), d.segment, d.table)
	return op.ElemDrop.Append(code, d.segment)
}

// deferredData is a data segment: its memory is one of the output, its offset constant.
type deferredData struct {
	is64  bool // of the memory
	traps bool // it could
	data  corewasm.Data
}

// applyDatas appends the instructions that apply data segments between two start functions. No code runs in between, so
// only that one traps and the final content of memories are observable: adjacent segments of one memory are joined, and applied
// in any order.
func (m *merger) applyDatas(code []byte, datas []deferredData) []byte {
	var segments []corewasm.Data
	is64 := map[uint32]bool{}
	for i := range datas {
		segments = append(segments, datas[i].data)
		is64[datas[i].data.Mem] = datas[i].is64
	}
	pieces := joinedAcross(segments, byOffset(segments), 0, 1<<32)
	for len(pieces) > 0 {
		n, mem := 1, pieces[0].Mem
		for n < len(pieces) && pieces[n].Mem == mem {
			n++
		}
		if n > 1 {
			code = m.applyPieces(code, pieces[:n], is64[mem])
		} else {
			segment := m.data(corewasm.Data{Mode: corewasm.SegPassive, Bytes: pieces[0].Bytes})
			code = append(op.I32Const.Append(append(code, trimEnd(pieces[0].Offset)...)), 0)
			code = op.MemoryInit.Append(length(code, len(pieces[0].Bytes)), segment, mem)
			code = op.DataDrop.Append(code, segment)
		}
		pieces = pieces[n:]
	}
	return code
}

// applyPieces appends the instructions that apply several pieces of a memory from one passive segment, by calls of a
// function that copies a piece from an offset in the segment and returns the offset of the next one.
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
		code = length(append(code, trimEnd(pieces[i].Offset)...), len(pieces[i].Bytes))
		code = op.Call.Append(code, f)
	}
	return op.DataDrop.Append(op.Drop.Append(code), segment)
}

// length appends the constant of a length.
func length(code []byte, n int) []byte {
	return leb128.AppendS64(op.I32Const.Append(code), int64(int32(n)))
}
