package adapter

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// This file lifts and lowers values as the specification's definitions do, on Go values: uint64 for scalars, enums and
// flags (floats as their bits, signed integers sign-extended to 64 bits), []any for records and lists, modelCase for
// variants, modelString for strings. It follows the structure of the definitions, not that of the adapter.

type modelCase struct {
	index int
	value any
}

// trapped is the panic value where the definitions trap.
type trapped string

func trapIf(cond bool, why string) {
	if cond {
		panic(trapped(why))
	}
}

// model is one side's canonical options, with a memory.
type model struct {
	types   *cabi.Types
	mem     []byte
	ptr64   bool
	enc     cabi.Encoding
	realloc func(old, oldSize, align, size uint64) uint64
	// raw, if set, makes lowering behave as a guest may, instead of as the definitions do: bits that lifting ignores
	// are random, and strings keep their encoding.
	raw *rand.Rand
}

func (m *model) of(t *ctypes.Type) *cabi.Layout { return m.types.Of(t, m.ptr64) }
func (m *model) ptrSize() uint64                { return uint64(cabi.PtrSize(m.ptr64)) }

func (m *model) loadInt(ptr, n uint64) uint64 {
	var b [8]byte
	copy(b[:], m.mem[ptr:ptr+n])
	return binary.LittleEndian.Uint64(b[:])
}

func (m *model) storeInt(v, ptr, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	copy(m.mem[ptr:ptr+n], b[:])
}

func signExtend(v uint64, bytes uint64) uint64 {
	s := 64 - 8*bytes
	return uint64(int64(v<<s) >> s)
}

// cases returns the payload types of any variant type; nil, false for other types.
func cases(t *ctypes.Type) ([]*ctypes.Type, bool) {
	switch t.Kind {
	case ctypes.Variant:
		var c []*ctypes.Type
		for _, f := range t.Fields {
			c = append(c, f.Type)
		}
		return c, true
	case ctypes.Enum:
		return make([]*ctypes.Type, len(t.Labels)), true
	case ctypes.Option:
		return []*ctypes.Type{nil, t.Elem}, true
	case ctypes.Result:
		return []*ctypes.Type{t.Elem, t.Err}, true
	}
	return nil, false
}

// fields returns the field types of a record or tuple.
func fields(t *ctypes.Type) ([]*ctypes.Type, bool) {
	switch t.Kind {
	case ctypes.Record:
		var c []*ctypes.Type
		for _, f := range t.Fields {
			c = append(c, f.Type)
		}
		return c, true
	case ctypes.Tuple:
		return t.Types, true
	}
	return nil, false
}

func (m *model) element(t *ctypes.Type) *ctypes.Type {
	if t.Kind == ctypes.Map {
		return m.of(t).Parts[0]
	}
	return t.Elem
}

// convert converts an integer to a value of a scalar type.
func convert(t *ctypes.Type, v uint64) any {
	switch t.Kind {
	case ctypes.Bool:
		if v != 0 {
			return uint64(1)
		}
	case ctypes.Char:
		trapIf(v >= 0x110000, "char")
		trapIf(0xd800 <= v && v <= 0xdfff, "surrogate")
	case ctypes.Flags:
		return v & (1<<len(t.Labels) - 1)
	case ctypes.S8:
		return signExtend(v, 1)
	case ctypes.S16:
		return signExtend(v, 2)
	case ctypes.S32:
		return signExtend(v, 4)
	case ctypes.U8:
		return v & 0xff
	case ctypes.U16:
		return v & 0xffff
	}
	return v
}

func (m *model) load(ptr uint64, t *ctypes.Type) any {
	if c, ok := cases(t); ok {
		disc := uint64(m.of(t).Disc)
		i := m.loadInt(ptr, disc)
		trapIf(i >= uint64(len(c)), "discriminant")
		if c[i] == nil {
			return modelCase{index: int(i)}
		}
		return modelCase{int(i), m.load(ptr+m.of(t).Payload, c[i])}
	}
	if fs, ok := fields(t); ok {
		var v []any
		for i, f := range fs {
			v = append(v, m.load(ptr+m.of(t).Offsets[i], f))
		}
		return v
	}
	switch t.Kind {
	case ctypes.String:
		return m.loadString(m.loadInt(ptr, m.ptrSize()), m.loadInt(ptr+m.ptrSize(), m.ptrSize()))
	case ctypes.List, ctypes.Map:
		return m.loadList(m.loadInt(ptr, m.ptrSize()), m.loadInt(ptr+m.ptrSize(), m.ptrSize()), m.element(t))
	case ctypes.FixedList:
		return m.elements(ptr, uint64(t.Len), t.Elem)
	}
	return convert(t, m.loadInt(ptr, m.of(t).Size))
}

func (m *model) elements(ptr, n uint64, t *ctypes.Type) []any {
	v := []any{}
	for i := range n {
		v = append(v, m.load(ptr+i*m.of(t).Size, t))
	}
	return v
}

// inBounds traps unless the range is within the memory.
func (m *model) inBounds(ptr, size uint64) {
	trapIf(ptr > uint64(len(m.mem)) || size > uint64(len(m.mem))-ptr, "bounds")
}

func (m *model) loadList(ptr, n uint64, t *ctypes.Type) any {
	l := m.of(t)
	trapIf(n > cabi.MaxListBytes || n*l.Size > cabi.MaxListBytes, "list length")
	trapIf(ptr%uint64(l.Align) != 0, "list alignment")
	m.inBounds(ptr, n*l.Size)
	return m.elements(ptr, n, t)
}

// alloc calls realloc and checks the result.
func (m *model) alloc(old, oldSize, align, size uint64) uint64 {
	ptr := m.realloc(old, oldSize, align, size)
	trapIf(ptr%align != 0, "realloc alignment")
	m.inBounds(ptr, size)
	return ptr
}

func (m *model) storeList(v []any, t *ctypes.Type) (ptr, n uint64) {
	l := m.of(t)
	n = uint64(len(v))
	ptr = m.alloc(0, 0, uint64(l.Align), n*l.Size)
	for i, e := range v {
		m.store(e, t, ptr+uint64(i)*l.Size)
	}
	return ptr, n
}

func (m *model) store(v any, t *ctypes.Type, ptr uint64) {
	l := m.of(t)
	if c, ok := cases(t); ok {
		mc := v.(modelCase)
		m.storeInt(uint64(mc.index), ptr, uint64(l.Disc))
		if p := c[mc.index]; p != nil {
			m.store(mc.value, p, ptr+l.Payload)
		}
		return
	}
	if fs, ok := fields(t); ok {
		for i, f := range fs {
			m.store(v.([]any)[i], f, ptr+l.Offsets[i])
		}
		return
	}
	pair := func(a, b uint64) {
		m.storeInt(a, ptr, m.ptrSize())
		m.storeInt(b, ptr+m.ptrSize(), m.ptrSize())
	}
	switch t.Kind {
	case ctypes.String:
		pair(m.storeString(v.(modelString)))
	case ctypes.List, ctypes.Map:
		pair(m.storeList(v.([]any), m.element(t)))
	case ctypes.FixedList:
		for i, e := range v.([]any) {
			m.store(e, t.Elem, ptr+uint64(i)*m.of(t.Elem).Size)
		}
	default:
		m.storeInt(m.dirty(t, v.(uint64)), ptr, l.Size)
	}
}

// dirty changes the bits of a scalar that lifting ignores.
func (m *model) dirty(t *ctypes.Type, v uint64) uint64 {
	if m.raw == nil {
		return v
	}
	switch noise := m.raw.Uint64(); t.Kind {
	case ctypes.Bool:
		if v != 0 {
			return noise&0xff | 1<<m.raw.IntN(8)
		}
	case ctypes.U8, ctypes.S8:
		return v&0xff | noise<<8
	case ctypes.U16, ctypes.S16:
		return v&0xffff | noise<<16
	case ctypes.Flags:
		return v | noise<<len(t.Labels)
	}
	return v
}

// coreValue is a core value: 32-bit ones are zero-extended.
type coreValue struct {
	t corewasm.ValType
	v uint64
}

// values is the definitions' CoreValueIter: next returns the next value as a type.
type values struct {
	next func(want corewasm.ValType) uint64
}

func iterate(vs []coreValue) values {
	return values{func(want corewasm.ValType) uint64 {
		v := vs[0]
		vs = vs[1:]
		if v.t != want {
			panic(fmt.Sprintf("core value of type %v taken as %v", v.t, want))
		}
		return v.v
	}}
}

func (m *model) ptrType() corewasm.ValType { return cabi.PtrType(m.ptr64) }

func (m *model) liftFlat(vi values, t *ctypes.Type) any {
	if c, ok := cases(t); ok {
		return m.liftFlatVariant(vi, t, c)
	}
	if fs, ok := fields(t); ok {
		var v []any
		for _, f := range fs {
			v = append(v, m.liftFlat(vi, f))
		}
		return v
	}
	switch t.Kind {
	case ctypes.String:
		ptr := vi.next(m.ptrType())
		return m.loadString(ptr, vi.next(m.ptrType()))
	case ctypes.List, ctypes.Map:
		ptr := vi.next(m.ptrType())
		return m.loadList(ptr, vi.next(m.ptrType()), m.element(t))
	case ctypes.FixedList:
		v := []any{}
		for range t.Len {
			v = append(v, m.liftFlat(vi, t.Elem))
		}
		return v
	}
	return convert(t, vi.next(m.of(t).Flat[0]))
}

func (m *model) liftFlatVariant(vi values, t *ctypes.Type, c []*ctypes.Type) any {
	flat := m.of(t).Flat[1:]
	i := vi.next(corewasm.I32)
	trapIf(i >= uint64(len(c)), "discriminant")
	out := modelCase{index: int(i)}
	if c[i] != nil {
		out.value = m.liftFlat(values{func(want corewasm.ValType) uint64 {
			have := flat[0]
			flat = flat[1:]
			v := vi.next(have)
			if have == corewasm.I64 && (want == corewasm.I32 || want == corewasm.F32) {
				v &= 1<<32 - 1
			}
			return v
		}}, c[i])
	}
	for _, f := range flat {
		vi.next(f)
	}
	return out
}

func (m *model) lowerFlat(v any, t *ctypes.Type) []coreValue {
	if c, ok := cases(t); ok {
		mc := v.(modelCase)
		flat := m.of(t).Flat
		out := []coreValue{{corewasm.I32, uint64(mc.index)}}
		if p := c[mc.index]; p != nil {
			for i, pv := range m.lowerFlat(mc.value, p) {
				n := pv.v
				if m.raw != nil && flat[1+i] == corewasm.I64 && (pv.t == corewasm.I32 || pv.t == corewasm.F32) {
					n |= m.raw.Uint64() << 32
				}
				out = append(out, coreValue{flat[1+i], n})
			}
		}
		for _, f := range flat[len(out):] {
			var n uint64
			if m.raw != nil {
				n = m.raw.Uint64()
				if f == corewasm.I32 || f == corewasm.F32 {
					n &= 1<<32 - 1
				}
			}
			out = append(out, coreValue{f, n})
		}
		return out
	}
	var out []coreValue
	if fs, ok := fields(t); ok {
		for i, f := range fs {
			out = append(out, m.lowerFlat(v.([]any)[i], f)...)
		}
		return out
	}
	pair := func(a, b uint64) []coreValue { return []coreValue{{m.ptrType(), a}, {m.ptrType(), b}} }
	switch t.Kind {
	case ctypes.String:
		return pair(m.storeString(v.(modelString)))
	case ctypes.List, ctypes.Map:
		return pair(m.storeList(v.([]any), m.element(t)))
	case ctypes.FixedList:
		for _, e := range v.([]any) {
			out = append(out, m.lowerFlat(e, t.Elem)...)
		}
		return out
	}
	n := m.dirty(t, v.(uint64))
	ft := m.of(t).Flat[0]
	if ft == corewasm.I32 {
		n &= 1<<32 - 1
	}
	return []coreValue{{ft, n}}
}

// liftValues is lift_flat_values for the type t of a tuple or a single result.
func (m *model) liftValues(maxFlat int, vs []coreValue, t *ctypes.Type) any {
	if t == nil {
		return nil
	}
	l := m.of(t)
	if len(l.Flat) <= maxFlat {
		return m.liftFlat(iterate(vs), t)
	}
	ptr := vs[0].v
	trapIf(ptr%uint64(l.Align) != 0, "area alignment")
	m.inBounds(ptr, l.Size)
	return m.load(ptr, t)
}

// lowerValues is lower_flat_values; out is the out parameter or nil.
func (m *model) lowerValues(maxFlat int, v any, t *ctypes.Type, out *uint64) []coreValue {
	if t == nil {
		return nil
	}
	l := m.of(t)
	if len(l.Flat) <= maxFlat {
		return m.lowerFlat(v, t)
	}
	var ptr uint64
	var flat []coreValue
	if out != nil {
		ptr = *out
	} else {
		ptr = m.realloc(0, 0, uint64(l.Align), l.Size)
		flat = []coreValue{{m.ptrType(), ptr}}
	}
	trapIf(ptr%uint64(l.Align) != 0, "area alignment")
	m.inBounds(ptr, l.Size)
	m.store(v, t, ptr)
	return flat
}
