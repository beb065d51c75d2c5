// This file implements the first step: a module with exports by which its state can be read.

package preinit

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
)

// probes are what the instrumented module has beside the module's items. Names of exports are a prefix, which no export of the
// module begins with, and what follows here:
//
//	start           the start function, which instantiation does not run
//	memory          the memory, or, if there are several, one page to which their content is copied
//	pages N         a function that returns the size of a memory, if there are several
//	page N          a function that copies a page of a memory to the one page
//	global N        a mutable global of a number type
//	low N, high N   functions that return the halves of a vector
//	null N          a function that reports whether a mutable global of a reference type is null
//	load N          a function that puts the function of a global into the table of index probes.spare
//	take N          a function that puts an element of a table of other than any functions there
//	size N          a function that returns the size of a table
//	empty N         a function that reports whether an element of a table is null
//	data N, elem N  a global that is 1 once a segment has been dropped
type probes struct {
	wasm   []byte
	prefix string
	uses   uses
	// data and elems have the passive segments that code can drop, in ascending order.
	data, elems []uint32
	spare       uint32 // a table of one element, if a function is put there
	several     bool   // memories
	// stands are the functions that stand for the imported ones, in this order from index firstStand on. wazero cannot tell
	// which function of the host is in a table.
	firstStand, stands uint32
}

// original returns the index in the module of a function of the instrumented one.
func (p *probes) original(f uint32) uint32 {
	if f >= p.firstStand && f-p.firstStand < p.stands {
		return f - p.firstStand
	}
	return f
}

// uses is what function bodies do with items whose state is hard to read.
type uses struct {
	data, elems bool         // they name data segments, and element segments
	refFunc     bool         // they have references to functions
	tables      map[int]bool // that they can change
	drops       map[int]bool // functions, by their index in Code, that drop segments
	dropsData   map[uint32]bool
	dropsElem   map[uint32]bool
}

// findUses reads all bodies.
func findUses(m *corewasm.Module) (uses, error) {
	u := uses{tables: map[int]bool{}, drops: map[int]bool{}, dropsData: map[uint32]bool{}, dropsElem: map[uint32]bool{}}
	for i := range m.Code {
		r := op.NewReader(m.Code[i].Code, m.Code[i].Offset)
		for r.Next() {
			in := &r.In
			in.EachIndex(func(s op.Space, _ uint32) {
				u.data = u.data || s == op.SpaceData
				u.elems = u.elems || s == op.SpaceElem
			})
			switch in.Op {
			case op.RefFunc:
				u.refFunc = true
			case op.DataDrop:
				u.drops[i], u.dropsData[in.Index] = true, true
			case op.ElemDrop:
				u.drops[i], u.dropsElem[in.Index] = true, true
			case op.TableSet, op.TableGrow, op.TableFill, op.TableCopy, op.TableInit:
				// Of table.copy, the source is listed too, which does no harm.
				in.EachIndex(func(s op.Space, t uint32) {
					if s == op.SpaceTable {
						u.tables[int(t)] = true
					}
				})
			}
		}
		if r.Err != nil {
			return u, r.Err
		}
	}
	return u, nil
}

// prefixOf returns a text that no export begins with.
func prefixOf(m *corewasm.Module) string {
	prefix := "state:"
	for slices.ContainsFunc(m.Exports, func(x corewasm.Export) bool { return strings.HasPrefix(x.Name, prefix) }) {
		prefix += ":"
	}
	return prefix
}

// builder adds items to the instrumented module.
type builder struct {
	*corewasm.Module
	prefix string
}

// instrument returns the instrumented form of a program, which it does not change.
func instrument(ctx context.Context, prog *program) (*probes, error) {
	m := prog.Module
	u, err := findUses(m)
	if err != nil {
		return nil, err
	}
	p := &probes{prefix: prefixOf(m), uses: u, several: len(m.Mems) > 1}
	b := &builder{copied(m), p.prefix}
	if u.data || len(prog.below) > 0 {
		b.splitActive(prog.below)
	}
	b.canonicalNaNs()
	if err := p.standIn(b.Module); err != nil {
		return nil, err
	}
	if b.Start != nil {
		b.export("start", corewasm.ExternFunc, *b.Start)
		b.Start = nil
	}
	switch {
	case p.several:
		b.memories()
	case len(b.Mems) > 0:
		b.export("memory", corewasm.ExternMem, 0)
	}
	dataFlags, elemFlags := map[uint32]uint32{}, map[uint32]uint32{}
	for i, d := range m.AllData() {
		if d.Mode == corewasm.SegPassive && u.dropsData[uint32(i)] {
			p.data = append(p.data, uint32(i))
			dataFlags[uint32(i)] = b.flag("data", uint32(i))
		}
	}
	for i := range m.Elems {
		if m.Elems[i].Mode == corewasm.SegPassive && u.dropsElem[uint32(i)] {
			p.elems = append(p.elems, uint32(i))
			elemFlags[uint32(i)] = b.flag("elem", uint32(i))
		}
	}
	for i := range u.drops {
		b.Code[i].Code = noted(b.Code[i].Code, dataFlags, elemFlags)
	}
	p.spare = b.Count(corewasm.ExternTable)
	spare := false
	for i := range m.NumGlobals() {
		if g := m.GlobalAt(i).Type; g.Mutable {
			spare = b.global(uint32(i), g.Type, p.spare) || spare
		}
	}
	for t := range m.Tables {
		if u.tables[t] {
			spare = b.table(uint32(t), p.spare) || spare
		}
	}
	if spare {
		b.Tables = append(b.Tables, corewasm.Table{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}}})
	}
	b.Index()
	if p.several {
		// wazero has no modules with several.
		r, err := onememory.Module(ctx, b.Module, nil, onememory.Options{Bottom: len(m.Mems)})
		if err != nil {
			return nil, err
		}
		b.Module = r.Module
	}
	p.wasm = encode.Module(b.Module)
	return p, nil
}

// memories adds probes of several memories, and a page to which they copy. Only that is exported.
func (b *builder) memories() {
	b.Exports = slices.DeleteFunc(b.Exports, func(x corewasm.Export) bool { return x.Kind == corewasm.ExternMem })
	n := uint32(len(b.Mems))
	for i := range n {
		i32 := []corewasm.ValType{corewasm.I32}
		b.function(numbered("pages", i), corewasm.FuncType{Results: i32}, op.MemorySize.Append(nil, i))
		code := op.I32Shl.Append(i32Const(op.LocalGet.Append(i32Const(nil, 0), 0), pageLog2))
		b.function(numbered("page", i), corewasm.FuncType{Params: i32}, op.MemoryCopy.Append(i32Const(code, pageSize), n, i))
	}
	b.Mems = append(b.Mems, corewasm.MemType{Limits: corewasm.Limits{Min: 1, Max: 1, HasMax: true}, PageSizeLog2: pageLog2})
	b.export("memory", corewasm.ExternMem, n)
}

// copied returns a module whose lists can be changed, with all types, globals and data segments decoded.
func copied(m *corewasm.Module) *corewasm.Module {
	out := *m
	if l := m.LateTypes; l != nil {
		out.LateTypes, out.Types = nil, nil
		for g := range m.NumGroups() {
			var group corewasm.RecGroup
			for i, end := m.GroupTypes(g); i < end; i++ {
				group.Types = append(group.Types, *m.SubTypeAt(i))
			}
			out.Types = append(out.Types, group)
		}
	}
	if m.LateGlobals != nil {
		out.LateGlobals, out.Globals = nil, nil
		for i := range m.NumGlobals() {
			out.Globals = append(out.Globals, m.GlobalAt(i))
		}
	}
	if m.LateData != nil {
		out.LateData, out.Data = nil, nil
		for _, d := range m.AllData() {
			out.Data = append(out.Data, d)
		}
	}
	out.Types, out.Globals, out.Data = slices.Clone(out.Types), slices.Clone(out.Globals), slices.Clone(out.Data)
	out.Funcs, out.Code, out.Tables, out.Mems = slices.Clone(m.Funcs), slices.Clone(m.Code), slices.Clone(m.Tables), slices.Clone(m.Mems)
	out.Exports, out.Elems, out.Customs = slices.Clone(m.Exports), slices.Clone(m.Elems), slices.Clone(m.Customs)
	out.Names.Funcs = slices.Clone(m.Names.Funcs)
	out.Refs = nil
	out.Index()
	return &out
}

// splitActive gives active data segments that bodies can name other indices, behind the others and some that are applied
// before, and leaves empty ones in their places. So they are as if they had been dropped, which wazero does not do (core
// specification, "Instantiation").
func (b *builder) splitActive(below []corewasm.Data) {
	own := len(b.Data)
	b.Data = append(b.Data, below...)
	for i, d := range b.Data[:own] {
		if d.Mode == corewasm.SegActive {
			b.Data = append(b.Data, d)
			b.Data[i] = corewasm.Data{Mode: corewasm.SegPassive}
		}
	}
	b.DataCount = nil
}

// standIn lets a function of its own stand for each imported function wherever the module refers to it.
func (p *probes) standIn(m *corewasm.Module) (err error) {
	p.firstStand, p.stands = m.Count(corewasm.ExternFunc), m.NumImported(corewasm.ExternFunc)
	now := make([]uint32, p.firstStand)
	for f := range now {
		if now[f] = uint32(f); uint32(f) < p.stands {
			now[f] = p.firstStand + uint32(f)
		}
	}
	e := &edit.Editor{}
	e.Maps[op.SpaceFunc] = now
	for i := range m.Code {
		if m.Code[i].Code, err = e.Body(nil, &m.Code[i]); err != nil {
			return err
		}
	}
	for i := range m.Elems {
		if m.Elems[i], err = e.Elem(&m.Elems[i]); err != nil {
			return err
		}
	}
	for i := range m.Globals {
		if m.Globals[i].Init, err = e.Expr(m.Globals[i].Init); err != nil {
			return err
		}
	}
	for i := range m.Tables {
		if init := m.Tables[i].Init; init != nil {
			x, err := e.Expr(*init)
			if err != nil {
				return err
			}
			m.Tables[i].Init = &x
		}
	}
	for f := range p.stands {
		t, _ := m.FuncTypeIndex(f)
		var code []byte
		for i := range m.SubTypeAt(t).Func.Params {
			code = op.LocalGet.Append(code, uint32(i))
		}
		m.Funcs = append(m.Funcs, t)
		m.Code = append(m.Code, corewasm.Body{Code: op.End.Append(op.Call.Append(code, f))})
	}
	return nil
}

// export exports an item.
func (b *builder) export(name string, kind corewasm.ExternKind, index uint32) {
	b.Exports = append(b.Exports, corewasm.Export{Name: b.prefix + name, Kind: kind, Index: index})
}

// numbered returns the name of a probe of an item.
func numbered(name string, index uint32) string {
	return name + " " + strconv.FormatUint(uint64(index), 10)
}

// flag adds a global that is 0.
func (b *builder) flag(name string, segment uint32) uint32 {
	index := uint32(len(b.Globals))
	b.Globals = append(b.Globals, corewasm.Global{Type: corewasm.GlobalType{Type: corewasm.I32, Mutable: true}, Init: encode.I32Const(0)})
	b.export(numbered(name, segment), corewasm.ExternGlobal, index)
	return index
}

// noted returns a body that sets the flag of each segment that it drops.
func noted(code []byte, data, elems map[uint32]uint32) (out []byte) {
	from := 0
	r := op.NewReader(code, 0)
	for r.Next() {
		var flag uint32
		var ok bool
		switch r.In.Op {
		case op.DataDrop:
			flag, ok = data[r.In.Index]
		case op.ElemDrop:
			flag, ok = elems[r.In.Index]
		}
		if ok {
			out = append(out, code[from:r.Pos]...)
			out = op.GlobalSet.Append(i32Const(out, 1), flag)
			from = r.Pos
		}
	}
	return append(out, code[from:]...)
}

func i32Const(b []byte, v int32) []byte { return leb128.AppendS64(op.I32Const.Append(b), int64(v)) }

// function adds an exported function.
func (b *builder) function(name string, t corewasm.FuncType, code []byte) {
	b.export(name, corewasm.ExternFunc, addFunction(b.Module, t, code))
}

// addFunction adds a function with a type of its own to a module, and returns its index. code lacks the end.
func addFunction(m *corewasm.Module, t corewasm.FuncType, code []byte) uint32 {
	types := uint32(0)
	for i := range m.Types {
		types += uint32(len(m.Types[i].Types))
	}
	m.Types = append(m.Types, corewasm.RecGroup{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: t}}})
	m.Funcs = append(m.Funcs, types)
	m.Code = append(m.Code, corewasm.Body{Code: op.End.Append(code)})
	return m.NumImported(corewasm.ExternFunc) + uint32(len(m.Funcs)) - 1
}

// halves are the probes of a vector, and the lanes that they return.
var halves = [...]string{"low", "high"}

// extractI64 is i64x2.extract_lane.
const extractI64 = op.Op(op.PrefixSIMD)<<16 | 0x1d

// global adds probes of a mutable global, and reports whether they need the spare table.
func (b *builder) global(index uint32, t corewasm.ValType, spare uint32) bool {
	get := op.GlobalGet.Append(nil, index)
	switch {
	case t.Code == corewasm.CodeV128:
		for lane, name := range halves {
			b.function(numbered(name, index), corewasm.FuncType{Results: []corewasm.ValType{corewasm.I64}},
				extractI64.Append(slices.Clone(get), uint32(lane)))
		}
	case !t.IsRef():
		b.export(numbered("global", index), corewasm.ExternGlobal, index)
	default:
		b.function(numbered("null", index), corewasm.FuncType{Results: []corewasm.ValType{corewasm.I32}}, op.RefIsNull.Append(slices.Clone(get)))
		if !isFunc(b.Module, t) {
			return false
		}
		b.function(numbered("load", index), corewasm.FuncType{},
			op.TableSet.Append(append(i32Const(nil, 0), get...), spare))
		return true
	}
	return false
}

// isFunc reports whether values of a reference type are functions.
func isFunc(m *corewasm.Module, t corewasm.ValType) bool {
	if t.Heap < 0 {
		return t.Heap == corewasm.HeapFunc || t.Heap == corewasm.HeapNoFunc
	}
	return m.SubTypeAt(uint32(t.Heap)).Kind == corewasm.CompFunc
}

// table adds probes of a table, and reports whether they need the spare table.
func (b *builder) table(t, spare uint32) bool {
	i32 := []corewasm.ValType{corewasm.I32}
	b.function(numbered("size", t), corewasm.FuncType{Results: i32}, op.TableSize.Append(nil, t))
	b.function(numbered("empty", t), corewasm.FuncType{Params: i32, Results: i32},
		op.RefIsNull.Append(op.TableGet.Append(op.LocalGet.Append(nil, 0), t)))
	elem := b.Tables[t].Type.Elem
	if elem == corewasm.FuncRef || !isFunc(b.Module, elem) {
		return false
	}
	b.function(numbered("take", t), corewasm.FuncType{Params: i32},
		op.TableSet.Append(op.TableGet.Append(op.LocalGet.Append(i32Const(nil, 0), 0), t), spare))
	return true
}
