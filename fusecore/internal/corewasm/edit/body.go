// This file implements the rewriting of code.

package edit

import (
	"encoding/binary"
	"errors"
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Classes of first bytes, which determine how the rewriting loop treats an instruction that is not a plain step. The
// frequent instructions have classes of their own; everything else is decoded in full.
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

// step says how the rewriting loop treats a first byte: the instruction is kept, and has size bytes, if none of the bits
// of mask is set in the little-endian word that it begins.
type step struct {
	mask  uint32
	size  uint8
	class byte // otherwise
}

// Steps where memory 0 keeps its index, and where it does not.
var stays, moved = steps(true), steps(false)

func steps(stays bool) (t [256]step) {
	const more = 0x80 // an integer goes on
	for b := range t {
		t[b].mask = uint32(b) // no instruction is a plain step whose own byte is in the mask
		in := op.One(byte(b))
		if in.Name == "" || op.Op(b) == op.RefFunc { // ref.func is also reported, see Editor.OnRefFunc
			continue
		}
		switch in.Imm {
		case op.None:
			t[b] = step{0, 1, classNone}
		case op.Label, op.Local, op.I32, op.I64:
			t[b] = step{more << 8, 2, classInt}
		case op.F32:
			t[b] = step{0, 5, classSkip4}
		case op.F64:
			t[b] = step{0, 9, classSkip8}
		case op.Func:
			t[b].class = classFunc
		case op.Global:
			t[b].class = classGlobal
		case op.Memarg:
			t[b].class = classMem
			if stays { // an alignment below 0x40 means memory 0
				t[b] = step{(more|0x40)<<8 | more<<16, 3, classMem}
			}
		case op.BlockType:
			t[b].class = classBlock
		}
	}
	return t
}

// code appends src rewritten. base is the file offset of src.
func (e *Editor) code(dst, src []byte, base int64) ([]byte, error) {
	if e.Maps[op.SpaceLocal] != nil || e.Labels != nil {
		return e.decoded(dst, src, base)
	}
	return e.copied(dst, src, base)
}

// copied rewrites instructions that name items of the module, and copies everything else.
func (e *Editor) copied(dst, src []byte, base int64) ([]byte, error) {
	var r *op.Reader // for the instructions that are decoded in full, from the first one on
	defer func() { release(r) }()
	run := 0 // start of the bytes not yet copied
	p := 0
	first := len(dst)
	e.at(0, 0)
	table := &moved
	if now, ok := lookup(e.Maps[op.SpaceMem], 0); ok && now == 0 {
		table = &stays
	}
	for p < len(src) {
		s := &table[src[p]]
		if p+4 <= len(src) && binary.LittleEndian.Uint32(src[p:])&s.mask == 0 {
			p += int(s.size)
			continue
		}
		start := p
		p++
		switch class := s.class; class {
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
			space, places := op.SpaceFunc, &e.Maps[op.SpaceFunc]
			if class == classGlobal {
				space, places = op.SpaceGlobal, &e.Maps[op.SpaceGlobal]
			}
			old, n, err := leb128.U32(src[p:])
			if err != nil {
				return dst, located(err, base+int64(start))
			}
			now, ok := lookup(*places, old)
			if !ok {
				return dst, located(noIndex(space, old), base+int64(start))
			}
			if now != old {
				dst = leb128.AppendU32(append(dst, src[run:p]...), now)
				run = p + n
				e.at(run, len(dst)-first)
			}
			p += n
			continue
		case classMem:
			// The short form (memory 0, one-byte alignment) only needs work if memory 0 moves.
			if p < len(src) && src[p] < 0x40 {
				now, ok := lookup(e.Maps[op.SpaceMem], 0)
				if !ok {
					return dst, located(noIndex(op.SpaceMem, 0), base+int64(start))
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
				if now != 0 {
					e.at(p, len(dst)-first+p-run)
				}
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
			r = reader(src, base)
		}
		r.Pos = start
		if !r.Next() {
			return dst, r.Err
		}
		p = r.Pos
		if !moves[r.In.Info.Imm] {
			continue
		}
		if err := e.rewrite(&r.In, 0); err != nil {
			return dst, located(err, base+int64(start))
		}
		dst = append(dst, src[run:start]...)
		dst = r.In.Append(dst)
		run = p
		e.at(run, len(dst)-first)
	}
	if p > len(src) {
		return dst, diag.At(base+int64(len(src)), "unexpected end of code")
	}
	return append(dst, src[run:]...), nil
}

// at reports the offset of an instruction.
func (e *Editor) at(old, now int) {
	if e.Offsets != nil {
		e.Offsets(old, now)
	}
}

// readers are those that are not in use. Most bodies need one, and a list of labels can be long.
var readers = sync.Pool{New: func() any { return new(op.Reader) }}

func reader(src []byte, base int64) *op.Reader {
	r := readers.Get().(*op.Reader)
	r.Cursor = op.Cursor{B: src, Base: base}
	return r
}

// release puts a reader back, if there is one.
func release(r *op.Reader) {
	if r != nil {
		r.Cursor = op.Cursor{}
		readers.Put(r)
	}
}

// moves are the forms of immediates that name items of the module.
var moves = func() (t [256]bool) {
	for i := range op.NumImms {
		for s := op.SpaceFunc; s < op.SpaceLocal; s++ {
			t[i] = t[i] || op.Imm(i).Names(s)
		}
	}
	return t
}()

// decoded rewrites code in which every instruction may change, or is reported.
func (e *Editor) decoded(dst, src []byte, base int64) ([]byte, error) {
	r := reader(src, base)
	defer release(r)
	first := len(dst)
	depth := uint32(0)
	for r.Next() {
		in := &r.In
		e.at(in.Start, len(dst)-first)
		if depth > 0 && (in.Op == op.End || in.Op == op.LegacyDelegate) {
			depth-- // before the label of a delegate, which is relative to the outside of its block
		}
		if err := e.rewrite(in, depth); err != nil {
			return dst, located(err, base+int64(in.Start))
		}
		dst = in.Append(dst)
		if in.Info.Imm == op.BlockType || in.Info.Imm == op.TryTable { // the labels of a try_table are relative to its outside too
			depth++
		}
	}
	return dst, r.Err
}

// rewrite rewrites the indices of a decoded instruction in place. depth is the number of enclosing blocks in the code.
func (e *Editor) rewrite(in *op.Instr, depth uint32) error {
	var missing *diag.Error
	data := false
	in.MapIndices(func(s op.Space, old uint32) uint32 {
		switch {
		case s == op.SpaceData:
			data = true
		case s == op.SpaceLabel && e.Labels != nil:
			return e.Labels(old, depth)
		}
		now, ok := lookup(e.Maps[s], old)
		if !ok && missing == nil {
			missing = noIndex(s, old)
		}
		return now
	})
	if missing != nil {
		return missing
	}
	if in.Op == op.RefFunc && e.OnRefFunc != nil {
		e.OnRefFunc(in.Index)
	}
	if data && e.OnData != nil {
		e.OnData()
	}
	return nil
}

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
