// Package coretext writes core modules as text, for tests that compare generated code: one definition a line, in the order
// of the index spaces, with the text format's names of instructions and with indices as they are.
//
//	import host.0: func 0 (func (param i32))
//	func 1 a/run: (func)
//	  i32.const 5
//	  call 0
//	  call 1 a/run
//	export run: func 1
package coretext

import (
	"fmt"
	"math"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Module returns the text of a decoded module. Types are written where they are used.
func Module(m *corewasm.Module) string {
	p := &printer{m: m}
	p.imports()
	for i, t := range m.Tables {
		p.line("table %d: %s", p.imported(corewasm.ExternTable)+i, table(t.Type))
		if t.Init != nil {
			p.Builder.WriteString("  = " + Expr(*t.Init) + "\n")
		}
	}
	for i, t := range m.Mems {
		p.line("memory %d: %s", p.imported(corewasm.ExternMem)+i, limits(t.Limits))
	}
	for i, t := range m.Tags {
		p.line("tag %d: %v", p.imported(corewasm.ExternTag)+i, p.funcType(t))
	}
	for i := range m.NumGlobals() {
		g := m.GlobalAt(i)
		p.line("global %d: %s = %s", p.imported(corewasm.ExternGlobal)+i, global(g.Type), Expr(g.Init))
	}
	for i := range m.Elems {
		p.elem(i, &m.Elems[i])
	}
	for i, d := range m.AllData() {
		where := "passive"
		if d.Mode == corewasm.SegActive {
			where = fmt.Sprintf("memory %d at %s", d.Mem, Expr(d.Offset))
		}
		p.line("data %d: %s: %q", i, where, d.Bytes)
	}
	for i := range m.Funcs {
		p.function(i)
	}
	for _, e := range m.Exports {
		p.line("export %s: %v %d", e.Name, e.Kind, e.Index)
	}
	if m.Start != nil {
		p.line("start %d", *m.Start)
	}
	return p.String()
}

// Func returns the text of the i-th function that a decoded module defines.
func Func(m *corewasm.Module, i int) string {
	p := &printer{m: m}
	p.function(i)
	return p.String()
}

// Expr returns the instructions of a constant expression without the end, on one line.
func Expr(x corewasm.Expr) string {
	var out []string
	for r := op.NewReader(x.Bytes, 0); r.Next(); {
		if r.In.Op != op.End || r.More() {
			out = append(out, Instr(&r.In))
		}
	}
	return strings.Join(out, "; ")
}

type printer struct {
	strings.Builder
	m *corewasm.Module
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *printer) imported(k corewasm.ExternKind) int { return int(p.m.NumImported(k)) }

func (p *printer) funcType(t uint32) corewasm.FuncType { return p.m.SubTypeAt(t).Func }

func (p *printer) imports() {
	var next [corewasm.NumExterns]int
	for i := range p.m.Imports {
		im := &p.m.Imports[i]
		var t any
		switch im.Kind {
		case corewasm.ExternFunc:
			t = p.funcType(im.Func)
		case corewasm.ExternTable:
			t = table(im.Table)
		case corewasm.ExternMem:
			t = limits(im.Mem.Limits)
		case corewasm.ExternGlobal:
			t = global(im.Global)
		case corewasm.ExternTag:
			t = p.funcType(im.Tag)
		}
		p.line("import %s.%s: %v %d %v", im.Module, im.Name, im.Kind, next[im.Kind], t)
		next[im.Kind]++
	}
}

func (p *printer) elem(i int, e *corewasm.Elem) {
	where := "passive"
	switch e.Mode {
	case corewasm.SegActive:
		where = fmt.Sprintf("table %d at %s", e.Table, Expr(e.Offset))
	case corewasm.SegDeclarative:
		where = "declared"
	}
	fmt.Fprintf(p, "elem %d: %s:", i, where)
	for k := range e.Funcs {
		fmt.Fprintf(p, " %d", e.Func(k))
	}
	for _, x := range e.Exprs {
		fmt.Fprintf(p, " (%s)", Expr(x))
	}
	p.WriteByte('\n')
}

func (p *printer) function(i int) {
	index := uint32(p.imported(corewasm.ExternFunc) + i)
	name := p.m.Names.Func(index)
	if name != "" {
		name = " " + name
	}
	p.line("func %d%s: %v", index, name, p.funcType(p.m.Funcs[i]))
	for _, l := range p.m.Code[i].Locals {
		p.line("  local %d x %v", l.Count, l.Type)
	}
	indent := "  "
	for r := op.NewReader(p.m.Code[i].Code, 0); r.Next(); {
		switch r.In.Op {
		case op.End, op.Else:
			if !r.More() {
				return
			}
			indent = indent[2:]
		}
		text := indent + Instr(&r.In)
		if r.In.Info.Imm == op.Func {
			text = strings.TrimSuffix(text+" "+p.m.Names.Func(r.In.Index), " ")
		}
		p.line("%s", text)
		if r.In.Info.Imm == op.BlockType || r.In.Info.Imm == op.TryTable || r.In.Op == op.Else {
			indent += "  "
		}
	}
}

func global(t corewasm.GlobalType) string {
	if t.Mutable {
		return "mut " + t.Type.String()
	}
	return t.Type.String()
}

func table(t corewasm.TableType) string { return limits(t.Limits) + " " + t.Elem.String() }

func limits(l corewasm.Limits) string {
	s := fmt.Sprint(l.Min)
	if l.HasMax {
		s += fmt.Sprintf("..%d", l.Max)
	}
	if l.Shared {
		s = "shared " + s
	}
	if l.Is64 {
		s = "i64 " + s
	}
	return s
}

// Instr returns an instruction with its immediates.
func Instr(in *op.Instr) string {
	s := in.Op.String()
	add := func(format string, args ...any) { s += " " + fmt.Sprintf(format, args...) }
	switch in.Info.Imm {
	case op.None, op.Reserved:
	case op.BlockType, op.TryTable:
		switch in.Block.Form {
		case op.BlockValue:
			add("(result %v)", in.Block.Value)
		case op.BlockIndex:
			add("(type %d)", in.Block.Index)
		}
		if in.Info.Imm == op.TryTable {
			for _, c := range in.Catches {
				add("(catch %d %d %d)", c.Kind, c.Tag, c.Label)
			}
		}
	case op.Labels:
		add("%v", in.Labels)
	case op.TypeTable, op.TableTable, op.ElemTable, op.MemMem, op.DataMem, op.TypeType, op.TypeField, op.TypeCount, op.TypeData, op.TypeElem:
		add("%d %d", in.Index, in.Index2)
	case op.Memarg, op.MemargLane:
		add("%d", in.Index)
		if in.Offset != 0 {
			add("offset=%d", in.Offset)
		}
		if in.Align != uint32(in.Info.Align) {
			add("align=%d", 1<<in.Align)
		}
		if in.Info.Imm == op.MemargLane {
			add("%d", in.Lane)
		}
	case op.Lane:
		add("%d", in.Lane)
	case op.Shuffle, op.V128:
		add("% x", in.Raw)
	case op.I32, op.I64:
		add("%d", int64(in.Value))
	case op.F32:
		add("%v", math.Float32frombits(uint32(in.Value)))
	case op.F64:
		add("%v", math.Float64frombits(in.Value))
	case op.Heap:
		add("%v", in.Heap)
	case op.Types:
		add("%v", in.Types)
	case op.CastLabel:
		add("%d %v %v", in.Index, in.Heap, in.Heap2)
	default: // one index
		add("%d", in.Index)
	}
	return s
}
