// Package remap rewrites the indices in types, function bodies, constant expressions and segments when modules are
// merged or items removed. Bodies are rewritten in one pass over their bytes: unchanged parts are copied in runs.
package remap

import (
	"math"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Removed as a new index means that the item is removed. Using it is an error.
const Removed uint32 = math.MaxUint32

// Maps has the new index for each old one, for each index space. A nil slice leaves its space unchanged; an old index
// beyond the end of a slice is an error.
type Maps struct {
	Funcs, Types, Tables, Mems, Globals, Tags, Elems, Datas []uint32
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

// Index returns the new index of an item; what names the index space in the error.
func Index(space []uint32, i uint32, what string) (uint32, error) {
	n, ok := lookup(space, i)
	if !ok {
		return 0, noIndex(what, i)
	}
	return n, nil
}

func noIndex(what string, i uint32) *diag.Error {
	return diag.New("", "%s %d is used but has no place in the output", what, i)
}

// HeapType rewrites a heap type.
func (m *Maps) HeapType(h corewasm.HeapType) (corewasm.HeapType, error) {
	if h < 0 {
		return h, nil
	}
	n, err := Index(m.Types, uint32(h), "type")
	return corewasm.HeapType(n), err
}

// ValType rewrites a value or storage type.
func (m *Maps) ValType(t corewasm.ValType) (corewasm.ValType, error) {
	if !t.IsRef() {
		return t, nil
	}
	h, err := m.HeapType(t.Heap)
	return corewasm.ValType{Code: t.Code, Heap: h}, err
}

// ValTypes rewrites types into a new slice.
func (m *Maps) ValTypes(ts []corewasm.ValType) ([]corewasm.ValType, error) {
	if len(ts) == 0 {
		return nil, nil
	}
	out := make([]corewasm.ValType, len(ts))
	for i, t := range ts {
		var err error
		if out[i], err = m.ValType(t); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SubType rewrites a type definition. The result shares no memory with t.
func (m *Maps) SubType(t *corewasm.SubType) (corewasm.SubType, error) {
	out := corewasm.SubType{Final: t.Final, Kind: t.Kind}
	for _, s := range t.Supers {
		n, err := Index(m.Types, s, "type")
		if err != nil {
			return out, err
		}
		out.Supers = append(out.Supers, n)
	}
	for _, f := range t.Fields {
		s, err := m.ValType(f.Storage)
		if err != nil {
			return out, err
		}
		out.Fields = append(out.Fields, corewasm.FieldType{Storage: s, Mutable: f.Mutable})
	}
	var err error
	if out.Func.Params, err = m.ValTypes(t.Func.Params); err != nil {
		return out, err
	}
	out.Func.Results, err = m.ValTypes(t.Func.Results)
	return out, err
}

// TableType rewrites a table type.
func (m *Maps) TableType(t corewasm.TableType) (corewasm.TableType, error) {
	e, err := m.ValType(t.Elem)
	return corewasm.TableType{Elem: e, Limits: t.Limits}, err
}

// GlobalType rewrites a global type.
func (m *Maps) GlobalType(t corewasm.GlobalType) (corewasm.GlobalType, error) {
	v, err := m.ValType(t.Type)
	return corewasm.GlobalType{Type: v, Mutable: t.Mutable}, err
}

// Expr rewrites a constant expression.
func (m *Maps) Expr(e corewasm.Expr) (corewasm.Expr, error) {
	b, err := m.code(make([]byte, 0, len(e.Bytes)+8), e.Bytes, e.Offset)
	return corewasm.Expr{Bytes: b, Offset: e.Offset}, err
}

// Elem rewrites an element segment. The result shares the list of functions.
func (m *Maps) Elem(e *corewasm.Elem) (corewasm.Elem, error) {
	out := *e
	var err error
	if out.Type, err = m.ValType(e.Type); err != nil {
		return out, err
	}
	if e.Mode == corewasm.SegActive {
		if out.Table, err = Index(m.Tables, e.Table, "table"); err != nil {
			return out, err
		}
		if out.Offset, err = m.Expr(e.Offset); err != nil {
			return out, err
		}
	}
	for _, f := range e.Funcs {
		if _, err = Index(m.Funcs, f, "function"); err != nil {
			return out, err
		}
	}
	out.Map, out.Exprs = m.Funcs, nil
	for _, x := range e.Exprs {
		if x, err = m.Expr(x); err != nil {
			return out, err
		}
		out.Exprs = append(out.Exprs, x)
	}
	return out, nil
}

// Data rewrites a data segment. The result shares the bytes.
func (m *Maps) Data(s *corewasm.Data) (corewasm.Data, error) {
	out := *s
	if s.Mode != corewasm.SegActive {
		return out, nil
	}
	var err error
	if out.Mem, err = Index(m.Mems, s.Mem, "memory"); err != nil {
		return out, err
	}
	out.Offset, err = m.Expr(s.Offset)
	return out, err
}

// Locals rewrites the declared locals of a body. If no type changes, the result is b's slice.
func (m *Maps) Locals(b *corewasm.Body) ([]corewasm.LocalRun, error) {
	if m.Types == nil {
		return b.Locals, nil
	}
	out := b.Locals
	for i, l := range b.Locals {
		t, err := m.ValType(l.Type)
		if err != nil {
			return nil, err
		}
		if t == l.Type {
			continue
		}
		if &out[0] == &b.Locals[0] {
			out = append([]corewasm.LocalRun(nil), b.Locals...)
		}
		out[i].Type = t
	}
	return out, nil
}

// Body appends to dst the code of a body with its indices rewritten: the instructions including the final end, without
// the locals (see [Maps.Locals]). Decoding must have accepted the body; malformed code is an error.
func Body(dst []byte, b *corewasm.Body, m *Maps) ([]byte, error) {
	return m.code(dst, b.Code, b.Offset)
}

// instr rewrites the indices of a decoded instruction in place.
func (m *Maps) instr(in *op.Instr) error {
	var err error
	set := func(space []uint32, i *uint32, what string) {
		if err == nil {
			*i, err = Index(space, *i, what)
		}
	}
	switch in.Info.Imm {
	case op.Func:
		set(m.Funcs, &in.Index, "function")
		if in.Op == op.RefFunc && m.OnRefFunc != nil && err == nil {
			m.OnRefFunc(in.Index)
		}
	case op.Type, op.TypeField, op.TypeCount:
		set(m.Types, &in.Index, "type")
	case op.TypeTable:
		set(m.Types, &in.Index, "type")
		set(m.Tables, &in.Index2, "table")
	case op.TypeType:
		set(m.Types, &in.Index, "type")
		set(m.Types, &in.Index2, "type")
	case op.TypeData:
		set(m.Types, &in.Index, "type")
		set(m.Datas, &in.Index2, "data segment")
		m.data()
	case op.TypeElem:
		set(m.Types, &in.Index, "type")
		set(m.Elems, &in.Index2, "element segment")
	case op.Global:
		set(m.Globals, &in.Index, "global")
	case op.Table:
		set(m.Tables, &in.Index, "table")
	case op.TableTable:
		set(m.Tables, &in.Index, "table")
		set(m.Tables, &in.Index2, "table")
	case op.ElemTable:
		set(m.Elems, &in.Index, "element segment")
		set(m.Tables, &in.Index2, "table")
	case op.Elem:
		set(m.Elems, &in.Index, "element segment")
	case op.Mem, op.Memarg, op.MemargLane:
		set(m.Mems, &in.Index, "memory")
	case op.MemMem:
		set(m.Mems, &in.Index, "memory")
		set(m.Mems, &in.Index2, "memory")
	case op.DataMem:
		set(m.Datas, &in.Index, "data segment")
		set(m.Mems, &in.Index2, "memory")
		m.data()
	case op.Data:
		set(m.Datas, &in.Index, "data segment")
		m.data()
	case op.Tag:
		set(m.Tags, &in.Index, "tag")
	case op.BlockType, op.TryTable, op.Heap, op.Types, op.CastLabel:
		return m.instrTypes(in)
	}
	return err
}

func (m *Maps) data() {
	if m.OnData != nil {
		m.OnData()
	}
}

// instrTypes rewrites the types and tags of instructions with structured immediates.
func (m *Maps) instrTypes(in *op.Instr) error {
	var err error
	switch in.Info.Imm {
	case op.BlockType, op.TryTable:
		switch in.Block.Form {
		case op.BlockIndex:
			in.Block.Index, err = Index(m.Types, in.Block.Index, "type")
		case op.BlockValue:
			in.Block.Value, err = m.ValType(in.Block.Value)
		}
		for i := range in.Catches {
			c := &in.Catches[i]
			if in.Info.Imm == op.TryTable && c.Kind <= op.CatchTagRef && err == nil {
				c.Tag, err = Index(m.Tags, c.Tag, "tag")
			}
		}
	case op.Heap:
		in.Heap, err = m.HeapType(in.Heap)
	case op.CastLabel:
		if in.Heap, err = m.HeapType(in.Heap); err == nil {
			in.Heap2, err = m.HeapType(in.Heap2)
		}
	case op.Types:
		for i := range in.Types {
			if err == nil {
				in.Types[i], err = m.ValType(in.Types[i])
			}
		}
	}
	return err
}
