// This file implements decoding of the type section and of types.

package decode

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Codes of the type section.
const (
	codeRec      = 0x4e
	codeSubFinal = 0x4f
	codeSub      = 0x50
)

// lateBytes is the size from which the entries of a type or global section are decoded on demand.
const lateBytes = 4 << 10

// Types sets the type section of a module that is to be encoded to an encoded section.
func Types(m *corewasm.Module, section corewasm.Coded) error {
	d := &decoder{Cursor: op.Cursor{B: section.Bytes}, m: m}
	d.typeEntries(section.Count)
	m.CodedTypes = &section
	return d.Err
}

// types decodes the type section.
func (d *decoder) types() {
	d.m.TypeBytes = d.Left()
	d.typeEntries(d.Count("types"))
}

func (d *decoder) typeEntries(n int) {
	if d.Left() >= lateBytes {
		d.lateTypes(n)
		return
	}
	d.m.Types = make([]corewasm.RecGroup, 0, n)
	for ; n > 0 && d.Err == nil; n-- {
		g := corewasm.RecGroup{Types: make([]corewasm.SubType, d.groupSize())}
		for i := range g.Types {
			d.groupType(&g.Types[i])
		}
		d.m.Types = append(d.m.Types, g)
	}
}

// lateTypes checks the types and records their offsets.
func (d *decoder) lateTypes(n int) {
	in := d.Cursor
	starts, firsts := make([]uint32, 0, n), make([]uint32, 0, n)
	alone := true
	var scratch corewasm.SubType
	for ; n > 0 && d.Err == nil; n-- {
		firsts = append(firsts, d.n.of[op.SpaceType])
		size := d.groupSize()
		alone = alone && size == 1
		starts = slices.Grow(starts, size)
		for range size {
			starts = append(starts, uint32(d.Pos))
			d.groupType(&scratch)
		}
	}
	groups, all := len(firsts), d.n.of[op.SpaceType]
	if alone {
		firsts = nil
	}
	d.m.LateTypes = corewasm.NewLateTypes(groups, all, firsts, func(i uint32, into *corewasm.SubType) {
		// The entries were decoded without an error before.
		again := decoder{Cursor: in, n: counts{of: [op.NumSpaces]uint32{op.SpaceType: all}}}
		again.Pos = int(starts[i])
		again.subType(into)
	})
}

// groupSize decodes the beginning of an entry of the type section and returns the number of its types. They may refer
// to the whole group and to all earlier groups.
func (d *decoder) groupSize() int {
	n := 1
	if b, _ := d.Peek(); b == codeRec {
		d.Pos++
		n = d.Count("types of a recursion group")
	}
	if d.Err != nil {
		return 0
	}
	d.n.of[op.SpaceType] += uint32(n)
	return n
}

// groupType decodes a type of a recursion group.
func (d *decoder) groupType(t *corewasm.SubType) {
	if d.Err == nil {
		d.subType(t)
		d.kinds = append(d.kinds, t.Kind)
	}
}

// subType decodes a type into t, reusing its memory.
func (d *decoder) subType(t *corewasm.SubType) {
	*t = corewasm.SubType{
		Final: true, Supers: t.Supers[:0], Fields: t.Fields[:0],
		Func: corewasm.FuncType{Params: t.Func.Params[:0], Results: t.Func.Results[:0]},
	}
	if b, _ := d.Peek(); b == codeSub || b == codeSubFinal {
		d.Pos++
		t.Final = b == codeSubFinal
		d.vector("supertypes", func() { t.Supers = append(t.Supers, d.index("type", d.n.of[op.SpaceType])) })
	}
	at := d.Pos
	t.Kind = corewasm.CompKind(d.Byte())
	switch t.Kind {
	case corewasm.CompFunc:
		t.Func.Params = d.valTypes(t.Func.Params)
		t.Func.Results = d.valTypes(t.Func.Results)
	case corewasm.CompStruct:
		d.vector("fields", func() { t.Fields = append(t.Fields, d.fieldType()) })
	case corewasm.CompArray:
		t.Fields = append(t.Fields, d.fieldType())
	default:
		if p := op.DefProposal(byte(t.Kind)); p != "" {
			d.Refuse(at, "this type", p)
		}
		d.Fail(at, "unknown type 0x%02x: expected a function, struct or array type", byte(t.Kind))
	}
	if d.Err == nil {
		if err := limits.SubType("", len(t.Func.Params), len(t.Func.Results), len(t.Fields)); err != nil {
			d.Fail(at, "%v", err)
		}
	}
}

// valTypes appends a vector of value types.
func (d *decoder) valTypes(ts []corewasm.ValType) []corewasm.ValType {
	n := d.Count("types")
	ts = slices.Grow(ts, n)
	for ; n > 0 && d.Err == nil; n-- {
		ts = append(ts, d.valType())
	}
	return ts
}

// valType decodes a value type and checks its type index.
func (d *decoder) valType() corewasm.ValType {
	at := d.Pos
	t := d.ValType()
	if d.Err == nil && t.IsRef() && t.Heap >= corewasm.HeapType(d.n.of[op.SpaceType]) {
		d.Fail(at, "type index %d is out of range: there are %d", int64(t.Heap), d.n.of[op.SpaceType])
	}
	return t
}

func (d *decoder) refType() corewasm.ValType {
	at := d.Pos
	t := d.valType()
	if d.Err == nil && !t.IsRef() {
		d.Fail(at, "%s", diag.Differ("expected %s, found %s", "a reference type", t))
	}
	return t
}

func (d *decoder) fieldType() corewasm.FieldType {
	var f corewasm.FieldType
	if b, _ := d.Peek(); b == corewasm.CodeI8 || b == corewasm.CodeI16 {
		d.Pos++
		f.Storage = corewasm.ValType{Code: b}
	} else {
		f.Storage = d.valType()
	}
	f.Mutable = d.mutability()
	return f
}

func (d *decoder) mutability() bool {
	at := d.Pos
	b := d.Byte()
	if b == 2 || b == 3 {
		d.Refuse(at, "a shared global or field", op.SharedEverything)
	}
	if b > 1 {
		d.Fail(at, "bad mutability 0x%02x: expected 0 or 1", b)
	}
	return b == 1
}

// funcTypeIndex decodes the index of a function type.
func (d *decoder) funcTypeIndex() uint32 {
	at := d.Pos
	i := d.index("type", d.n.of[op.SpaceType])
	if d.Err == nil && d.kinds[i] != corewasm.CompFunc {
		d.Fail(at, "type %d is not a function type", i)
	}
	return i
}

func (d *decoder) tagType() uint32 {
	at := d.Pos
	if b := d.Byte(); b != 0 {
		d.Fail(at, "bad tag attribute 0x%02x: expected 0", b)
	}
	return d.funcTypeIndex()
}

// Flags of limits.
const (
	limMax    = 0x01
	limShared = 0x02
	lim64     = 0x04
	limPage   = 0x08
)

// limits decodes limits with the given flags.
func (d *decoder) limits(flags byte) corewasm.Limits {
	l := corewasm.Limits{HasMax: flags&limMax != 0, Shared: flags&limShared != 0, Is64: flags&lim64 != 0}
	read := func() uint64 {
		if l.Is64 {
			return d.U64()
		}
		return uint64(d.U32())
	}
	l.Min = read()
	if l.HasMax {
		at := d.Pos
		l.Max = read()
		if d.Err == nil && l.Max < l.Min {
			d.Fail(at, "maximum %d is less than minimum %d", l.Max, l.Min)
		}
	}
	return l
}

func (d *decoder) tableType() corewasm.TableType {
	t := corewasm.TableType{Elem: d.refType()}
	at := d.Pos
	flags := d.Byte()
	if flags&^(limMax|lim64) == limShared {
		d.Refuse(at, "a shared table", op.SharedEverything)
	}
	if flags&^(limMax|lim64) != 0 {
		d.Fail(at, "bad flags 0x%02x of table limits: expected 0, 1, 4 or 5", flags)
	}
	t.Limits = d.limits(flags)
	return t
}

func (d *decoder) memType() corewasm.MemType {
	at := d.Pos
	flags := d.Byte()
	known := byte(limMax | limShared | lim64)
	if d.opt.CustomPageSizes {
		known |= limPage
	}
	switch {
	case flags&^known == limPage:
		d.Refuse(at, "a memory with a custom page size", op.CustomPageSizes)
	case flags&^known != 0:
		d.Fail(at, "bad flags 0x%02x of memory limits", flags)
	case flags&limShared != 0 && flags&limMax == 0:
		d.Fail(at, "a shared memory must have a maximum")
	}
	sizes := d.Pos
	t := corewasm.MemType{Limits: d.limits(flags), PageSizeLog2: 16}
	if flags&limPage != 0 {
		at := d.Pos
		t.PageSizeLog2 = d.U32()
		if t.PageSizeLog2 != 0 && t.PageSizeLog2 != 16 {
			d.Fail(at, "bad page size 2^%d: expected 2^0 or 2^16", t.PageSizeLog2)
			return t
		}
	}
	if most := maxPages(t); t.Limits.Min > most || t.Limits.HasMax && t.Limits.Max > most {
		d.Fail(sizes, "memory size is too large: at most %d pages", most)
	}
	return t
}

// maxPages returns the number of pages that fill the address space, without the last one if the number would overflow.
func maxPages(t corewasm.MemType) uint64 {
	bits := uint32(32)
	if t.Limits.Is64 {
		bits = 64
	}
	if t.PageSizeLog2 == 0 {
		return 1<<bits - 1
	}
	return 1 << (bits - t.PageSizeLog2)
}

func (d *decoder) globalType() corewasm.GlobalType {
	return corewasm.GlobalType{Type: d.valType(), Mutable: d.mutability()}
}
