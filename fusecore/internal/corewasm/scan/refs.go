// This file implements listing the references of function bodies.

package scan

import (
	"context"
	"encoding/binary"
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Refs returns the references of the bodies in m.Code, or the first error in malformed code. The bodies of a decoded
// module are read once, however often it is called.
func Refs(ctx context.Context, m *corewasm.Module) (*corewasm.Refs, error) {
	if m.Refs != nil {
		refs, err := m.Refs.Get(func() (*corewasm.Refs, error) { return list(ctx, m) })
		if err == nil {
			return refs, nil
		} // whose offset may be that in a module with the same bytes
	}
	return list(ctx, m)
}

// list reads all bodies.
func list(ctx context.Context, m *corewasm.Module) (*corewasm.Refs, error) {
	return Pass(ctx, m, func(l *Lister) func(int) error {
		return func(i int) error { return l.body(&m.Code[i]) }
	})
}

// Pass lists the references of the bodies in m.Code by a pass over them that may serve another purpose too. newWorker is
// called once per goroutine with the lister to which the worker passes the references of each body, in the order of
// [corewasm.Refs.Of]. The result is the error of the first body that has one.
func Pass(ctx context.Context, m *corewasm.Module, newWorker func(l *Lister) func(body int) error) (*corewasm.Refs, error) {
	batches := corewasm.Batches(m.Code, (*corewasm.Body).Size)
	lists := make([][]corewasm.Ref, len(batches))
	out := &corewasm.Refs{
		Ends: make([]uint32, len(m.Code)), // at first relative to the batch
		Mems: make([]uint32, m.Count(corewasm.ExternMem)), Tables: make([]uint32, m.Count(corewasm.ExternTable)),
	}
	var mu sync.Mutex // of out.Mems and out.Tables
	err := corewasm.InParallel(ctx, len(batches), func() func(int) error {
		l := &Lister{mems: make([]uint32, len(out.Mems)), tables: make([]uint32, len(out.Tables))}
		read := newWorker(l)
		return func(i int) error {
			b := &batches[i]
			l.list = l.list[:0]
			for k := range b.Bodies {
				l.body0++
				if err := read(b.First + k); err != nil {
					return err
				}
				l.end()
				out.Ends[b.First+k] = uint32(len(l.list))
			}
			lists[i] = append(make([]corewasm.Ref, 0, len(l.list)), l.list...)
			mu.Lock()
			defer mu.Unlock()
			move(out.Mems, l.mems)
			move(out.Tables, l.tables)
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	if len(batches) == 1 {
		out.List = lists[0]
		return out, nil
	}
	total := 0
	for i := range lists {
		total += len(lists[i])
	}
	out.List = make([]corewasm.Ref, 0, total)
	for i := range batches {
		base := uint32(len(out.List))
		for k := range batches[i].Bodies {
			out.Ends[batches[i].First+k] += base
		}
		out.List = append(out.List, lists[i]...)
		lists[i] = nil
	}
	return out, nil
}

// move adds counts to others, and clears them.
func move(to, from []uint32) {
	for i, n := range from {
		to[i] += n
		from[i] = 0
	}
}

// Lister lists the references of one body after the other. See [Pass].
type Lister struct {
	list         []corewasm.Ref
	mems, tables []uint32 // instructions that use each
	first        uint32   // instructions of the body that use memory 0
	body0        uint32   // number of the body, from 1 on
	once         [corewasm.NumUses][]uint32
	r            op.Reader
}

// Classes of first bytes for the instructions whose immediates are not single bytes.
const (
	classFull   byte = iota // decode
	classInt                // one LEB128 integer
	classFunc               // one function index
	classGlobal             // one global index
	classMemarg
	classBlock // a block type
)

// step says how the loop treats a first byte: it is followed by the next instruction after size bytes if none of the bits
// of mask is set in the little-endian word that it begins.
type step struct {
	mask uint32
	size uint8
	mem  uint8 // 1 for an access to memory 0
	full byte  // the class otherwise
}

var steps = func() (t [256]step) {
	const more = 0x80 // an integer goes on
	for b := range t {
		t[b].mask = uint32(b) // no instruction is simple whose own byte is in the mask
		in := op.One(byte(b))
		switch {
		case in.Name == "" || op.Op(b) == op.RefFunc || op.Op(b) == op.ReturnCall:
		case in.Imm == op.None:
			t[b] = step{size: 1}
		case in.Imm == op.Local || in.Imm == op.Label || in.Imm == op.I32 || in.Imm == op.I64:
			t[b] = step{mask: more << 8, size: 2, full: classInt}
		case in.Imm == op.F32:
			t[b] = step{size: 5}
		case in.Imm == op.F64:
			t[b] = step{size: 9}
		case in.Imm == op.Memarg: // an alignment below 0x40 means memory 0
			t[b] = step{mask: (more|0x40)<<8 | more<<16, size: 3, mem: 1, full: classMemarg}
		case in.Imm == op.Func:
			t[b].full = classFunc
		case in.Imm == op.Global:
			t[b].full = classGlobal
		case in.Imm == op.BlockType:
			t[b].full = classBlock
		}
	}
	return t
}()

// body appends the references of a body.
func (l *Lister) body(b *corewasm.Body) error {
	code := b.Code
	p, first := 0, uint32(0)
	for p < len(code) {
		if p+4 <= len(code) {
			s := &steps[code[p]]
			if binary.LittleEndian.Uint32(code[p:])&s.mask == 0 {
				p += int(s.size)
				first += uint32(s.mem)
				continue
			}
			next := 0
			switch s.full {
			case classInt:
				next = afterInt(code, p+1)
			case classFunc, classGlobal:
				i, n := uint32(code[p+1]), 1
				if i >= 0x80 {
					var err error
					if i, n, err = leb128.U32(code[p+1:]); err != nil {
						break
					}
				}
				if i > corewasm.MaxRef {
					break
				}
				u := corewasm.UseCall
				switch op.Op(code[p]) {
				case op.GlobalGet:
					u = corewasm.UseGlobal
				case op.GlobalSet:
					u = corewasm.UseGlobalSet
				}
				l.list = append(l.list, corewasm.NewRef(u, i))
				next = p + 1 + n
			case classMemarg:
				if code[p+1] < 0x40 {
					next = afterInt(code, p+2)
					first++
				}
			case classBlock:
				// One byte, but not the prefix of a reference type, is a type without an index.
				if t := code[p+1]; t&0xc0 == 0x40 && t != 0x63 && t != 0x64 {
					next = p + 2
				}
			}
			if next != 0 {
				p = next
				continue
			}
		}
		l.r.Cursor = op.Cursor{B: code, Base: b.Offset, Pos: p}
		if !l.r.Next() {
			return l.r.Err
		}
		if err := l.Instr(&l.r.In); err != nil {
			return err
		}
		p = l.r.Pos
	}
	if p > len(code) {
		l.r.Cursor = op.Cursor{B: code, Base: b.Offset}
		l.r.Fail(len(code), "unexpected end of code")
		return l.r.Err
	}
	l.Mem0(first)
	return nil
}

// Add appends a reference to anything but a memory or a table.
func (l *Lister) Add(u corewasm.Use, index uint32) {
	l.list = append(l.list, corewasm.NewRef(u, index))
}

// Indirect appends the references of a call_indirect.
func (l *Lister) Indirect(typ, table uint32) {
	l.Add(corewasm.UseIndirect, typ)
	count(l.tables, table)
	l.oncePerBody(corewasm.UseTableCall, table)
}

// Mem0 counts instructions of the body that use memory 0.
func (l *Lister) Mem0(n uint32) { l.first += n }

// end ends a body.
func (l *Lister) end() {
	if l.first > 0 {
		l.list = append(l.list, corewasm.NewRef(corewasm.UseMem, 0))
		if len(l.mems) > 0 {
			l.mems[0] += l.first
		}
	}
	l.first = 0
}

// afterInt steps over a LEB128 integer.
func afterInt(code []byte, p int) int {
	for p < len(code) && code[p] >= 0x80 {
		p++
	}
	return p + 1
}

// Instr appends the references of an instruction. An index that no module can have is an error.
func (l *Lister) Instr(in *op.Instr) error {
	if in.Info.Imm == op.None {
		return nil
	}
	n := 0
	in.EachIndex(func(space op.Space, i uint32) {
		u, ok := useOf(in.Op, space, n)
		n++
		switch {
		case !ok:
		case i > corewasm.MaxRef:
			l.r.Fail(in.Start, "%s: %s index %d is out of range", in.Info.Name, space, i)
		case space == op.SpaceMem && i == 0:
			l.first++
		case space == op.SpaceMem:
			count(l.mems, i)
			l.oncePerBody(u, i)
		case space == op.SpaceTable:
			count(l.tables, i)
			l.oncePerBody(u, i)
		default:
			l.list = append(l.list, corewasm.NewRef(u, i))
		}
	})
	if in.Op == op.ReturnCall {
		l.list = append(l.list, corewasm.NewRef(corewasm.UseReturnCall, in.Index))
	}
	return l.r.Err
}

func count(uses []uint32, i uint32) {
	if int64(i) < int64(len(uses)) {
		uses[i]++
	}
}

// mostOnce is above the numbers of memories and tables that engines accept.
const mostOnce = 1 << 16

// oncePerBody appends a reference that the body does not have yet.
func (l *Lister) oncePerBody(u corewasm.Use, i uint32) {
	if i < mostOnce {
		bodies := &l.once[u] // the last body with each
		if int(i) >= len(*bodies) {
			*bodies = append(*bodies, make([]uint32, int(i)+1-len(*bodies))...)
		}
		if (*bodies)[i] == l.body0 {
			return
		}
		(*bodies)[i] = l.body0
	}
	l.list = append(l.list, corewasm.NewRef(u, i))
}

// useOf returns what an instruction does with its n-th index, which is of a space. ok is false for locals and labels.
func useOf(o op.Op, space op.Space, n int) (u corewasm.Use, ok bool) {
	switch space {
	case op.SpaceFunc:
		if o == op.RefFunc {
			return corewasm.UseRefFunc, true
		}
		return corewasm.UseCall, true
	case op.SpaceType:
		switch o {
		case op.CallIndirect, op.ReturnCallIndirect, op.CallRef, op.ReturnCallRef:
			return corewasm.UseIndirect, true
		}
		return corewasm.UseType, true
	case op.SpaceGlobal:
		if o == op.GlobalSet {
			return corewasm.UseGlobalSet, true
		}
		return corewasm.UseGlobal, true
	case op.SpaceTable:
		switch o {
		case op.CallIndirect, op.ReturnCallIndirect:
			return corewasm.UseTableCall, true
		case op.TableSet, op.TableGrow, op.TableFill, op.TableInit:
			return corewasm.UseTableWrite, true
		case op.TableCopy:
			if n == 0 {
				return corewasm.UseTableWrite, true
			}
		}
		return corewasm.UseTable, true
	case op.SpaceMem:
		return corewasm.UseMem, true
	case op.SpaceTag:
		return corewasm.UseTag, true
	case op.SpaceElem:
		if o == op.ElemDrop {
			return corewasm.UseElemDrop, true
		}
		return corewasm.UseElem, true
	case op.SpaceData:
		if o == op.DataDrop {
			return corewasm.UseDataDrop, true
		}
		return corewasm.UseData, true
	}
	return 0, false
}
