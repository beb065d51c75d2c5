// This file implements lifting and lowering of strings and lists.

package engine

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// ranged converts values whose content is a range of the guest's memory.
type ranged interface {
	read(c *call, at, n uint32, v reflect.Value)
	write(c *call, v reflect.Value) (at, n uint32)
}

// pair converts such values, which are the address and the length of the range.
type pair struct{ ranged }

func (x pair) load(c *call, ptr uint32, v reflect.Value) {
	b := c.bytes(ptr, 8)
	x.read(c, binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), v)
}

func (x pair) store(c *call, v reflect.Value, ptr uint32) {
	at, n := x.write(c, v)
	b := c.bytes(ptr, 8)
	binary.LittleEndian.PutUint32(b, at)
	binary.LittleEndian.PutUint32(b[4:], n)
}

func (x pair) lift(c *call, f *flat, v reflect.Value) {
	at, n := uint32(f.take()), uint32(f.take())
	x.read(c, at, n, v)
}

func (x pair) lower(c *call, v reflect.Value, f *flat) {
	at, n := x.write(c, v)
	f.add(uint64(at))
	f.add(uint64(n))
}

// text converts strings.
type text struct{ encoding cabi.Encoding }

// utf16Tag marks the length of a string in latin1+utf16 that is in UTF-16.
const utf16Tag = 1 << 31

func (x text) read(c *call, at, n uint32, v reflect.Value) { v.SetString(x.decode(c, at, n)) }

// decode implements load_string_from_range.
func (x text) decode(c *call, at, n uint32) string {
	size, align, wide := uint64(n), uint32(1), false
	switch x.encoding {
	case cabi.UTF16:
		size, align, wide = 2*uint64(n), 2, true
	case cabi.Latin1UTF16:
		if align = 2; n&utf16Tag != 0 {
			size, wide = 2*uint64(n&^utf16Tag), true
		}
	}
	if size > cabi.MaxStringBytes {
		trap("string too long")
	}
	b := c.span(at, size, align, "string")
	c.take(uint32(size), 1)
	switch {
	case wide:
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(b[2*i:])
		}
		return decodeUTF16(units)
	case x.encoding == cabi.Latin1UTF16:
		runes := make([]rune, len(b))
		for i, c := range b {
			runes[i] = rune(c)
		}
		return string(runes)
	}
	if !utf8.Valid(b) {
		trap("invalid utf-8 string")
	}
	return string(b)
}

func decodeUTF16(units []uint16) string {
	for i := 0; i < len(units); i++ {
		switch u := rune(units[i]); {
		case !utf16.IsSurrogate(u):
		case i+1 < len(units) && utf16.DecodeRune(u, rune(units[i+1])) != utf8.RuneError:
			i++
		default:
			trap("invalid utf-16 string")
		}
	}
	return string(utf16.Decode(units))
}

// write implements store_string_into_range. The host's string is taken to be in the encoding of the guest, so its length
// is known and it is allocated once.
func (x text) write(c *call, v reflect.Value) (at, n uint32) {
	s := v.String()
	if !utf8.ValidString(s) {
		badValue("a string is not valid UTF-8: %.40q", s)
	}
	b, align := []byte(nil), uint32(1)
	switch x.encoding {
	case cabi.UTF8:
		n = uint32(len(s))
	case cabi.UTF16:
		b, align = encodeUTF16(s), 2
		n = uint32(len(b) / 2)
	default:
		align = 2
		var latin1 bool
		if b, latin1 = encodeLatin1(s); latin1 {
			n = uint32(len(b))
		} else {
			b = encodeUTF16(s)
			n = uint32(len(b)/2) | utf16Tag
		}
	}
	size := max(len(b), int(n)&^utf16Tag)
	if uint64(len(s)) > cabi.MaxStringBytes || size > cabi.MaxStringBytes {
		badValue("a string has %d bytes, of at most %d", len(s), cabi.MaxStringBytes)
	}
	at = c.allocate(align, uint64(size))
	if to := c.bytes(at, uint32(size)); b == nil {
		copy(to, s)
	} else {
		copy(to, b)
	}
	return at, n
}

func encodeUTF16(s string) (b []byte) {
	for _, r := range s {
		for _, u := range utf16.AppendRune(nil, r) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
	}
	return b
}

func encodeLatin1(s string) (b []byte, ok bool) {
	for _, r := range s {
		if r > 0xff {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}

// list converts lists from and to slices.
type list struct {
	elem   codec
	size   uint32
	align  uint32
	native int // size of elements that are alike in Go and in memory, or 0
}

func (in *Instance) listCodec(t *Type, g reflect.Type) (codec, error) {
	if g.Kind() != reflect.Slice {
		return nil, mismatch(t, g)
	}
	elemType := in.layout(t).Parts[0]
	elem, err := in.codec(elemType, g.Elem())
	if err != nil {
		return nil, err
	}
	layout := in.layout(elemType)
	l := &list{elem: elem, size: uint32(layout.Size), align: layout.Align}
	if elemType.Kind >= ctypes.S8 && elemType.Kind <= ctypes.U64 && uint64(g.Elem().Size()) == layout.Size {
		l.native = int(layout.Size)
	}
	return pair{l}, nil
}

// read implements load_list_from_range.
func (l *list) read(c *call, at, n uint32, v reflect.Value) {
	size := uint64(n) * uint64(l.size)
	if size > cabi.MaxListBytes {
		trap("list too long")
	}
	b := c.span(at, size, l.align, "list")
	c.take(n, v.Type().Elem().Size())
	v.Set(reflect.MakeSlice(v.Type(), int(n), int(n)))
	if l.native > 0 {
		if _, err := binary.Decode(b, binary.LittleEndian, plainSlice(v)); err == nil {
			return
		}
	}
	for i := range int(n) {
		l.elem.load(c, at+uint32(i)*l.size, v.Index(i))
	}
}

// write implements store_list_into_range.
func (l *list) write(c *call, v reflect.Value) (at, n uint32) {
	size := uint64(v.Len()) * uint64(l.size)
	if size > cabi.MaxListBytes {
		badValue("a list has %d bytes in memory, of at most %d", size, cabi.MaxListBytes)
	}
	at = c.allocate(l.align, size)
	if l.native > 0 {
		if _, err := binary.Encode(c.bytes(at, uint32(size)), binary.LittleEndian, plainSlice(v)); err == nil {
			return at, uint32(v.Len())
		}
	}
	for i := range v.Len() {
		l.elem.store(c, v.Index(i), at+uint32(i)*l.size)
	}
	return at, uint32(v.Len())
}

// plainSlice returns a slice of integers without its type's name, in the form that package binary is fast with.
func plainSlice(v reflect.Value) any {
	if v.Type().Elem().PkgPath() == "" && v.Type().PkgPath() == "" {
		return v.Interface()
	}
	for _, t := range plainSlices {
		if t.Elem().Kind() == v.Type().Elem().Kind() && v.CanConvert(t) {
			return v.Convert(t).Interface()
		}
	}
	return v.Interface()
}

var plainSlices = []reflect.Type{
	reflect.TypeFor[[]int8](), reflect.TypeFor[[]uint8](), reflect.TypeFor[[]int16](), reflect.TypeFor[[]uint16](),
	reflect.TypeFor[[]int32](), reflect.TypeFor[[]uint32](), reflect.TypeFor[[]int64](), reflect.TypeFor[[]uint64](),
}

// fixed converts lists of a fixed length from and to slices and arrays.
type fixed struct {
	elem codec
	n    int
	size uint32
}

func (in *Instance) fixedCodec(t *Type, g reflect.Type) (codec, error) {
	if g.Kind() != reflect.Slice && (g.Kind() != reflect.Array || g.Len() != int(t.Len)) {
		return nil, mismatch(t, g)
	}
	elem, err := in.codec(t.Elem, g.Elem())
	if err != nil {
		return nil, err
	}
	if t.Len > math.MaxInt32 {
		return nil, fmt.Errorf("%v is too long", t)
	}
	return &fixed{elem, int(t.Len), uint32(in.layout(t.Elem).Size)}, nil
}

// fill calls f with each element of a value from a guest.
func (x *fixed) fill(v reflect.Value, f func(i int, e reflect.Value)) {
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), x.n, x.n))
	}
	for i := range x.n {
		f(i, v.Index(i))
	}
}

// each calls f with each element of a value of the host.
func (x *fixed) each(v reflect.Value, f func(i int, e reflect.Value)) {
	if v.Len() != x.n {
		badValue("a list has %d elements, not %d", v.Len(), x.n)
	}
	for i := range x.n {
		f(i, v.Index(i))
	}
}

func (x *fixed) load(c *call, ptr uint32, v reflect.Value) {
	x.fill(v, func(i int, e reflect.Value) { x.elem.load(c, ptr+uint32(i)*x.size, e) })
}

func (x *fixed) store(c *call, v reflect.Value, ptr uint32) {
	x.each(v, func(i int, e reflect.Value) { x.elem.store(c, e, ptr+uint32(i)*x.size) })
}

func (x *fixed) lift(c *call, f *flat, v reflect.Value) {
	x.fill(v, func(_ int, e reflect.Value) { x.elem.lift(c, f, e) })
}

func (x *fixed) lower(c *call, v reflect.Value, f *flat) {
	x.each(v, func(_ int, e reflect.Value) { x.elem.lower(c, e, f) })
}
