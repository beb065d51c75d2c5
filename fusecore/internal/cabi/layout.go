// Package cabi implements the Canonical ABI's arithmetic (CanonicalABI.md, "Alignment", "Element Size" and
// "Flattening"): the layout of values in linear memory and the core values they flatten to. All of it is a pure
// function of types.
//
// A [Layout] is composed of the layouts of a type's parts, independently of how types are represented: validation,
// which has its own types, calls Record, Variant and the like. [Types] composes and caches the layouts of resolved
// types.
package cabi

import (
	"math"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// Limits of the Canonical ABI.
const (
	MaxFlatParams      = 16
	MaxFlatAsyncParams = 4
	MaxFlatResults     = 1
	// MaxBytes limits the size of every value type, also in a 64-bit memory.
	MaxBytes = 1 << 28
	// MaxListBytes and MaxStringBytes limit the byte lengths of a list's elements and of a string, as encoded on the
	// side that lifts them.
	MaxListBytes   = 1<<28 - 1
	MaxStringBytes = 1<<28 - 1
)

// flatCap is where flattening stops: one more than any limit that a number of flattened values is compared with.
const flatCap = MaxFlatParams + 1

// Layout describes a type in linear memory and as core values, for one pointer size. It is shared and must not be
// changed.
type Layout struct {
	// Size is in bytes. Sizes of types that validation accepts are below MaxBytes, also in 64-bit memories; sizes of
	// other types saturate at the maximum uint64 instead of wrapping around.
	Size  uint64
	Align uint32 // bytes, a power of two
	// Flat are the core types that the type flattens to. If there are more than MaxFlatParams, which no convention
	// passes flat, it has the first MaxFlatParams+1.
	Flat []corewasm.ValType
	// Parts are the fields of a record or tuple, the cases of a variant, option, result or enum (nil for a case without
	// a payload), or the element type of a list, fixed-length list or map (for a map, a tuple of key and value). Only
	// layouts of [Types] have them.
	Parts []*ctypes.Type
	// Offsets are the byte offsets of the Parts of a record or tuple.
	Offsets []uint64
	// Disc is the size in bytes of a variant's discriminant or of a flags value.
	Disc uint32
	// Payload is the byte offset of a variant's payload.
	Payload uint64
	// Plain reports whether every byte of the type belongs to an integer or float for which all bit patterns are valid,
	// so that lifting and lowering the value amounts to copying its bytes.
	Plain bool
}

// TooFlat reports whether the type flattens to more core values than any convention passes.
func (l *Layout) TooFlat() bool { return len(l.Flat) > MaxFlatParams }

// PtrType returns the core type of addresses.
func PtrType(ptr64 bool) corewasm.ValType {
	if ptr64 {
		return corewasm.I64
	}
	return corewasm.I32
}

// PtrSize returns the size of an address in bytes.
func PtrSize(ptr64 bool) uint32 {
	if ptr64 {
		return 8
	}
	return 4
}

// Prim returns the layout of a primitive type.
func Prim(k ctypes.Kind, ptr64 bool) *Layout {
	switch k {
	case ctypes.Bool:
		return scalar(1, corewasm.I32, false)
	case ctypes.S8, ctypes.U8:
		return scalar(1, corewasm.I32, true)
	case ctypes.S16, ctypes.U16:
		return scalar(2, corewasm.I32, true)
	case ctypes.S32, ctypes.U32:
		return scalar(4, corewasm.I32, true)
	case ctypes.S64, ctypes.U64:
		return scalar(8, corewasm.I64, true)
	case ctypes.F32:
		return scalar(4, corewasm.F32, true)
	case ctypes.F64:
		return scalar(8, corewasm.F64, true)
	case ctypes.String:
		return List(ptr64)
	}
	return scalar(4, corewasm.I32, false) // char, error-context
}

// Handle returns the layout of an own, borrow, stream or future: an index in a table.
func Handle() *Layout { return scalar(4, corewasm.I32, false) }

// Flags returns the layout of a flags type with n labels.
func Flags(n int) *Layout {
	size := uint32(4)
	switch {
	case n <= 8:
		size = 1
	case n <= 16:
		size = 2
	}
	l := scalar(size, corewasm.I32, false)
	l.Disc = size
	return l
}

func scalar(size uint32, flat corewasm.ValType, plain bool) *Layout {
	return &Layout{Size: uint64(size), Align: size, Flat: []corewasm.ValType{flat}, Plain: plain}
}

// List returns the layout of a list, map or string: an address and a length.
func List(ptr64 bool) *Layout {
	p, n := PtrType(ptr64), PtrSize(ptr64)
	return &Layout{Size: 2 * uint64(n), Align: n, Flat: []corewasm.ValType{p, p}}
}

// FixedList returns the layout of a list of n elements, whose layout is elem.
func FixedList(elem *Layout, n uint32) *Layout {
	l := &Layout{Size: mul(uint64(n), elem.Size), Align: elem.Align, Plain: elem.Plain}
	for i := uint32(0); i < n && len(l.Flat) < flatCap; i++ {
		l.Flat = appendFlat(l.Flat, elem.Flat)
	}
	return l
}

// Record returns the layout of a record or tuple with the given fields.
func Record(fields []*Layout) *Layout {
	l := &Layout{Align: 1, Offsets: make([]uint64, len(fields)), Plain: true}
	var used uint64 // bytes other than padding
	for i, f := range fields {
		l.Size = alignTo(l.Size, f.Align)
		l.Offsets[i] = l.Size
		l.Size = add(l.Size, f.Size)
		used = add(used, f.Size)
		l.Align = max(l.Align, f.Align)
		l.Plain = l.Plain && f.Plain
		l.Flat = appendFlat(l.Flat, f.Flat)
	}
	l.Size = alignTo(l.Size, l.Align)
	l.Plain = l.Plain && used == l.Size
	return l
}

// Variant returns the layout of a variant, enum, option or result with the given cases, nil for a case without a
// payload.
func Variant(cases []*Layout) *Layout {
	l := &Layout{Disc: discSize(len(cases))}
	payload, align := uint64(0), uint32(1)
	var flat []corewasm.ValType
	for _, c := range cases {
		if c == nil {
			continue
		}
		payload, align = max(payload, c.Size), max(align, c.Align)
		for i, f := range c.Flat {
			if i < len(flat) {
				flat[i] = join(flat[i], f)
			} else {
				flat = append(flat, f)
			}
		}
	}
	l.Align = max(l.Disc, align)
	l.Payload = alignTo(uint64(l.Disc), align)
	l.Size = alignTo(add(l.Payload, payload), l.Align)
	l.Flat = appendFlat([]corewasm.ValType{corewasm.I32}, flat)
	return l
}

// discSize returns the size of the discriminant of a variant with n cases (CanonicalABI.md, discriminant_type).
func discSize(n int) uint32 {
	switch {
	case n <= 1<<8:
		return 1
	case n <= 1<<16:
		return 2
	}
	return 4
}

// join returns the core type that can hold values of either type (CanonicalABI.md, "Flattening").
func join(a, b corewasm.ValType) corewasm.ValType {
	switch {
	case a == b:
		return a
	case a == corewasm.I32 && b == corewasm.F32, a == corewasm.F32 && b == corewasm.I32:
		return corewasm.I32
	}
	return corewasm.I64
}

// appendFlat appends up to flatCap.
func appendFlat(to, from []corewasm.ValType) []corewasm.ValType {
	return append(to, from[:min(len(from), flatCap-len(to))]...)
}

func alignTo(n uint64, align uint32) uint64 {
	a := uint64(align) - 1
	if n > math.MaxUint64-a {
		return math.MaxUint64
	}
	return (n + a) &^ a
}

func add(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

func mul(a, b uint64) uint64 {
	if b != 0 && a > math.MaxUint64/b {
		return math.MaxUint64
	}
	return a * b
}
