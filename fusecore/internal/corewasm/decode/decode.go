// Package decode decodes core modules (core specification 3.0, "Binary Format"). It checks the format, that every index
// is in range, and that function bodies are well nested. Package validate checks the types.
//
// Slices of the result alias the input. Memory use is bounded by a constant times the size of the input.
package decode

import (
	"bytes"
	"context"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// Options says which proposals beyond the core specification are decoded, and what is checked.
type Options struct {
	CustomPageSizes bool
	// TrustBodies skips the instructions of function bodies. Later readers must expect arbitrary bytes.
	TrustBodies bool
	// Accept, if set, may check the bodies instead. It is called with the bytes and the finished module, and returns true if
	// it has found all bodies well-formed, which then are not read again. See validate.Accept.
	Accept func(ctx context.Context, data []byte, m *corewasm.Module) bool
	// Refs, if set, returns where the references of a module are kept. Modules with the same bytes may share them.
	Refs func(data []byte) *corewasm.RefsOnce
}

// Module decodes a core module. base is the offset of data in its file: all offsets in the result and in errors are
// offsets in the file. Errors are of type *diag.Error, and have the lowest offset if there are several.
func Module(data []byte, base int64) (*corewasm.Module, error) {
	return ModuleWith(context.Background(), data, base, Options{})
}

// preamble is the magic number and the version.
var preamble = []byte{0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00}

// ModuleWith is like [Module], with options. When the context is done, it returns the context's error.
func ModuleWith(ctx context.Context, data []byte, base int64, opt Options) (*corewasm.Module, error) {
	if !bytes.HasPrefix(data, preamble) {
		return nil, badPreamble(data, base)
	}
	d := &decoder{
		ctx: ctx,
		opt: opt,
		m:   &corewasm.Module{Offset: base, Size: len(data), Refs: new(corewasm.RefsOnce)},
		Cursor: op.Cursor{
			B:    data,
			Base: base,
			Pos:  len(preamble),
		},
	}
	if opt.Refs != nil {
		d.m.Refs = opt.Refs(data)
	}
	d.sections()
	if d.Err == nil {
		d.nameFuncs()
		d.m.Index()
		if d.unread != nil && opt.Accept(ctx, data, d.m) {
			return d.m, nil
		}
	}
	// An error in a body precedes one in a later section.
	if d.unread != nil {
		if err := checkBodies(ctx, d.m, &d.n, d.unread); err != nil {
			return nil, err
		}
	}
	if d.Err != nil {
		return nil, d.Err
	}
	return d.m, nil
}

func badPreamble(data []byte, base int64) error {
	n := 0
	for n < len(data) && n < len(preamble) && data[n] == preamble[n] {
		n++
	}
	e := diag.At(base+int64(n), "not a core module: expected the magic number and version 1")
	if len(data) >= 8 && bytes.HasPrefix(data, preamble[:4]) && data[6] == 1 {
		return e.WithHint("this is a component")
	}
	return e
}

// counts are the sizes of the index spaces decoded so far.
type counts struct {
	of     [op.NumSpaces]uint32
	noData bool // without a data count section, bodies must not name data segments
}

type decoder struct {
	op.Cursor
	ctx   context.Context
	opt   Options
	m     *corewasm.Module
	n     counts
	kinds []corewasm.CompKind // kind of each type
	expr  op.Reader           // reused for constant expressions
	names []funcName          // of the name section, with functions that may not exist
	runs  []corewasm.LocalRun // locals of the bodies decoded so far, which alias it
	// unread has the number of locals of each body, if the bodies are to be checked after all sections.
	unread []uint32
}

// Section codes.
const (
	secCustom = iota
	secType
	secImport
	secFunc
	secTable
	secMem
	secGlobal
	secExport
	secStart
	secElem
	secCode
	secData
	secDataCount
	secTag
	numSections
)

var sectionNames = [numSections]string{
	"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data",
	"data count", "tag",
}

// sectionOrder ranks sections in the order required.
var sectionOrder = [numSections]int{
	secType: 1, secImport: 2, secFunc: 3, secTable: 4, secMem: 5, secTag: 6, secGlobal: 7, secExport: 8, secStart: 9,
	secElem: 10, secDataCount: 11, secCode: 12, secData: 13,
}

func (d *decoder) sections() {
	last := 0
	for d.More() {
		at := d.Pos
		id := d.Byte()
		if int(id) >= numSections {
			d.Fail(at, "unknown section %d: expected 0 to %d", id, numSections-1)
			return
		}
		if rank := sectionOrder[id]; rank != 0 {
			if rank <= last {
				d.Fail(at, "%s section out of order or twice", sectionNames[id])
				return
			}
			last = rank
		}
		outer := d.Cursor
		body := outer.Sub()
		d.Cursor = body
		d.section(id)
		if d.Err == nil && d.Left() != 0 {
			d.Fail(d.Pos, "%d bytes left over at the end of the %s section", d.Left(), sectionNames[id])
		}
		outer.Err = d.Err
		d.Cursor = outer
	}
	if d.Err != nil {
		return
	}
	if len(d.m.Code) != len(d.m.Funcs) {
		d.Fail(d.Pos, "%d functions are declared, %d have code", len(d.m.Funcs), len(d.m.Code))
	}
	if c := d.m.DataCount; c != nil && int64(*c) != int64(d.m.NumData()) {
		d.Fail(d.Pos, "data count is %d, but there are %d data segments", *c, d.m.NumData())
	}
}

func (d *decoder) section(id byte) {
	switch id {
	case secCustom:
		d.custom()
	case secType:
		d.types()
	case secImport:
		d.vector("imports", d.importEntry)
	case secFunc:
		d.vector("functions", func() {
			d.m.Funcs = append(d.m.Funcs, d.funcTypeIndex())
			d.n.of[op.SpaceFunc]++
		})
	case secTable:
		d.vector("tables", d.table)
	case secMem:
		d.vector("memories", func() {
			d.m.Mems = append(d.m.Mems, d.memType())
			d.n.of[op.SpaceMem]++
		})
	case secTag:
		d.vector("tags", func() {
			d.m.Tags = append(d.m.Tags, d.tagType())
			d.n.of[op.SpaceTag]++
		})
	case secGlobal:
		d.globals(d.Count("globals"))
	case secExport:
		d.exports()
	case secStart:
		f := d.index("function", d.n.of[op.SpaceFunc])
		d.m.Start = &f
	case secElem:
		d.vector("element segments", d.elem)
	case secDataCount:
		n := d.U32()
		d.m.DataCount = &n
	case secCode:
		d.code()
	case secData:
		d.data()
	}
}

// vector decodes the length of a vector and calls read for each element.
func (d *decoder) vector(what string, read func()) {
	for n := d.Count(what); n > 0 && d.Err == nil; n-- {
		read()
	}
}

// index decodes an index into an index space of a given size.
func (d *decoder) index(what string, size uint32) uint32 {
	at := d.Pos
	i := d.U32()
	if d.Err == nil && i >= size {
		d.Fail(at, "%s index %d is out of range: there are %d", what, i, size)
	}
	return i
}

// custom decodes a custom section. A malformed name section is dropped, since it does not affect execution.
func (d *decoder) custom() {
	name := d.Name()
	if d.Err != nil {
		return
	}
	at := d.Offset()
	b := d.Bytes(uint32(d.Left()))
	if name == "name" {
		d.nameSection(b, at)
		return
	}
	d.m.Customs = append(d.m.Customs, corewasm.Custom{Name: name, Bytes: b})
}

// Subsections of the name section.
const (
	nameModule = 0
	nameFuncs  = 1
)

type funcName struct {
	index uint32
	name  string
}

func (d *decoder) nameSection(b []byte, base int64) {
	c := op.Cursor{B: b, Base: base}
	module := ""
	var funcs []funcName
	for c.More() {
		id := c.Byte()
		s := c.Sub()
		switch id {
		case nameModule:
			module = s.Name()
		case nameFuncs:
			n := s.Count("names")
			funcs = slices.Grow(funcs, min(n, s.Left()/2)) // a name has at least two bytes
			text := string(s.B)                            // which the names share
			for ; n > 0 && s.Err == nil; n-- {
				i := s.U32()
				b := s.NameBytes()
				funcs = append(funcs, funcName{i, text[s.Pos-len(b) : s.Pos]})
			}
		default:
			s.Pos = len(s.B)
		}
		if s.Err != nil || s.Left() != 0 {
			return
		}
	}
	if c.Err != nil {
		return
	}
	d.m.Name, d.names = module, funcs
}

// nameFuncs sets the names of functions, ignoring those of functions that do not exist.
func (d *decoder) nameFuncs() {
	end := uint32(0)
	for _, f := range d.names {
		if f.index < d.n.of[op.SpaceFunc] && f.name != "" {
			end = max(end, f.index+1)
		}
	}
	if end == 0 {
		return
	}
	d.m.Names.Funcs = make([]string, end)
	for _, f := range d.names {
		if f.index < end {
			d.m.Names.Funcs[f.index] = f.name
		}
	}
}

// item returns the name of a definition for an error.
func item(what string, i int) string { return what + " " + strconv.Itoa(i) }
