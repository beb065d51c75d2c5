// This file implements encoding of types, segments and constant expressions.

package encode

import (
	"encoding/binary"
	"math"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

func name(b []byte, s string) []byte { return append(leb128.AppendU32(b, uint32(len(s))), s...) }

// Group appends an entry of the type section.
func Group(b []byte, g corewasm.Group) []byte {
	b = GroupSize(b, g.N)
	for k := range g.N {
		b = SubType(b, g.At(k))
	}
	return b
}

// GroupSize appends the beginning of an entry of the type section with n types.
func GroupSize(b []byte, n int) []byte {
	if n == 1 {
		return b
	}
	return leb128.AppendU32(append(b, 0x4e), uint32(n))
}

// Global appends an entry of the global section.
func Global(b []byte, g corewasm.Global) []byte {
	return append(GlobalType(b, g.Type), g.Init.Bytes...)
}

// SubType appends a type definition.
func SubType(b []byte, t *corewasm.SubType) []byte {
	if !t.Final || len(t.Supers) != 0 {
		code := byte(0x50)
		if t.Final {
			code = 0x4f
		}
		b = leb128.AppendU32(append(b, code), uint32(len(t.Supers)))
		for _, s := range t.Supers {
			b = leb128.AppendU32(b, s)
		}
	}
	b = append(b, byte(t.Kind))
	switch t.Kind {
	case corewasm.CompFunc:
		return valTypes(valTypes(b, t.Func.Params), t.Func.Results)
	case corewasm.CompStruct:
		b = leb128.AppendU32(b, uint32(len(t.Fields)))
	}
	for _, f := range t.Fields {
		b = append(op.AppendValType(b, f.Storage), flag(f.Mutable))
	}
	return b
}

func valTypes(b []byte, ts []corewasm.ValType) []byte {
	b = leb128.AppendU32(b, uint32(len(ts)))
	for _, t := range ts {
		b = op.AppendValType(b, t)
	}
	return b
}

func flag(set bool) byte {
	if set {
		return 1
	}
	return 0
}

// appendLimits appends limits; more has additional flags.
func appendLimits(b []byte, l corewasm.Limits, more byte) []byte {
	b = append(b, more|flag(l.HasMax)|flag(l.Shared)<<1|flag(l.Is64)<<2)
	b = leb128.AppendU64(b, l.Min)
	if l.HasMax {
		b = leb128.AppendU64(b, l.Max)
	}
	return b
}

// TableType appends a table type.
func TableType(b []byte, t corewasm.TableType) []byte {
	return appendLimits(op.AppendValType(b, t.Elem), t.Limits, 0)
}

// MemType appends a memory type, with PageSizeLog2 unless it is 16.
func MemType(b []byte, t corewasm.MemType) []byte {
	if t.PageSizeLog2 == 16 {
		return appendLimits(b, t.Limits, 0)
	}
	return leb128.AppendU32(appendLimits(b, t.Limits, 0x08), t.PageSizeLog2)
}

// GlobalType appends a global type.
func GlobalType(b []byte, t corewasm.GlobalType) []byte {
	return append(op.AppendValType(b, t.Type), flag(t.Mutable))
}

func tagType(b []byte, t uint32) []byte { return leb128.AppendU32(append(b, 0), t) }

func importEntry(b []byte, im corewasm.Import) []byte {
	b = append(name(name(b, im.Module), im.Name), byte(im.Kind))
	switch im.Kind {
	case corewasm.ExternFunc:
		return leb128.AppendU32(b, im.Func)
	case corewasm.ExternTable:
		return TableType(b, im.Table)
	case corewasm.ExternMem:
		return MemType(b, im.Mem)
	case corewasm.ExternGlobal:
		return GlobalType(b, im.Global)
	}
	return tagType(b, im.Tag)
}

func table(b []byte, t corewasm.Table) []byte {
	if t.Init == nil {
		return TableType(b, t.Type)
	}
	return append(TableType(append(b, 0x40, 0x00), t.Type), t.Init.Bytes...)
}

// elem appends an element segment in the shortest of the eight forms that can express it.
func elem(b []byte, e corewasm.Elem) []byte {
	var form uint32
	short := e.Type == corewasm.FuncRef // the type implied by form 4
	if e.UseExprs {
		form = 4
	} else {
		short = true
	}
	switch e.Mode {
	case corewasm.SegPassive:
		form |= 1
	case corewasm.SegDeclarative:
		form |= 3
	default:
		if e.Table != 0 || !short {
			form |= 2
		}
	}
	b = leb128.AppendU32(b, form)
	if form&3 == 2 {
		b = leb128.AppendU32(b, e.Table)
	}
	if e.Mode == corewasm.SegActive {
		b = append(b, e.Offset.Bytes...)
	}
	if form&3 != 0 {
		if e.UseExprs {
			b = op.AppendValType(b, e.Type)
		} else {
			b = append(b, 0) // element kind: (ref func)
		}
	}
	b = leb128.AppendU32(b, uint32(e.Len()))
	for k := range e.Funcs {
		b = leb128.AppendU32(b, e.Func(k))
	}
	for _, x := range e.Exprs {
		b = append(b, x.Bytes...)
	}
	return b
}

// dataHead appends a data segment up to its bytes.
func dataHead(b []byte, d *corewasm.Data) []byte {
	switch {
	case d.Mode == corewasm.SegPassive:
		b = append(b, 1)
	case d.Mem != 0:
		b = append(leb128.AppendU32(append(b, 2), d.Mem), d.Offset.Bytes...)
	default:
		b = append(append(b, 0), d.Offset.Bytes...)
	}
	return leb128.AppendU32(b, uint32(len(d.Bytes)))
}

func expr(b []byte) corewasm.Expr { return corewasm.Expr{Bytes: op.End.Append(b), Offset: -1} }

// I32Const returns the expression i32.const v.
func I32Const(v int32) corewasm.Expr {
	return expr(leb128.AppendS64(op.I32Const.Append(nil), int64(v)))
}

// I64Const returns the expression i64.const v.
func I64Const(v int64) corewasm.Expr { return expr(leb128.AppendS64(op.I64Const.Append(nil), v)) }

// F32Const returns the expression f32.const with the bits of v.
func F32Const(v float32) corewasm.Expr {
	return expr(binary.LittleEndian.AppendUint32(op.F32Const.Append(nil), math.Float32bits(v)))
}

// F64Const returns the expression f64.const with the bits of v.
func F64Const(v float64) corewasm.Expr {
	return expr(binary.LittleEndian.AppendUint64(op.F64Const.Append(nil), math.Float64bits(v)))
}

// V128Const returns the expression v128.const.
func V128Const(v [16]byte) corewasm.Expr {
	return expr(append(op.V128Const.Append(nil), v[:]...))
}

// RefNull returns the expression ref.null of a heap type.
func RefNull(h corewasm.HeapType) corewasm.Expr {
	return expr(op.AppendHeapType(op.RefNull.Append(nil), h))
}
