package validate

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// maxBytes bounds the size of every value type in a 64-bit memory (CanonicalABI.md, "Element Size").
const maxBytes = 1 << 28

var primBytes = map[component.Prim]uint64{
	component.PrimBool: 1, component.PrimS8: 1, component.PrimU8: 1, component.PrimS16: 2, component.PrimU16: 2,
	component.PrimS32: 4, component.PrimU32: 4, component.PrimS64: 8, component.PrimU64: 8, component.PrimF32: 4,
	component.PrimF64: 8, component.PrimChar: 4, component.PrimErrorContext: 4,
}

// layout computes bytes and align for a 64-bit memory (CanonicalABI.md, "Alignment" and "Element Size"). Sizes stop
// growing at maxBytes: only whether they reach it matters.
func (v *valType) layout() {
	switch v.kind {
	case component.KindPrim:
		if v.prim == component.PrimString {
			v.bytes, v.align = 16, 8
			return
		}
		v.bytes = primBytes[v.prim]
		v.align = v.bytes
	case component.KindList, component.KindMap:
		v.bytes, v.align = 16, 8
	case component.KindFixedList:
		v.bytes, v.align = uint64(v.len)*v.elem.val.bytes, v.elem.val.align
	case component.KindRecord, component.KindTuple:
		v.layoutRecord()
	case component.KindVariant, component.KindEnum, component.KindOption, component.KindResult:
		v.layoutVariant()
	case component.KindFlags:
		v.bytes = 4
		if n := len(v.labels); n <= 8 {
			v.bytes = 1
		} else if n <= 16 {
			v.bytes = 2
		}
		v.align = v.bytes
	default: // handles, streams and futures
		v.bytes, v.align = 4, 4
	}
	v.bytes = min(v.bytes, maxBytes)
}

func alignTo(n, align uint64) uint64 { return (n + align - 1) &^ (align - 1) }

func (v *valType) layoutRecord() {
	v.align = 1
	for _, p := range v.parts() {
		v.align = max(v.align, p.val.align)
		v.bytes = min(alignTo(v.bytes, p.val.align)+p.val.bytes, maxBytes)
	}
	v.bytes = alignTo(v.bytes, v.align)
}

func (v *valType) layoutVariant() {
	disc := uint64(1)
	if n := max(len(v.fields), len(v.labels)); n > 1<<16 {
		disc = 4
	} else if n > 1<<8 {
		disc = 2
	}
	var payload uint64
	pad := uint64(1)
	for _, p := range v.parts() {
		payload = max(payload, p.val.bytes)
		pad = max(pad, p.val.align)
	}
	v.align = max(disc, pad)
	v.bytes = alignTo(alignTo(disc, pad)+payload, v.align)
}

// Limits of flat parameter and result lists (CanonicalABI.md, "Flattening").
const (
	maxFlatParams      = 16
	maxFlatAsyncParams = 4
	maxFlatResults     = 1
)

// flattener flattens value types for one pointer type, remembering what it did: a type is flattened once however often
// it is used.
type flattener struct {
	ptr  byte // CodeI32 or CodeI64
	done map[*valType][]byte
}

// over stands for a flat list with more than maxFlatParams entries; how many does not matter to any rule.
var over = make([]byte, maxFlatParams+1)

func join(a, b byte) byte {
	switch {
	case a == b:
		return a
	case a == corewasm.CodeI32 && b == corewasm.CodeF32, a == corewasm.CodeF32 && b == corewasm.CodeI32:
		return corewasm.CodeI32
	}
	return corewasm.CodeI64
}

// all flattens a list of types one after another.
func (f *flattener) all(ts []*typ) []byte {
	var flat []byte
	for _, t := range ts {
		if flat = append(flat, f.typ(t)...); len(flat) > maxFlatParams {
			return over
		}
	}
	return flat
}

func (f *flattener) typ(t *typ) []byte {
	v := t.val
	if flat, ok := f.done[v]; ok {
		return flat
	}
	flat := f.flatten(v)
	if len(flat) > maxFlatParams {
		flat = over
	}
	f.done[v] = flat
	return flat
}

func (f *flattener) flatten(v *valType) []byte {
	switch v.kind {
	case component.KindPrim:
		switch v.prim {
		case component.PrimS64, component.PrimU64:
			return []byte{corewasm.CodeI64}
		case component.PrimF32:
			return []byte{corewasm.CodeF32}
		case component.PrimF64:
			return []byte{corewasm.CodeF64}
		case component.PrimString:
			return []byte{f.ptr, f.ptr}
		}
		return []byte{corewasm.CodeI32}
	case component.KindList, component.KindMap:
		return []byte{f.ptr, f.ptr}
	case component.KindFixedList:
		elem := f.typ(v.elem)
		if uint64(len(elem))*uint64(v.len) > maxFlatParams {
			return over
		}
		var flat []byte
		for range v.len {
			flat = append(flat, elem...)
		}
		return flat
	case component.KindRecord, component.KindTuple:
		return f.all(v.parts())
	case component.KindVariant, component.KindEnum, component.KindOption, component.KindResult:
		var flat []byte
		for _, p := range v.parts() {
			for i, c := range f.typ(p) {
				if i < len(flat) {
					flat[i] = join(flat[i], c)
				} else {
					flat = append(flat, c)
				}
			}
		}
		return append([]byte{corewasm.CodeI32}, flat...)
	}
	return []byte{corewasm.CodeI32} // flags, handles, streams and futures
}
