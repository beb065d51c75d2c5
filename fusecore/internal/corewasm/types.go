// Package corewasm models core modules (core specification 3.0, "Structure / Modules"): the content of a module's
// sections, with function bodies and constant expressions kept as bytes. Its sub-packages decode, encode, validate,
// edit and scan modules.
package corewasm

import "fmt"

// ValType is a value type, or a storage type of a field. It is comparable. Code is one of the constants below. For
// reference types Code is RefNull or Ref, and Heap is the heap type.
type ValType struct {
	Code byte
	Heap HeapType // only for RefNull and Ref
}

// Codes of value and storage types in the binary format.
const (
	CodeI32     byte = 0x7f
	CodeI64     byte = 0x7e
	CodeF32     byte = 0x7d
	CodeF64     byte = 0x7c
	CodeV128    byte = 0x7b
	CodeI8      byte = 0x78 // storage only
	CodeI16     byte = 0x77 // storage only
	CodeRef     byte = 0x64 // (ref ht)
	CodeRefNull byte = 0x63 // (ref null ht); the shorthands 0x69 to 0x74 are decoded to this
)

// The number and vector types.
var (
	I32     = ValType{Code: CodeI32}
	I64     = ValType{Code: CodeI64}
	F32     = ValType{Code: CodeF32}
	F64     = ValType{Code: CodeF64}
	V128    = ValType{Code: CodeV128}
	FuncRef = ValType{Code: CodeRefNull, Heap: HeapFunc}
	ExtRef  = ValType{Code: CodeRefNull, Heap: HeapExtern}
)

// HeapType is a type index if it is not negative, else one of the abstract heap types, whose value is the sign-extended
// one-byte code of the binary format (0x70 is -0x10).
type HeapType int64

// Abstract heap types.
const (
	HeapNoExn    HeapType = -0x0c // 0x74
	HeapNoFunc   HeapType = -0x0d // 0x73
	HeapNoExtern HeapType = -0x0e // 0x72
	HeapNone     HeapType = -0x0f // 0x71
	HeapFunc     HeapType = -0x10 // 0x70
	HeapExtern   HeapType = -0x11 // 0x6f
	HeapAny      HeapType = -0x12 // 0x6e
	HeapEq       HeapType = -0x13 // 0x6d
	HeapI31      HeapType = -0x14 // 0x6c
	HeapStruct   HeapType = -0x15 // 0x6b
	HeapArray    HeapType = -0x16 // 0x6a
	HeapExn      HeapType = -0x17 // 0x69
)

// IsRef reports whether t is a reference type.
func (t ValType) IsRef() bool { return t.Code == CodeRef || t.Code == CodeRefNull }

var heapNames = map[HeapType]string{
	HeapNoExn: "noexn", HeapNoFunc: "nofunc", HeapNoExtern: "noextern", HeapNone: "none", HeapFunc: "func",
	HeapExtern: "extern", HeapAny: "any", HeapEq: "eq", HeapI31: "i31", HeapStruct: "struct", HeapArray: "array",
	HeapExn: "exn",
}

// String returns the name in the text format.
func (h HeapType) String() string {
	if n, ok := heapNames[h]; ok {
		return n
	}
	return fmt.Sprintf("%d", int64(h))
}

// String returns the name in the text format.
func (t ValType) String() string {
	switch t.Code {
	case CodeI32:
		return "i32"
	case CodeI64:
		return "i64"
	case CodeF32:
		return "f32"
	case CodeF64:
		return "f64"
	case CodeV128:
		return "v128"
	case CodeI8:
		return "i8"
	case CodeI16:
		return "i16"
	case CodeRef:
		return "(ref " + t.Heap.String() + ")"
	case CodeRefNull:
		return "(ref null " + t.Heap.String() + ")"
	}
	return fmt.Sprintf("valtype(0x%02x)", t.Code)
}

// FuncType is a function type.
type FuncType struct{ Params, Results []ValType }

// String returns the text format.
func (f FuncType) String() string {
	s := "(func"
	for _, p := range f.Params {
		s += " (param " + p.String() + ")"
	}
	for _, r := range f.Results {
		s += " (result " + r.String() + ")"
	}
	return s + ")"
}

// Equal reports whether two function types are equal, comparing type indices as numbers.
func (f FuncType) Equal(g FuncType) bool {
	return equalTypes(f.Params, g.Params) && equalTypes(f.Results, g.Results)
}

func equalTypes(a, b []ValType) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// CompKind is the kind of a composite type.
type CompKind byte

// Kinds of composite types, by their codes in the binary format.
const (
	CompFunc   CompKind = 0x60
	CompStruct CompKind = 0x5f
	CompArray  CompKind = 0x5e
)

// FieldType is a field of a struct, or the element of an array.
type FieldType struct {
	Storage ValType
	Mutable bool
}

// SubType is one type of a recursion group.
type SubType struct {
	Final  bool
	Supers []uint32 // type indices of the declared supertypes; at most one is valid today
	Kind   CompKind
	Func   FuncType    // CompFunc
	Fields []FieldType // CompStruct; exactly one for CompArray
}

// EachIndex calls a function for each type index in a type.
func (t *SubType) EachIndex(visit func(i uint32)) {
	val := func(v ValType) {
		if v.IsRef() && v.Heap >= 0 {
			visit(uint32(v.Heap))
		}
	}
	for _, i := range t.Supers {
		visit(i)
	}
	for _, v := range t.Func.Params {
		val(v)
	}
	for _, v := range t.Func.Results {
		val(v)
	}
	for _, f := range t.Fields {
		val(f.Storage)
	}
}

// RecGroup is a recursion group: an entry of the type section. A type outside a group is a group of one.
type RecGroup struct{ Types []SubType }

// Limits of a memory or table: pages or elements.
type Limits struct {
	Min    uint64
	Max    uint64
	HasMax bool
	Shared bool
	Is64   bool // address type i64
}

// TableType is a table's type.
type TableType struct {
	Elem   ValType
	Limits Limits
}

// MemType is a memory's type. PageSizeLog2 is 16 unless the custom-page-sizes proposal is used.
type MemType struct {
	Limits       Limits
	PageSizeLog2 uint32
}

// GlobalType is a global's type.
type GlobalType struct {
	Type    ValType
	Mutable bool
}

// ExternKind is the kind of an import or export.
type ExternKind byte

// Kinds of imports and exports, by their codes in the binary format.
const (
	ExternFunc   ExternKind = 0x00
	ExternTable  ExternKind = 0x01
	ExternMem    ExternKind = 0x02
	ExternGlobal ExternKind = 0x03
	ExternTag    ExternKind = 0x04
	NumExterns              = 5
)

var externNames = [NumExterns]string{"func", "table", "memory", "global", "tag"}

// String returns the text format's keyword.
func (k ExternKind) String() string {
	if int(k) < len(externNames) {
		return externNames[k]
	}
	return fmt.Sprintf("sort(0x%02x)", byte(k))
}
