package remap

import (
	"errors"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Classes of first bytes, which determine how the rewriting loop treats an instruction. The frequent instructions have
// classes of their own; everything else is decoded in full.
const (
	classFull   byte = iota // decode, rewrite, encode
	classNone               // no immediates
	classInt                // one LEB128 integer that is kept
	classSkip4              // 4 bytes
	classSkip8              // 8 bytes
	classFunc               // one function index
	classGlobal             // one global index
	classMem                // a memarg
	classBlock              // a block type
)

var classes = func() (t [256]byte) {
	for b := range t {
		in := op.One(byte(b))
		if in.Name == "" || op.Op(b) == op.RefFunc { // ref.func is also reported, see Maps.OnRefFunc
			continue
		}
		switch in.Imm {
		case op.None:
			t[b] = classNone
		case op.Label, op.Local, op.I32, op.I64:
			t[b] = classInt
		case op.F32:
			t[b] = classSkip4
		case op.F64:
			t[b] = classSkip8
		case op.Func:
			t[b] = classFunc
		case op.Global:
			t[b] = classGlobal
		case op.Memarg:
			t[b] = classMem
		case op.BlockType:
			t[b] = classBlock
		}
	}
	return t
}()

// code appends src with its indices rewritten. base is the file offset of src.
func (m *Maps) code(dst, src []byte, base int64) ([]byte, error) {
	var r *op.Reader // created for the first instruction that is decoded in full
	run := 0         // start of the bytes not yet copied
	p := 0
	for p < len(src) {
		start := p
		class := classes[src[p]]
		p++
		switch class {
		case classNone:
			continue
		case classInt:
			for p < len(src) && src[p] >= 0x80 {
				p++
			}
			p++
			continue
		case classSkip4:
			p += 4
			continue
		case classSkip8:
			p += 8
			continue
		case classFunc, classGlobal:
			space, what := m.Funcs, "function"
			if class == classGlobal {
				space, what = m.Globals, "global"
			}
			old, n, err := leb128.U32(src[p:])
			if err != nil {
				return dst, located(err, base+int64(start))
			}
			now, ok := lookup(space, old)
			if !ok {
				return dst, located(noIndex(what, old), base+int64(start))
			}
			if now != old {
				dst = leb128.AppendU32(append(dst, src[run:p]...), now)
				run = p + n
			}
			p += n
			continue
		case classMem:
			// The short form (memory 0, one-byte alignment) only needs work if memory 0 moves.
			if p < len(src) && src[p] < 0x40 {
				now, ok := lookup(m.Mems, 0)
				if !ok {
					return dst, located(noIndex("memory", 0), base+int64(start))
				}
				if now != 0 {
					dst = append(append(dst, src[run:p]...), src[p]|0x40)
					dst = leb128.AppendU32(dst, now)
					run = p + 1
				}
				p++
				for p < len(src) && src[p] >= 0x80 {
					p++
				}
				p++
				continue
			}
		case classBlock:
			// One byte, but not the prefix of a reference type, is a type without an index.
			if p < len(src) && src[p]&0xc0 == 0x40 && src[p] != 0x63 && src[p] != 0x64 {
				p++
				continue
			}
		}
		if r == nil {
			r = op.NewReader(src, base)
		}
		r.Pos = start
		if !r.Next() {
			return dst, r.Err
		}
		p = r.Pos
		if !moves[r.In.Info.Imm] {
			continue
		}
		if err := m.instr(&r.In); err != nil {
			return dst, located(err, base+int64(start))
		}
		dst = append(dst, src[run:start]...)
		dst = r.In.Append(dst)
		run = p
	}
	if p > len(src) {
		return dst, diag.At(base+int64(len(src)), "unexpected end of code")
	}
	return append(dst, src[run:]...), nil
}

// moves are the forms of immediates with an index that is rewritten.
var moves = func() (t [256]bool) {
	for _, i := range []op.Imm{
		op.BlockType, op.TryTable, op.Func, op.Type, op.TypeTable, op.Global, op.Table, op.TableTable, op.ElemTable, op.Elem,
		op.Mem, op.MemMem, op.DataMem, op.Data, op.Memarg, op.MemargLane, op.Heap, op.Types, op.Tag, op.TypeType,
		op.TypeField, op.TypeCount, op.TypeData, op.TypeElem, op.CastLabel,
	} {
		t[i] = true
	}
	return t
}()

func located(err error, offset int64) error {
	var e *diag.Error
	if errors.As(err, &e) {
		if e.Offset < 0 {
			e.Offset = offset
		}
		return err
	}
	return &diag.Error{Offset: offset, Msg: "bad integer", Err: err}
}
