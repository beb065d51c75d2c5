// Package cabi is the Canonical ABI's arithmetic (CanonicalABI.md, "Alignment", "Element Size" and "Flattening"): where
// values lie in a linear memory and which core values stand for them. It is pure: it knows types, not code.
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
	// MaxListBytes and MaxStringBytes are the greatest byte lengths of a list's elements and of a string, as they are
	// where they are lifted from.
	MaxListBytes   = 1<<28 - 1
	MaxStringBytes = 1<<28 - 1
)

// flatCap is where flattening stops: one more than any limit that flattened types are compared with.
const flatCap = MaxFlatParams + 1

// Layout is a type's form in linear memory and as core values, for one width of pointers. It is shared: do not change it.
type Layout struct {
	Size  uint64 // bytes; saturates, see [Types.Of]
	Align uint32 // bytes, a power of two
	// Flat are the core types that the type flattens to. A type with more than MaxFlatParams of them, which no convention
	// passes flat, has the first MaxFlatParams+1.
	Flat []corewasm.ValType
	// Parts are the fields of a record or tuple, the cases of a variant, option, result or enum (nil where a case has no
	// payload), or the one element type of a list of either sort or a map (for which it is a tuple of key and value).
	Parts []*ctypes.Type
	// Offsets are the byte offsets of Parts of a record or tuple.
	Offsets []uint64
	// Disc is the size in bytes of a variant's discriminant or of a flags value.
	Disc uint32
	// Payload is the byte offset of a variant's payload.
	Payload uint64
	// Plain says that every byte of the type belongs to an integer or float whose every bit pattern is valid, so that
	// copying the bytes is lifting and lowering the value.
	Plain bool
}

// TooFlat says that the type flattens to more core values than any convention passes.
func (l *Layout) TooFlat() bool { return len(l.Flat) > MaxFlatParams }

// Types computes layouts and remembers them by type identity, so that shared types cost their definition's size, not
// their expansion's. It is not safe for concurrent use.
type Types struct {
	memo   [2]map[*ctypes.Type]*Layout
	pairs  map[*ctypes.Type]*ctypes.Type // map type -> tuple<key, value>
	tuples map[*ctypes.Func]*ctypes.Type
}

// New makes an empty memory of layouts.
func New() *Types {
	return &Types{
		memo:   [2]map[*ctypes.Type]*Layout{{}, {}},
		pairs:  map[*ctypes.Type]*ctypes.Type{},
		tuples: map[*ctypes.Func]*ctypes.Type{},
	}
}

// PtrType is the core type of addresses.
func PtrType(ptr64 bool) corewasm.ValType {
	if ptr64 {
		return corewasm.I64
	}
	return corewasm.I32
}

// PtrSize is the size of an address in bytes.
func PtrSize(ptr64 bool) uint32 {
	if ptr64 {
		return 8
	}
	return 4
}

// Of gives the layout of a type. Sizes of types that validation admits are below 2^28 bytes; those of other types
// saturate at the greatest uint64 instead of wrapping around.
func (ts *Types) Of(t *ctypes.Type, ptr64 bool) *Layout {
	memo := ts.memo[0]
	if ptr64 {
		memo = ts.memo[1]
	}
	l, ok := memo[t]
	if !ok {
		l = ts.compute(t, ptr64)
		memo[t] = l
	}
	return l
}

func (ts *Types) compute(t *ctypes.Type, ptr64 bool) *Layout {
	switch t.Kind {
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
	case ctypes.Char, ctypes.ErrorContext, ctypes.Own, ctypes.Borrow, ctypes.Stream, ctypes.Future:
		return scalar(4, corewasm.I32, false)
	case ctypes.Flags:
		l := scalar(flagsSize(len(t.Labels)), corewasm.I32, false)
		l.Disc = l.Align
		return l
	case ctypes.Record:
		parts := make([]*ctypes.Type, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Type
		}
		return ts.record(parts, ptr64)
	case ctypes.Tuple:
		return ts.record(t.Types, ptr64)
	case ctypes.Variant:
		parts := make([]*ctypes.Type, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Type
		}
		return ts.variant(parts, ptr64)
	case ctypes.Enum:
		return ts.variant(make([]*ctypes.Type, len(t.Labels)), ptr64)
	case ctypes.Option:
		return ts.variant([]*ctypes.Type{nil, t.Elem}, ptr64)
	case ctypes.Result:
		return ts.variant([]*ctypes.Type{t.Elem, t.Err}, ptr64)
	case ctypes.FixedList:
		return ts.fixedList(t, ptr64)
	case ctypes.Map:
		return pair(ts.mapEntry(t), ptr64)
	case ctypes.List:
		return pair(t.Elem, ptr64)
	default: // String
		return pair(nil, ptr64)
	}
}

func scalar(size uint32, flat corewasm.ValType, plain bool) *Layout {
	return &Layout{Size: uint64(size), Align: size, Flat: []corewasm.ValType{flat}, Plain: plain}
}

// pair is the layout of a string or list: an address and a length.
func pair(elem *ctypes.Type, ptr64 bool) *Layout {
	p, n := PtrType(ptr64), PtrSize(ptr64)
	l := &Layout{Size: 2 * uint64(n), Align: n, Flat: []corewasm.ValType{p, p}}
	if elem != nil {
		l.Parts = []*ctypes.Type{elem}
	}
	return l
}

// mapEntry is the tuple that a map is a list of (CanonicalABI.md, "Despecialization").
func (ts *Types) mapEntry(t *ctypes.Type) *ctypes.Type {
	e, ok := ts.pairs[t]
	if !ok {
		e = &ctypes.Type{Kind: ctypes.Tuple, Types: []*ctypes.Type{t.Key, t.Elem}}
		ts.pairs[t] = e
	}
	return e
}

func (ts *Types) record(parts []*ctypes.Type, ptr64 bool) *Layout {
	l := &Layout{Align: 1, Parts: parts, Offsets: make([]uint64, len(parts)), Plain: true}
	var used uint64 // bytes that are not padding
	for i, p := range parts {
		pl := ts.Of(p, ptr64)
		l.Size = alignTo(l.Size, pl.Align)
		l.Offsets[i] = l.Size
		l.Size = add(l.Size, pl.Size)
		used = add(used, pl.Size)
		l.Align = max(l.Align, pl.Align)
		l.Plain = l.Plain && pl.Plain
		l.Flat = appendFlat(l.Flat, pl.Flat)
	}
	l.Size = alignTo(l.Size, l.Align)
	l.Plain = l.Plain && used == l.Size
	return l
}

func (ts *Types) fixedList(t *ctypes.Type, ptr64 bool) *Layout {
	e := ts.Of(t.Elem, ptr64)
	l := &Layout{Size: mul(uint64(t.Len), e.Size), Align: e.Align, Parts: []*ctypes.Type{t.Elem}, Plain: e.Plain}
	for i := uint32(0); i < t.Len && len(l.Flat) < flatCap; i++ {
		l.Flat = appendFlat(l.Flat, e.Flat)
	}
	return l
}

func (ts *Types) variant(parts []*ctypes.Type, ptr64 bool) *Layout {
	l := &Layout{Parts: parts, Disc: discSize(len(parts))}
	payload, align := uint64(0), uint32(1)
	var flat []corewasm.ValType
	for _, p := range parts {
		if p == nil {
			continue
		}
		pl := ts.Of(p, ptr64)
		payload, align = max(payload, pl.Size), max(align, pl.Align)
		for i, f := range pl.Flat {
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

// discSize is the size of the discriminant of a variant with n cases (CanonicalABI.md, discriminant_type).
func discSize(n int) uint32 {
	switch {
	case n <= 1<<8:
		return 1
	case n <= 1<<16:
		return 2
	}
	return 4
}

func flagsSize(n int) uint32 {
	switch {
	case n <= 8:
		return 1
	case n <= 16:
		return 2
	}
	return 4
}

// join is the core type that holds values of either (CanonicalABI.md, "Flattening").
func join(a, b corewasm.ValType) corewasm.ValType {
	switch {
	case a == b:
		return a
	case a == corewasm.I32 && b == corewasm.F32, a == corewasm.F32 && b == corewasm.I32:
		return corewasm.I32
	}
	return corewasm.I64
}

// appendFlat appends up to the cap.
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
