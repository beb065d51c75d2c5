// This file implements listing the references of function bodies.

package scan

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Refs returns the references of the bodies in m.Code, or the first error in malformed code. A module that decoding has
// listed the references of is not read again.
func Refs(ctx context.Context, m *corewasm.Module) (*corewasm.Refs, error) {
	if m.Refs != nil {
		return m.Refs, nil
	}
	batches := corewasm.Batches(m.Code, (*corewasm.Body).Size)
	lists := make([][]corewasm.Ref, len(batches))
	out := &corewasm.Refs{Ends: make([]uint32, len(m.Code))} // at first relative to the batch
	err := corewasm.InParallel(ctx, len(batches), func() func(int) error {
		var l lister
		return func(i int) error {
			b := &batches[i]
			l.list = make([]corewasm.Ref, 0, 64)
			for k := range b.Bodies {
				if err := l.body(&b.Bodies[k]); err != nil {
					return err
				}
				out.Ends[b.First+k] = uint32(len(l.list))
			}
			lists[i] = l.list
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range batches {
		base := uint32(len(out.List))
		for k := range batches[i].Bodies {
			out.Ends[batches[i].First+k] += base
		}
		out.List = append(out.List, lists[i]...)
	}
	return out, nil
}

// lister lists the references of one body after the other.
type lister struct {
	list  []corewasm.Ref
	first int // of the body, in list
}

// body appends the references of a body.
func (l *lister) body(b *corewasm.Body) error {
	l.first = len(l.list)
	r := op.NewReader(b.Code, b.Offset)
	for r.Next() {
		if r.In.Info.Imm != op.None {
			l.instr(&r.In)
		}
	}
	return r.Err
}

// instr appends the references of an instruction.
func (l *lister) instr(in *op.Instr) {
	n := 0
	in.EachIndex(func(space op.Space, i uint32) {
		u, ok := useOf(in.Op, space, n)
		n++
		switch {
		case !ok:
		case space == op.SpaceMem || space == op.SpaceTable:
			l.once(corewasm.NewRef(u, i))
		default:
			l.list = append(l.list, corewasm.NewRef(u, i))
		}
	})
	if in.Op == op.ReturnCall {
		l.list = append(l.list, corewasm.NewRef(corewasm.UseReturnCall, in.Index))
	}
}

// once appends a reference that the body does not have yet.
func (l *lister) once(r corewasm.Ref) {
	for _, have := range l.list[l.first:] {
		if have == r {
			return
		}
	}
	l.list = append(l.list, r)
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
