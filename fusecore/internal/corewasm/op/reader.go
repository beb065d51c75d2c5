// This file implements decoding and encoding of instructions.

package op

import (
	"encoding/binary"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// EmptyBlock is the block type without parameters and results.
const EmptyBlock byte = 0x40

// BlockForm is the form of a block type.
type BlockForm byte

// Forms of block types.
const (
	BlockEmpty BlockForm = iota // no parameters, no results
	BlockValue                  // no parameters, one result: Value
	BlockIndex                  // the function type with index Index
)

// BlockSig is a block type.
type BlockSig struct {
	Form  BlockForm
	Value corewasm.ValType
	Index uint32
}

// Kinds of catch clauses, by their codes in the binary format.
const (
	CatchTag    byte = 0
	CatchTagRef byte = 1
	CatchAll    byte = 2
	CatchAllRef byte = 3
)

// Catch is a clause of a try_table; Tag is used by CatchTag and CatchTagRef.
type Catch struct {
	Kind       byte
	Tag, Label uint32
}

// Bits of Instr.Flags for CastLabel.
const (
	CastFromNull byte = 1 // Heap is nullable
	CastToNull   byte = 2 // Heap2 is nullable
)

// Instr is a decoded instruction. The form of its immediates determines which fields are meaningful. Slices are valid
// until the next instruction is decoded.
type Instr struct {
	Op            Op
	Info          *Info
	Start         int // of its bytes
	Index, Index2 uint32
	Align         uint32 // log2
	Offset        uint64
	Value         uint64 // i32 is sign-extended
	Lane, Flags   byte
	Raw           []byte // aliases the input
	Block         BlockSig
	Heap, Heap2   corewasm.HeapType
	Types         []corewasm.ValType
	Labels        []uint32
	Catches       []Catch
}

// Reader decodes the instructions of a function body or an expression one by one:
//
//	for r := NewReader(code, base); r.Next(); {
//		... r.In ...
//	}
//	if r.Err != nil { ... }
type Reader struct {
	Cursor
	In Instr
}

// NewReader returns a reader of code, which is at offset base in its file.
func NewReader(code []byte, base int64) *Reader {
	return &Reader{Cursor: Cursor{B: code, Base: base}}
}

// Next decodes an instruction into In. It returns false at the end of the code and on an error, which is then in Err.
// It does not check indices, alignments, lanes or nesting.
func (r *Reader) Next() bool {
	if r.Err != nil || r.Pos >= len(r.B) {
		return false
	}
	in := &r.In
	in.Start = r.Pos
	b := r.B[r.Pos]
	r.Pos++
	in.Op, in.Info = Op(b), &single[b]
	if in.Info.Name == "" {
		sub := uint32(0)
		if b >= PrefixGC && b <= PrefixAtomic {
			sub = r.U32()
		}
		in.Op, in.Info = Op(b)<<16|Op(sub&0xffff), prefixed(b, sub)
		if in.Info == nil {
			r.unknown(in.Start, b, sub)
			return false
		}
	}
	if in.Info.Imm != None && !r.short(in) {
		r.immediates(in)
	}
	return r.Err == nil
}

// short decodes the immediates of the most frequent instructions if their integers have one byte. Otherwise it returns
// false without decoding anything.
func (r *Reader) short(in *Instr) bool {
	p := r.Pos
	if p+1 >= len(r.B) { // well-formed code has at least an end afterwards
		return false
	}
	b := r.B[p]
	if b >= 0x80 {
		return false
	}
	switch in.Info.Imm {
	case Label, Func, Local, Global:
		in.Index = uint32(b)
		r.Pos = p + 1
	case I32, I64:
		in.Value = uint64(int64(int8(b<<1) >> 1))
		r.Pos = p + 1
	case Memarg:
		if b >= memargMemory || r.B[p+1] >= 0x80 {
			return false
		}
		in.Align, in.Index, in.Offset = uint32(b), 0, uint64(r.B[p+1])
		r.Pos = p + 2
	default:
		return false
	}
	return true
}

func (r *Reader) unknown(at int, b byte, sub uint32) {
	if r.Err != nil {
		return
	}
	prefixed := b >= PrefixGC && b <= PrefixAtomic
	if p := proposalIn(instrProposals[b], sub); prefixed && p != "" {
		r.Refuse(at, fmt.Sprintf("the instruction 0x%02x 0x%02x", b, sub), p)
		return
	}
	if p := proposalIn(instrProposals[0], uint32(b)); p != "" {
		r.Refuse(at, fmt.Sprintf("the instruction 0x%02x", b), p)
		return
	}
	if prefixed {
		r.Fail(at, "unknown instruction 0x%02x 0x%02x", b, sub)
		return
	}
	r.Fail(at, "unknown instruction 0x%02x", b)
}

func (r *Reader) immediates(in *Instr) {
	if f := &forms[in.Info.Imm]; f.plain {
		in.Index = r.U32()
		if f.index2 != none {
			in.Index2 = r.U32()
		}
		return
	}
	switch in.Info.Imm {
	case BlockType:
		in.Block = r.blockType()
	case TryTable:
		in.Block = r.blockType()
		r.catches(in)
	case Labels:
		n := r.atMost("labels", limits.BranchLabels)
		in.Labels = in.Labels[:0]
		for i := 0; i <= n && r.Err == nil; i++ {
			in.Labels = append(in.Labels, r.U32())
		}
	case Memarg:
		r.memarg(in)
	case MemargLane:
		r.memarg(in)
		in.Lane = r.Byte()
	case Lane:
		in.Lane = r.Byte()
	case Shuffle, V128:
		in.Raw = r.Bytes(16)
	case I32:
		in.Value = uint64(r.S32())
	case I64:
		in.Value = uint64(r.S64())
	case F32:
		if b := r.Bytes(4); b != nil {
			in.Value = uint64(binary.LittleEndian.Uint32(b))
		}
	case F64:
		if b := r.Bytes(8); b != nil {
			in.Value = binary.LittleEndian.Uint64(b)
		}
	case Heap:
		in.Heap = r.HeapType()
	case Types:
		n := r.Count("types")
		in.Types = in.Types[:0]
		for i := 0; i < n && r.Err == nil; i++ {
			in.Types = append(in.Types, r.ValType())
		}
	case CastLabel:
		at := r.Pos
		if in.Flags = r.Byte(); in.Flags > CastFromNull|CastToNull {
			r.Fail(at, "bad cast flags 0x%02x: expected 0 to 3", in.Flags)
		}
		in.Index = r.U32()
		in.Heap, in.Heap2 = r.HeapType(), r.HeapType()
	case Reserved:
		at := r.Pos
		if b := r.Byte(); b != 0 {
			r.Fail(at, "%s", diag.Differ("expected %s, found %s", "a zero byte", fmt.Sprintf("0x%02x", b)))
		}
	}
}

func (r *Reader) blockType() BlockSig {
	b, ok := r.Peek()
	switch {
	case ok && b == EmptyBlock:
		r.Pos++
		return BlockSig{}
	case ok && b&0xc0 == 0x40: // a one-byte negative number is a value type
		return BlockSig{Form: BlockValue, Value: r.ValType()}
	}
	at := r.Pos
	x := r.S33()
	if x < 0 {
		r.Fail(at, "bad block type: expected a type index, a value type or 0x40")
	}
	return BlockSig{Form: BlockIndex, Index: uint32(x)}
}

// atMost decodes the length of a vector that engines limit.
func (r *Reader) atMost(what string, most int) int {
	at := r.Pos
	n := r.Count(what)
	if n > most {
		r.Fail(at, "%d %s, %d more than the %d that engines accept", n, what, n-most, most)
		return 0
	}
	return n
}

func (r *Reader) catches(in *Instr) {
	n := r.atMost("catch clauses", limits.Catches)
	in.Catches = in.Catches[:0]
	for i := 0; i < n && r.Err == nil; i++ {
		at := r.Pos
		c := Catch{Kind: r.Byte()}
		switch c.Kind {
		case CatchTag, CatchTagRef:
			c.Tag = r.U32()
		case CatchAll, CatchAllRef:
		default:
			r.Fail(at, "unknown catch clause 0x%02x: expected 0 to 3", c.Kind)
		}
		c.Label = r.U32()
		in.Catches = append(in.Catches, c)
	}
}

// memargMemory is the flag of a memarg with a memory index.
const memargMemory = 0x40

func (r *Reader) memarg(in *Instr) {
	at := r.Pos
	flags := r.U32()
	if flags >= 2*memargMemory {
		r.Fail(at, "bad alignment flags 0x%x of a memory access: expected less than 0x80", flags)
	}
	in.Align, in.Index = flags&^memargMemory, 0
	if flags&memargMemory != 0 {
		in.Index = r.U32()
	}
	in.Offset = r.U64()
}

// Append encodes the instruction in its shortest form.
func (in *Instr) Append(b []byte) []byte {
	b = in.Op.Append(b)
	if f := &forms[in.Info.Imm]; f.plain {
		b = leb128.AppendU32(b, in.Index)
		if f.index2 != none {
			b = leb128.AppendU32(b, in.Index2)
		}
		return b
	}
	switch in.Info.Imm {
	case BlockType:
		return in.Block.Append(b)
	case TryTable:
		b = leb128.AppendU32(in.Block.Append(b), uint32(len(in.Catches)))
		for _, c := range in.Catches {
			b = append(b, c.Kind)
			if c.Kind <= CatchTagRef {
				b = leb128.AppendU32(b, c.Tag)
			}
			b = leb128.AppendU32(b, c.Label)
		}
	case Labels:
		b = leb128.AppendU32(b, uint32(len(in.Labels)-1))
		for _, l := range in.Labels {
			b = leb128.AppendU32(b, l)
		}
	case Memarg:
		b = AppendMemarg(b, in.Align, in.Index, in.Offset)
	case MemargLane:
		b = append(AppendMemarg(b, in.Align, in.Index, in.Offset), in.Lane)
	case Lane:
		b = append(b, in.Lane)
	case Shuffle, V128:
		b = append(b, in.Raw...)
	case I32, I64:
		b = leb128.AppendS64(b, int64(in.Value))
	case F32:
		b = binary.LittleEndian.AppendUint32(b, uint32(in.Value))
	case F64:
		b = binary.LittleEndian.AppendUint64(b, in.Value)
	case Heap:
		b = AppendHeapType(b, in.Heap)
	case Types:
		b = leb128.AppendU32(b, uint32(len(in.Types)))
		for _, t := range in.Types {
			b = AppendValType(b, t)
		}
	case CastLabel:
		b = leb128.AppendU32(append(b, in.Flags), in.Index)
		b = AppendHeapType(AppendHeapType(b, in.Heap), in.Heap2)
	case Reserved:
		b = append(b, 0)
	}
	return b
}

// Append encodes a block type.
func (s BlockSig) Append(b []byte) []byte {
	switch s.Form {
	case BlockEmpty:
		return append(b, EmptyBlock)
	case BlockValue:
		return AppendValType(b, s.Value)
	}
	return leb128.AppendS64(b, int64(s.Index))
}

// AppendMemarg encodes a memarg, with the memory index only if it is not zero. align is the log2 of the alignment.
func AppendMemarg(b []byte, align, memory uint32, offset uint64) []byte {
	if memory == 0 {
		b = leb128.AppendU32(b, align)
	} else {
		b = leb128.AppendU32(leb128.AppendU32(b, align|memargMemory), memory)
	}
	return leb128.AppendU64(b, offset)
}
