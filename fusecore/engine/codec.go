// This file implements lifting and lowering of single values: what CanonicalABI.md calls load, store, lift_flat and
// lower_flat.

package engine

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/wave"
)

// codec converts values of one WIT type between one Go type and a guest. Values that a guest passes are stored in v,
// which is settable and zero. Addresses are aligned and in bounds, as are the bytes of the type that follow.
type codec interface {
	load(c *call, ptr uint32, v reflect.Value)
	store(c *call, v reflect.Value, ptr uint32)
	lift(c *call, f *flat, v reflect.Value)
	lower(c *call, v reflect.Value, f *flat)
}

// flat is a list of core values: raw bits, as wazero passes them. Those of 32 bits have zeros above. So the conversions
// between the types that a variant joins are no work (CanonicalABI.md, lift_flat_variant).
type flat struct {
	values []uint64
	next   int // to be lifted
}

func (f *flat) take() uint64 {
	v := f.values[f.next]
	f.next++
	return v
}

func (f *flat) add(bits uint64) { f.values = append(f.values, bits) }

// pairing is a key of the table of codecs.
type pairing struct {
	t *Type
	g reflect.Type
}

func isAny(g reflect.Type) bool { return g.Kind() == reflect.Interface && g.NumMethod() == 0 }

// codec returns what converts between a WIT type and a Go type. The error says why they do not fit.
func (in *Instance) codec(t *Type, g reflect.Type) (codec, error) {
	key := pairing{t, g}
	if c, ok := in.codecs[key]; ok {
		return c, nil
	}
	c, err := in.newCodec(t, g)
	if err != nil {
		return nil, err
	}
	in.codecs[key] = c
	return c, nil
}

func (in *Instance) newCodec(t *Type, g reflect.Type) (codec, error) {
	handles := t.Kind == ctypes.Own || t.Kind == ctypes.Borrow
	if isAny(g) && !handles {
		usual, err := in.codec(t, wave.GoType(t))
		return &dynamic{in, t, wave.GoType(t), usual}, err
	}
	size := uint32(in.layout(t).Size) // of a scalar
	switch t.Kind {
	case ctypes.Bool, ctypes.S8, ctypes.U8, ctypes.S16, ctypes.U16, ctypes.S32, ctypes.U32, ctypes.S64, ctypes.U64, ctypes.F32,
		ctypes.F64, ctypes.Char:
		return number(t, g, size)
	case ctypes.Enum:
		return enum(t, g, size)
	case ctypes.Flags:
		return flags(t, g, size)
	case ctypes.Own, ctypes.Borrow:
		return in.handleCodec(t, g)
	case ctypes.String:
		if g.Kind() == reflect.String {
			return pair{text{in.comp.encoding}}, nil
		}
	case ctypes.List, ctypes.Map:
		return in.listCodec(t, g)
	case ctypes.FixedList:
		return in.fixedCodec(t, g)
	case ctypes.Record, ctypes.Tuple:
		return in.recordCodec(t, g)
	case ctypes.Variant, ctypes.Option, ctypes.Result:
		return in.variantCodec(t, g)
	default:
		return nil, fmt.Errorf("values of type %v cannot be passed to or from a host", t)
	}
	return nil, mismatch(t, g)
}

// mismatch returns the error for a WIT type and a Go type that do not fit.
func mismatch(t *Type, g reflect.Type) error {
	return fmt.Errorf("the Go type %v does not fit the WIT type %v; use %v", g, t, wave.GoType(t))
}

// scalar converts values that are one number: of size bytes in memory, or one core value.
type scalar struct {
	size uint32
	get  func(c *call, bits uint64, v reflect.Value)
	put  func(c *call, v reflect.Value) uint64
}

func (s *scalar) load(c *call, ptr uint32, v reflect.Value) {
	s.get(c, readBits(c.bytes(ptr, s.size)), v)
}

func (s *scalar) store(c *call, v reflect.Value, ptr uint32) {
	bits := s.put(c, v)
	writeBits(c.bytes(ptr, s.size), bits)
}

func (s *scalar) lift(c *call, f *flat, v reflect.Value) {
	bits := f.take()
	if s.size < 8 {
		bits &= math.MaxUint32
	}
	s.get(c, bits, v)
}

func (s *scalar) lower(c *call, v reflect.Value, f *flat) { f.add(s.put(c, v)) }

func readBits(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

func writeBits(b []byte, bits uint64) {
	switch len(b) {
	case 1:
		b[0] = byte(bits)
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(bits))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(bits))
	default:
		binary.LittleEndian.PutUint64(b, bits)
	}
}

// number converts numbers, bool and char.
func number(t *Type, g reflect.Type, size uint32) (codec, error) {
	want := wave.GoType(t)
	s := &scalar{size: size}
	switch {
	case t.Kind == ctypes.Bool && g.Kind() == reflect.Bool:
		s.get = func(_ *call, bits uint64, v reflect.Value) { v.SetBool(bits != 0) }
		s.put = func(_ *call, v reflect.Value) uint64 { return bit(v.Bool()) }
	case t.Kind == ctypes.F32 && g.Kind() == reflect.Float32:
		s.get = func(_ *call, bits uint64, v reflect.Value) { v.SetFloat(float64(canonical32(uint32(bits)))) }
		s.put = func(_ *call, v reflect.Value) uint64 { return uint64(bits32(float32(v.Float()))) }
	case t.Kind == ctypes.F64 && g.Kind() == reflect.Float64:
		s.get = func(_ *call, bits uint64, v reflect.Value) { v.SetFloat(canonical64(bits)) }
		s.put = func(_ *call, v reflect.Value) uint64 { return bits64(v.Float()) }
	case t.Kind == ctypes.Char && g.Kind() == reflect.Int32:
		s.get = func(_ *call, bits uint64, v reflect.Value) { v.SetInt(int64(char(uint32(bits)))) }
		s.put = func(_ *call, v reflect.Value) uint64 {
			if !utf8.ValidRune(rune(v.Int())) {
				badValue("%#x is no char", v.Int())
			}
			return uint64(v.Int())
		}
	case want.Kind() >= reflect.Int8 && want.Kind() <= reflect.Int64 && t.Kind != ctypes.Char:
		return signed(t, g, s)
	case want.Kind() >= reflect.Uint8 && want.Kind() <= reflect.Uint64:
		return unsigned(t, g, s)
	default:
		return nil, mismatch(t, g)
	}
	return s, nil
}

// signed converts signed integers, also from and to int. It completes s.
func signed(t *Type, g reflect.Type, s *scalar) (codec, error) {
	if g.Kind() != wave.GoType(t).Kind() && g.Kind() != reflect.Int {
		return nil, mismatch(t, g)
	}
	shift := 64 - 8*s.size
	s.get = func(_ *call, bits uint64, v reflect.Value) {
		n := int64(bits<<shift) >> shift
		if v.OverflowInt(n) {
			badValue("%d overflows the Go type %v", n, g)
		}
		v.SetInt(n)
	}
	s.put = func(_ *call, v reflect.Value) uint64 {
		n := v.Int()
		if n<<shift>>shift != n {
			badValue("%d is no %v", n, t)
		}
		if s.size < 8 {
			return uint64(uint32(n))
		}
		return uint64(n)
	}
	return s, nil
}

// unsigned converts unsigned integers, also from and to int and uint. It completes s.
func unsigned(t *Type, g reflect.Type, s *scalar) (codec, error) {
	shift := 64 - 8*s.size
	s.put = func(_ *call, v reflect.Value) uint64 { return v.Uint() }
	s.get = func(_ *call, bits uint64, v reflect.Value) { v.SetUint(bits << shift >> shift) }
	switch g.Kind() {
	case wave.GoType(t).Kind():
	case reflect.Uint:
		s.put = func(_ *call, v reflect.Value) uint64 {
			n := v.Uint()
			if n<<shift>>shift != n {
				badValue("%d is no %v", n, t)
			}
			return n
		}
	case reflect.Int:
		s.get = func(_ *call, bits uint64, v reflect.Value) {
			n := int64(bits << shift >> shift)
			if n < 0 || v.OverflowInt(n) {
				badValue("%d overflows the Go type %v", uint64(n), g)
			}
			v.SetInt(n)
		}
		s.put = func(_ *call, v reflect.Value) uint64 {
			n := v.Int()
			if n < 0 || uint64(n)<<shift>>shift != uint64(n) {
				badValue("%d is no %v", n, t)
			}
			return uint64(n)
		}
	default:
		return nil, mismatch(t, g)
	}
	return s, nil
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// Bits of NaN that lowering and lifting choose (CanonicalABI.md, canonicalize_nan32 and canonicalize_nan64).
const (
	nan32 = 0x7fc00000
	nan64 = 0x7ff8000000000000
)

func canonical32(bits uint32) float32 {
	f := math.Float32frombits(bits)
	if f != f {
		f = math.Float32frombits(nan32)
	}
	return f
}

func canonical64(bits uint64) float64 {
	f := math.Float64frombits(bits)
	if f != f {
		f = math.Float64frombits(nan64)
	}
	return f
}

func bits32(f float32) uint32 {
	if f != f {
		return nan32
	}
	return math.Float32bits(f)
}

func bits64(f float64) uint64 {
	if f != f {
		return nan64
	}
	return math.Float64bits(f)
}

func char(n uint32) rune {
	if n >= 0x110000 || n >= 0xd800 && n <= 0xdfff {
		trap("invalid char %#x", n)
	}
	return rune(n)
}

// enum converts enums from and to Go strings.
func enum(t *Type, g reflect.Type, size uint32) (codec, error) {
	if g.Kind() != reflect.String {
		return nil, mismatch(t, g)
	}
	return &scalar{size: size,
		get: func(_ *call, bits uint64, v reflect.Value) {
			if bits >= uint64(len(t.Labels)) {
				trap("invalid discriminant %d of %v", bits, t)
			}
			v.SetString(t.Labels[bits])
		},
		put: func(_ *call, v reflect.Value) uint64 {
			i := slices.Index(t.Labels, v.String())
			if i < 0 {
				badValue("%q is no case of %v", v.String(), t)
			}
			return uint64(i)
		}}, nil
}

// flags converts flags from and to slices of strings, structs of bools, and unsigned integers with a bit for each label.
func flags(t *Type, g reflect.Type, size uint32) (codec, error) {
	s := &scalar{size: size}
	all := uint64(1)<<len(t.Labels) - 1
	switch {
	case g.Kind() == reflect.Slice && g.Elem().Kind() == reflect.String:
		s.get = func(_ *call, bits uint64, v reflect.Value) {
			v.Set(reflect.MakeSlice(g, 0, len(t.Labels)))
			for i, label := range t.Labels {
				if bits>>i&1 != 0 {
					v.Set(reflect.Append(v, reflect.ValueOf(label).Convert(g.Elem())))
				}
			}
		}
		s.put = func(_ *call, v reflect.Value) (bits uint64) {
			for i := range v.Len() {
				label := v.Index(i).String()
				at := slices.Index(t.Labels, label)
				if at < 0 {
					badValue("%q is no flag of %v", label, t)
				}
				bits |= 1 << at
			}
			return bits
		}
	case g.Kind() == reflect.Struct:
		fields, err := structFields(g, t.Labels)
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			if g.Field(f).Type.Kind() != reflect.Bool {
				return nil, fmt.Errorf("the field %s of %v is no bool, as a flag must be", g.Field(f).Name, g)
			}
		}
		s.get = func(_ *call, bits uint64, v reflect.Value) {
			for i, f := range fields {
				v.Field(f).SetBool(bits>>i&1 != 0)
			}
		}
		s.put = func(_ *call, v reflect.Value) (bits uint64) {
			for i, f := range fields {
				bits |= bit(v.Field(f).Bool()) << i
			}
			return bits
		}
	case g.Kind() >= reflect.Uint && g.Kind() <= reflect.Uint64 && g.Bits() >= len(t.Labels):
		s.get = func(_ *call, bits uint64, v reflect.Value) { v.SetUint(bits & all) }
		s.put = func(_ *call, v reflect.Value) uint64 {
			if v.Uint()&^all != 0 {
				badValue("%#x has bits that no flag of %v has", v.Uint(), t)
			}
			return v.Uint()
		}
	default:
		return nil, mismatch(t, g)
	}
	return s, nil
}

// dynamic converts values that the Go side does not give a type: lifted ones have the usual type.
type dynamic struct {
	in    *Instance
	t     *Type
	g     reflect.Type // the usual type
	usual codec
}

func (d *dynamic) load(c *call, ptr uint32, v reflect.Value) {
	x := reflect.New(d.g).Elem()
	d.usual.load(c, ptr, x)
	v.Set(x)
}

func (d *dynamic) lift(c *call, f *flat, v reflect.Value) {
	x := reflect.New(d.g).Elem()
	d.usual.lift(c, f, x)
	v.Set(x)
}

func (d *dynamic) store(c *call, v reflect.Value, ptr uint32) {
	of, x := d.of(v)
	of.store(c, x, ptr)
}

func (d *dynamic) lower(c *call, v reflect.Value, f *flat) {
	of, x := d.of(v)
	of.lower(c, x, f)
}

// of returns the value in an interface with its codec. nil is the option none.
func (d *dynamic) of(v reflect.Value) (codec, reflect.Value) {
	x := v.Elem()
	switch {
	case !x.IsValid() && d.t.Kind == ctypes.Option:
		return d.usual, reflect.Zero(d.g)
	case !x.IsValid():
		badValue("nil is no %v", d.t)
	case x.Type() == d.g:
		return d.usual, x
	}
	c, err := d.in.codec(d.t, x.Type())
	if err != nil {
		panic(valueError{err})
	}
	return c, x
}
