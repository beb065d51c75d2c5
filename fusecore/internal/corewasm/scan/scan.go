// Package scan summarises what function bodies and constant expressions use: the edges of the call graph and of the
// reference graph between the items of a module.
package scan

import (
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Summary is what a piece of code uses. The lists are sorted, without duplicates, and contain indices of the module's
// index spaces.
type Summary struct {
	Calls         []uint32 // functions called directly: call, return_call
	RefFuncs      []uint32 // functions named by ref.func
	Globals       []uint32 // globals read or written
	GlobalsSet    []uint32 // globals written
	Tables        []uint32 // tables used in any way, including call_indirect
	TablesRead    []uint32 // tables read: table.get, table.copy's source, call_indirect
	TablesWritten []uint32 // tables written: table.set, grow, fill, init, copy's destination
	Mems          []uint32 // memories used in any way
	MemsGrown     []uint32 // memories grown
	Tags          []uint32
	Datas         []uint32
	Elems         []uint32
	Types         []uint32 // types named by instructions, block types and the types of locals; not those of callees
	Indirect      bool     // call_indirect, call_ref and their return_ variants
	Throws        bool     // throw, throw_ref, rethrow
}

// set collects indices. Consecutive uses of one item are frequent, so the last one is not added again.
type set []uint32

func (s *set) add(i uint32) {
	if n := len(*s); n == 0 || (*s)[n-1] != i {
		*s = append(*s, i)
	}
}

func (s set) sorted() []uint32 {
	slices.Sort(s)
	return slices.Compact(s)
}

// scanner collects uses.
type scanner struct {
	calls, refs, globals, globalsSet, tables, tablesRead, tablesWritten, mems, memsGrown, tags, datas, elems, types set

	indirect, throws bool
}

// Func summarises the defined function with an index in m.Code.
func Func(m *corewasm.Module, defined int) (*Summary, error) {
	if defined < 0 || defined >= len(m.Code) {
		return nil, diag.New(fmt.Sprintf("code %d", defined), "there is no such function body: the module has %d", len(m.Code))
	}
	b := &m.Code[defined]
	var s scanner
	for _, l := range b.Locals {
		s.valType(l.Type)
	}
	return s.run(b.Code, b.Offset)
}

// Expr summarises a constant expression.
func Expr(e corewasm.Expr) (*Summary, error) {
	var s scanner
	return s.run(e.Bytes, e.Offset)
}

func (s *scanner) run(code []byte, base int64) (*Summary, error) {
	r := op.NewReader(code, base)
	for r.Next() {
		if r.In.Info.Imm != op.None {
			s.instr(&r.In)
		} else if r.In.Op == op.ThrowRef {
			s.throws = true
		}
	}
	if r.Err != nil {
		return nil, r.Err
	}
	return &Summary{
		Calls: s.calls.sorted(), RefFuncs: s.refs.sorted(), Globals: s.globals.sorted(), GlobalsSet: s.globalsSet.sorted(),
		Tables: s.tables.sorted(), TablesRead: s.tablesRead.sorted(), TablesWritten: s.tablesWritten.sorted(),
		Mems: s.mems.sorted(), MemsGrown: s.memsGrown.sorted(), Tags: s.tags.sorted(), Datas: s.datas.sorted(),
		Elems: s.elems.sorted(), Types: s.types.sorted(), Indirect: s.indirect, Throws: s.throws,
	}, nil
}

func (s *scanner) instr(in *op.Instr) {
	switch in.Info.Imm {
	case op.Func:
		if in.Op == op.RefFunc {
			s.refs.add(in.Index)
		} else {
			s.calls.add(in.Index)
		}
	case op.Global:
		s.globals.add(in.Index)
		if in.Op == op.GlobalSet {
			s.globalsSet.add(in.Index)
		}
	case op.Type, op.TypeField, op.TypeCount:
		s.types.add(in.Index)
		s.indirect = s.indirect || in.Op == op.CallRef || in.Op == op.ReturnCallRef
	case op.TypeTable:
		s.types.add(in.Index)
		s.tables.add(in.Index2)
		s.tablesRead.add(in.Index2)
		s.indirect = true
	case op.Table, op.TableTable, op.ElemTable:
		s.table(in)
	case op.Elem:
		s.elems.add(in.Index)
	case op.Mem, op.Memarg, op.MemargLane:
		s.mems.add(in.Index)
		if in.Op == op.MemoryGrow {
			s.memsGrown.add(in.Index)
		}
	case op.MemMem:
		s.mems.add(in.Index)
		s.mems.add(in.Index2)
	case op.DataMem:
		s.datas.add(in.Index)
		s.mems.add(in.Index2)
	case op.Data:
		s.datas.add(in.Index)
	case op.Tag:
		s.tags.add(in.Index)
		s.throws = s.throws || in.Op == op.Throw
	case op.Label:
		s.throws = s.throws || in.Op == op.LegacyRethrow
	case op.TypeType:
		s.types.add(in.Index)
		s.types.add(in.Index2)
	case op.TypeData:
		s.types.add(in.Index)
		s.datas.add(in.Index2)
	case op.TypeElem:
		s.types.add(in.Index)
		s.elems.add(in.Index2)
	case op.BlockType, op.TryTable, op.Heap, op.CastLabel, op.Types:
		s.structured(in)
	}
}

func (s *scanner) table(in *op.Instr) {
	switch in.Op {
	case op.TableCopy:
		s.tables.add(in.Index)
		s.tables.add(in.Index2)
		s.tablesWritten.add(in.Index)
		s.tablesRead.add(in.Index2)
	case op.TableInit:
		s.elems.add(in.Index)
		s.tables.add(in.Index2)
		s.tablesWritten.add(in.Index2)
	case op.TableGet:
		s.tables.add(in.Index)
		s.tablesRead.add(in.Index)
	case op.TableSize:
		s.tables.add(in.Index)
	default:
		s.tables.add(in.Index)
		s.tablesWritten.add(in.Index)
	}
}

func (s *scanner) structured(in *op.Instr) {
	switch in.Info.Imm {
	case op.BlockType, op.TryTable:
		switch in.Block.Form {
		case op.BlockIndex:
			s.types.add(in.Block.Index)
		case op.BlockValue:
			s.valType(in.Block.Value)
		}
		if in.Info.Imm == op.TryTable {
			for _, c := range in.Catches {
				if c.Kind <= op.CatchTagRef {
					s.tags.add(c.Tag)
				}
			}
		}
	case op.Heap:
		s.heap(in.Heap)
	case op.CastLabel:
		s.heap(in.Heap)
		s.heap(in.Heap2)
	case op.Types:
		for _, t := range in.Types {
			s.valType(t)
		}
	}
}

func (s *scanner) heap(h corewasm.HeapType) {
	if h >= 0 {
		s.types.add(uint32(h))
	}
}

func (s *scanner) valType(t corewasm.ValType) {
	if t.IsRef() {
		s.heap(t.Heap)
	}
}
