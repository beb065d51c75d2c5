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
	Funcs         []uint32 // functions called directly or named by ref.func
	Tables        []uint32 // tables used in any way, including call_indirect
	Mems          []uint32 // memories used in any way
	GlobalsSet    []uint32 // globals written
	TablesWritten []uint32 // tables written: table.set, grow, fill, init, copy's destination
	Indirect      bool     // call_indirect, call_ref and their return_ variants
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
	funcs, tables, mems, globalsSet, tablesWritten set

	indirect bool
}

// Func summarises the defined function with an index in m.Code.
func Func(m *corewasm.Module, defined int) (*Summary, error) {
	if defined < 0 || defined >= len(m.Code) {
		return nil, diag.New(fmt.Sprintf("code %d", defined), "there is no such function body: the module has %d", len(m.Code))
	}
	var s scanner
	return s.run(m.Code[defined].Code, m.Code[defined].Offset)
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
		}
	}
	if r.Err != nil {
		return nil, r.Err
	}
	return &Summary{
		Funcs: s.funcs.sorted(), Tables: s.tables.sorted(), Mems: s.mems.sorted(),
		GlobalsSet: s.globalsSet.sorted(), TablesWritten: s.tablesWritten.sorted(), Indirect: s.indirect,
	}, nil
}

func (s *scanner) instr(in *op.Instr) {
	switch in.Op {
	case op.GlobalSet:
		s.globalsSet.add(in.Index)
	case op.CallIndirect, op.ReturnCallIndirect, op.CallRef, op.ReturnCallRef:
		s.indirect = true
	case op.TableSet, op.TableGrow, op.TableFill, op.TableCopy:
		s.tablesWritten.add(in.Index)
	case op.TableInit:
		s.tablesWritten.add(in.Index2)
	}
	in.EachIndex(func(space op.Space, i uint32) {
		switch space {
		case op.SpaceFunc:
			s.funcs.add(i)
		case op.SpaceTable:
			s.tables.add(i)
		case op.SpaceMem:
			s.mems.add(i)
		}
	})
}
