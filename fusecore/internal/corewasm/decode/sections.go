// This file implements decoding of sections other than types.

package decode

import (
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

func (d *decoder) importEntry() {
	im := corewasm.Import{Offset: d.Offset(), Module: d.Name(), Name: d.Name()}
	at := d.Pos
	im.Kind = corewasm.ExternKind(d.Byte())
	switch im.Kind {
	case corewasm.ExternFunc:
		im.Func = d.funcTypeIndex()
	case corewasm.ExternTable:
		im.Table = d.tableType()
	case corewasm.ExternMem:
		im.Mem = d.memType()
	case corewasm.ExternGlobal:
		im.Global = d.globalType()
	case corewasm.ExternTag:
		im.Tag = d.tagType()
	default:
		switch {
		case im.Kind == 0x20:
			d.Refuse(at, "the import of a function of an exact type", op.CustomDescriptors)
		case im.Name == "" && (im.Kind == 0x7e || im.Kind == 0x7f):
			d.Refuse(at, "this form of imports", op.CompactImports)
		}
		d.Fail(at, "unknown kind of import 0x%02x: expected 0 to 4", byte(im.Kind))
		return
	}
	d.n.of[im.Kind]++
	d.m.Imports = append(d.m.Imports, im)
}

// table decodes a table definition. 0x40 0x00 begins one with an initializer.
func (d *decoder) table() {
	var t corewasm.Table
	if b, _ := d.Peek(); b == 0x40 {
		d.Pos++
		at := d.Pos
		if r := d.Byte(); r != 0 {
			d.Fail(at, "bad table definition: %s", diag.Differ("expected %s, found %s", "0x00 after 0x40", fmt.Sprintf("0x%02x", r)))
		}
		t.Type = d.tableType()
		e := d.constExpr()
		t.Init = &e
	} else {
		t.Type = d.tableType()
	}
	d.m.Tables = append(d.m.Tables, t)
	d.n.of[op.SpaceTable]++
}

// Globals sets the global section of a module that is to be encoded to an encoded section. Indices in the initial
// values are not checked.
func Globals(m *corewasm.Module, section corewasm.Coded) error {
	const any = 1 << 31
	d := &decoder{Cursor: op.Cursor{B: section.Bytes}, m: m, n: counts{of: [op.NumSpaces]uint32{
		op.SpaceType: any, op.SpaceFunc: any, op.SpaceGlobal: any}}}
	d.globals(section.Count)
	m.CodedGlobals = &section
	return d.Err
}

// globals decodes n entries of the global section.
func (d *decoder) globals(n int) {
	if d.Left() < lateBytes {
		d.m.Globals = make([]corewasm.Global, 0, n)
		for ; n > 0 && d.Err == nil; n-- {
			d.m.Globals = append(d.m.Globals, d.global())
		}
		return
	}
	in := d.Cursor
	starts := make([]uint32, 0, n)
	for ; n > 0 && d.Err == nil; n-- {
		starts = append(starts, uint32(d.Pos))
		d.global()
	}
	all := d.n
	d.m.LateGlobals = &corewasm.LateGlobals{N: len(starts), Read: func(i int) corewasm.Global {
		// The entries were decoded without an error before.
		again := decoder{Cursor: in, n: all}
		again.Pos = int(starts[i])
		return again.global()
	}}
}

func (d *decoder) global() corewasm.Global {
	g := corewasm.Global{Type: d.globalType()}
	g.Init = d.constExpr()
	d.n.of[op.SpaceGlobal]++
	return g
}

func (d *decoder) exports() {
	n := d.Count("exports")
	seen := make(map[string]bool, n)
	for ; n > 0 && d.Err == nil; n-- {
		ex := corewasm.Export{Offset: d.Offset()}
		at := d.Pos
		ex.Name = d.Name()
		if d.Err == nil && seen[ex.Name] {
			d.Fail(at, "duplicate export name %q", ex.Name)
		}
		seen[ex.Name] = true
		at = d.Pos
		ex.Kind = corewasm.ExternKind(d.Byte())
		if ex.Kind >= corewasm.NumExterns {
			d.Fail(at, "unknown kind of export 0x%02x: expected 0 to 4", byte(ex.Kind))
			return
		}
		ex.Index = d.index(ex.Kind.String(), d.n.of[ex.Kind])
		d.m.Exports = append(d.m.Exports, ex)
	}
}

// Bits of the first word of an element segment.
const (
	elemNotActive = 1
	elemExplicit  = 2 // explicit table index, or declarative
	elemExprs     = 4
)

func (d *decoder) elem() {
	e := corewasm.Elem{Pos: d.Offset()}
	at := d.Pos
	flags := d.U32()
	if flags > elemNotActive|elemExplicit|elemExprs {
		d.Fail(at, "bad flags %d of an element segment: expected 0 to 7", flags)
		return
	}
	e.UseExprs = flags&elemExprs != 0
	switch {
	case flags&elemNotActive == 0:
		e.Mode = corewasm.SegActive
		if flags&elemExplicit != 0 {
			e.Table = d.index("table", d.n.of[op.SpaceTable])
		} else if d.n.of[op.SpaceTable] == 0 {
			d.Fail(at, "active element segment without a table")
		}
		e.Offset = d.constExpr()
	case flags&elemExplicit != 0:
		e.Mode = corewasm.SegDeclarative
	default:
		e.Mode = corewasm.SegPassive
	}
	d.elemType(&e, flags&(elemNotActive|elemExplicit) != 0)
	d.elemItems(&e)
	d.m.Elems = append(d.m.Elems, e)
	d.n.of[op.SpaceElem]++
}

// elemType decodes the type of an element segment, or the element kind that stands for (ref func).
func (d *decoder) elemType(e *corewasm.Elem, explicit bool) {
	e.Type = corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc}
	switch {
	case e.UseExprs && explicit:
		e.Type = d.refType()
	case e.UseExprs:
		e.Type = corewasm.FuncRef
	case explicit:
		at := d.Pos
		if k := d.Byte(); k != 0 {
			d.Fail(at, "bad element kind 0x%02x: expected 0", k)
		}
	}
}

func (d *decoder) elemItems(e *corewasm.Elem) {
	n := d.Count("elements")
	if d.Err != nil {
		return
	}
	if e.UseExprs {
		e.Exprs = make([]corewasm.Expr, 0, n/2)
		for ; n > 0 && d.Err == nil; n-- {
			e.Exprs = append(e.Exprs, d.constExpr())
		}
		return
	}
	e.Funcs = make([]uint32, 0, n)
	for ; n > 0 && d.Err == nil; n-- {
		e.Funcs = append(e.Funcs, d.index("func", d.n.of[op.SpaceFunc]))
	}
}

func (d *decoder) data() {
	at := d.Pos
	n := d.Count("data segments")
	if c := d.m.DataCount; d.Err == nil && c != nil && int64(*c) != int64(n) {
		d.Fail(at, "data count is %d, but there are %d data segments", *c, n)
	}
	if d.Err == nil && n >= lateSegments && d.lateData(n) {
		return
	}
	d.m.Data = slices.Grow(d.m.Data, min(n, d.Left()/2)) // a segment has at least two bytes
	for ; n > 0 && d.Err == nil; n-- {
		var s corewasm.Data
		at := d.Pos
		switch flags := d.U32(); flags {
		case 0, 2:
			if flags == 2 {
				s.Mem = d.index("memory", d.n.of[op.SpaceMem])
			} else if d.n.of[op.SpaceMem] == 0 {
				d.Fail(at, "active data segment without a memory")
			}
			s.Offset = d.constExpr()
		case 1:
			s.Mode = corewasm.SegPassive
		default:
			d.Fail(at, "bad flags %d of a data segment: expected 0 to 2", flags)
		}
		s.Bytes = d.Bytes(d.U32())
		d.m.Data = append(d.m.Data, s)
	}
}

// constExpr decodes a constant expression: constant instructions up to an end. It may read earlier globals.
func (d *decoder) constExpr() corewasm.Expr {
	if d.Err != nil {
		return corewasm.Expr{}
	}
	// Nearly all are an integer constant; one in at most four bytes is in range for both types.
	b := d.B[d.Pos:]
	if len(b) >= 6 && (b[0] == byte(op.I32Const) || b[0] == byte(op.I64Const)) {
		if end := short(b, 1); end != 0 && b[end] == byte(op.End) {
			e := corewasm.Expr{Bytes: b[: end+1 : end+1], Offset: d.Offset()}
			d.Pos += end + 1
			return e
		}
	}
	r := &d.expr
	r.Cursor = op.Cursor{B: b, Base: d.Offset()}
	for r.Next() {
		if !r.In.Info.Const {
			r.Fail(r.In.Start, "%s is not a constant instruction", r.In.Info.Name)
			break
		}
		if r.In.Op == op.End {
			e := corewasm.Expr{Bytes: r.B[:r.Pos:r.Pos], Offset: r.Base}
			d.Pos += r.Pos
			return e
		}
		checkIndices(r, &d.n, 0)
	}
	if r.Err == nil {
		r.Fail(r.Pos, "constant expression without an end")
	}
	d.Err = r.Err
	return corewasm.Expr{}
}

// code decodes the code section and checks the bodies.
func (d *decoder) code() {
	at := d.Pos
	d.m.CodeOffset = d.Offset()
	n := d.Count("function bodies")
	if d.Err == nil && n != len(d.m.Funcs) {
		d.Fail(at, "%d functions are declared, %d have code", len(d.m.Funcs), n)
	}
	if d.Err != nil {
		return
	}
	d.n.noData = d.m.DataCount == nil
	if !d.n.noData {
		d.n.of[op.SpaceData] = *d.m.DataCount
	}
	d.m.Code = make([]corewasm.Body, 0, n)
	d.runs = make([]corewasm.LocalRun, 0, n)
	locals := make([]uint32, 0, n)
	for i := 0; i < n && d.Err == nil; i++ {
		b, count := d.body(i)
		if d.Err == nil {
			d.m.Code = append(d.m.Code, b)
			locals = append(locals, count)
		}
	}
	if d.opt.TrustBodies {
		return
	}
	if d.opt.Accept != nil && d.Err == nil {
		d.unread = locals
		return
	}
	// An error in an earlier body precedes the error that stopped decoding.
	if err := checkBodies(d.ctx, d.m, &d.n, locals); err != nil {
		d.Err = err
	}
}

// body decodes the locals of the i-th body and returns their number, including the parameters.
func (d *decoder) body(i int) (corewasm.Body, uint32) {
	at := d.Pos
	c := d.Sub()
	if len(c.B) > limits.BodyBytes {
		d.Fail(at, "a function body of %d bytes, %d more than the %d that engines accept", len(c.B), len(c.B)-limits.BodyBytes, limits.BodyBytes)
		c.Err = d.Err
	}
	outer := d.Cursor
	d.Cursor = c
	var b corewasm.Body
	total := uint64(0)
	t := d.funcTypeAt(d.m.Funcs[i])
	total += uint64(len(t.Params))
	first := len(d.runs)
	for n := d.Count("runs of locals"); n > 0 && d.Err == nil; n-- {
		at := d.Pos
		run := corewasm.LocalRun{Count: d.U32(), Type: d.valType()}
		if total += uint64(run.Count); d.Err == nil && total > limits.Locals {
			d.Fail(at, "too many locals: engines accept at most %d, parameters among them", limits.Locals)
		}
		d.runs = append(d.runs, run)
	}
	if len(d.runs) > first {
		b.Locals = d.runs[first:len(d.runs):len(d.runs)]
	}
	b.Code, b.Offset = d.B[d.Pos:], d.Offset()
	outer.Err = d.Err
	if e, ok := d.Err.(*diag.Error); ok && e.Item == "" {
		e.Item = item("code", i)
	}
	d.Cursor = outer
	return b, uint32(total)
}

func (d *decoder) funcTypeAt(i uint32) *corewasm.FuncType { return &d.m.SubTypeAt(i).Func }
