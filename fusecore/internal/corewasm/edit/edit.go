// Package edit rewrites the indices in function bodies, constant expressions, segments and types when modules are merged,
// items removed, or code moved into other code.
//
// An [Editor] has a map for each index space. Bodies are rewritten in one pass over their bytes: unchanged parts are copied
// in runs, most of them without being decoded.
package edit

import (
	"math"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Removed as a new index means that the item is removed. Using it is an error.
const Removed uint32 = math.MaxUint32

// Editor describes a change of code. The zero Editor changes nothing.
type Editor struct {
	// Maps has the new index for each old one, for each index space. A nil map leaves its space unchanged; an old index
	// beyond the end of a map is an error. Labels have no map, see Labels.
	Maps [op.NumSpaces][]uint32
	// Labels, if set, returns the new label for an old one. depth is the number of blocks in the code that enclose the
	// instruction: smaller labels refer to these, label depth to the function's body, and greater ones to blocks around
	// the code.
	Labels func(label, depth uint32) uint32
	// Offsets, if set, is called with the offset of an instruction in the code and in the result: that of the first one, and of
	// each one that follows an instruction that has been written anew. What lies between two of them has moved with the first.
	Offsets func(old, new int)
	// OnRefFunc, if set, is called with the new index of every function in a ref.func instruction, possibly repeatedly:
	// such functions must be declared outside bodies.
	OnRefFunc func(now uint32)
	// OnData, if set, is called for every instruction in a body that names a data segment.
	OnData func()
}

// lookup returns a new index, or false if there is none.
func lookup(space []uint32, i uint32) (uint32, bool) {
	if space == nil {
		return i, true
	}
	if int64(i) >= int64(len(space)) {
		return 0, false
	}
	n := space[i]
	return n, n != Removed
}

// Index returns the new index of an item.
func (e *Editor) Index(s op.Space, i uint32) (uint32, error) {
	n, ok := lookup(e.Maps[s], i)
	if !ok {
		return 0, noIndex(s, i)
	}
	return n, nil
}

func noIndex(s op.Space, i uint32) *diag.Error {
	return diag.New("", "%s %d is used but has no place in the output", s, i)
}

// ValType rewrites a value or storage type.
func (e *Editor) ValType(t corewasm.ValType) (corewasm.ValType, error) {
	if !t.IsRef() || t.Heap < 0 {
		return t, nil
	}
	n, err := e.Index(op.SpaceType, uint32(t.Heap))
	return corewasm.ValType{Code: t.Code, Heap: corewasm.HeapType(n)}, err
}

// TableType rewrites a table type.
func (e *Editor) TableType(t corewasm.TableType) (corewasm.TableType, error) {
	elem, err := e.ValType(t.Elem)
	return corewasm.TableType{Elem: elem, Limits: t.Limits}, err
}

// GlobalType rewrites a global type.
func (e *Editor) GlobalType(t corewasm.GlobalType) (corewasm.GlobalType, error) {
	v, err := e.ValType(t.Type)
	return corewasm.GlobalType{Type: v, Mutable: t.Mutable}, err
}

// Expr rewrites a constant expression.
func (e *Editor) Expr(x corewasm.Expr) (corewasm.Expr, error) {
	b, err := e.code(make([]byte, 0, len(x.Bytes)+8), x.Bytes, x.Offset)
	return corewasm.Expr{Bytes: b, Offset: x.Offset}, err
}

// Elem rewrites an element segment. The result shares the list of functions.
func (e *Editor) Elem(s *corewasm.Elem) (corewasm.Elem, error) {
	out := *s
	var err error
	if out.Type, err = e.ValType(s.Type); err != nil {
		return out, err
	}
	if s.Mode == corewasm.SegActive {
		if out.Table, err = e.Index(op.SpaceTable, s.Table); err != nil {
			return out, err
		}
		if out.Offset, err = e.Expr(s.Offset); err != nil {
			return out, err
		}
	}
	for _, f := range s.Funcs {
		if _, err = e.Index(op.SpaceFunc, f); err != nil {
			return out, err
		}
	}
	out.Map, out.Exprs = e.Maps[op.SpaceFunc], nil
	for _, x := range s.Exprs {
		if x, err = e.Expr(x); err != nil {
			return out, err
		}
		out.Exprs = append(out.Exprs, x)
	}
	return out, nil
}

// Locals rewrites the types of the declared locals of a body. If no type changes, the result is b's slice.
func (e *Editor) Locals(b *corewasm.Body) ([]corewasm.LocalRun, error) {
	if e.Maps[op.SpaceType] == nil {
		return b.Locals, nil
	}
	out := b.Locals
	for i, l := range b.Locals {
		t, err := e.ValType(l.Type)
		if err != nil {
			return nil, err
		}
		if t == l.Type {
			continue
		}
		if &out[0] == &b.Locals[0] {
			out = slices.Clone(b.Locals)
		}
		out[i].Type = t
	}
	return out, nil
}

// Body appends to dst the rewritten code of a body: the instructions including the final end, without the locals (see
// Locals). Decoding must have accepted the body; malformed code is an error.
func (e *Editor) Body(dst []byte, b *corewasm.Body) ([]byte, error) {
	return e.code(dst, b.Code, b.Offset)
}
