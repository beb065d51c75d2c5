package transcode

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
)

// model implements the specification's load_string_from_range and store_string_into_range on Go slices.
type model struct {
	src, dst     []byte
	srcEnc       cabi.Encoding
	dstEnc       cabi.Encoding
	src64, dst64 bool
	script       []allocation
	calls        [][4]uint64
}

// allocation is the behaviour of the scripted realloc in one call.
type allocation struct {
	ptr  uint64
	copy bool // keep the old block's content
}

// trapped is the model's panic value for a trap.
type trapped struct{}

func trapIf(c bool) {
	if c {
		panic(trapped{})
	}
}

func tagOf(wide bool) uint64 {
	if wide {
		return 1 << 63
	}
	return 1 << 31
}

// inside reports whether [ptr, ptr+size) is within mem.
func inside(mem []byte, ptr, size uint64) bool {
	return ptr <= uint64(len(mem)) && size <= uint64(len(mem))-ptr
}

func (m *model) realloc(old, oldSize, align, size uint64) uint64 {
	a := m.script[len(m.calls)]
	m.calls = append(m.calls, [4]uint64{old, oldSize, align, size})
	if a.copy {
		copy(m.dst[a.ptr:][:min(oldSize, size)], m.dst[old:])
	}
	return a.ptr
}

// allocate reallocates and checks the result.
func (m *model) allocate(old, oldSize, align, size uint64) uint64 {
	p := m.realloc(old, oldSize, align, size)
	trapIf(p%align != 0)
	trapIf(!inside(m.dst, p, size))
	return p
}

func (m *model) pass(ptr, length uint64) (dptr, dlen uint64, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(trapped); !is {
				panic(r)
			}
			dptr, dlen, ok = 0, 0, false
		}
	}()
	dptr, dlen = m.store(m.load(ptr, length))
	return dptr, dlen, true
}

// load returns the string, its actual encoding, with Latin1UTF16 for latin1, and its number of units in that encoding.
func (m *model) load(ptr, length uint64) (s []rune, enc cabi.Encoding, units uint64) {
	align, unit, enc := uint64(1), uint64(1), m.srcEnc
	units = length
	switch t := tagOf(m.src64); {
	case enc == cabi.Latin1UTF16 && length&t != 0:
		enc, align, unit, units = cabi.UTF16, 2, 2, length^t
	case enc == cabi.Latin1UTF16:
		align = 2
	case enc == cabi.UTF16:
		align, unit = 2, 2
	}
	trapIf(units > (1<<28-1)/unit)
	trapIf(ptr%align != 0)
	trapIf(!inside(m.src, ptr, units*unit))
	b := m.src[ptr:][:units*unit]
	switch enc {
	case cabi.UTF8:
		trapIf(!utf8.Valid(b))
		s = []rune(string(b))
	case cabi.Latin1UTF16:
		for _, c := range b {
			s = append(s, rune(c))
		}
	case cabi.UTF16:
		for i := 0; i < len(b); i += 2 {
			u := rune(binary.LittleEndian.Uint16(b[i:]))
			if utf16.IsSurrogate(u) {
				trapIf(i+4 > len(b))
				u = utf16.DecodeRune(u, rune(binary.LittleEndian.Uint16(b[i+2:])))
				trapIf(u == 0xfffd)
				i += 2
			}
			s = append(s, u)
		}
	}
	return s, enc, units
}

func encode16(s []rune) (b []byte) {
	for _, u := range utf16.Encode(s) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func encode1(s []rune) (b []byte) {
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

func (m *model) store(s []rune, enc cabi.Encoding, units uint64) (uint64, uint64) {
	switch m.dstEnc {
	case cabi.UTF8:
		switch enc {
		case cabi.UTF8:
			return m.storeCopy([]byte(string(s)), 1, units)
		case cabi.UTF16:
			return m.storeUTF8(s, units, 3*units)
		default:
			return m.storeUTF8(s, units, 2*units)
		}
	case cabi.UTF16:
		if enc == cabi.UTF8 {
			return m.storeUTF8ToUTF16(s, units)
		}
		return m.storeCopy(encode16(s), 2, units)
	default:
		switch {
		case m.srcEnc != cabi.Latin1UTF16:
			return m.storeLatin1OrUTF16(s, units)
		case enc == cabi.UTF16:
			return m.storeProbablyUTF16(s, units)
		default:
			return m.storeCopy(encode1(s), 2, units)
		}
	}
}

func (m *model) storeCopy(b []byte, align, units uint64) (uint64, uint64) {
	p := m.allocate(0, 0, align, uint64(len(b)))
	copy(m.dst[p:], b)
	return p, units
}

func (m *model) storeUTF8(s []rune, units, worst uint64) (uint64, uint64) {
	p := m.allocate(0, 0, 1, units)
	for i, r := range s {
		if r < 0x80 {
			m.dst[p+uint64(i)] = byte(r)
			continue
		}
		p = m.allocate(p, units, 1, worst)
		b := []byte(string(s))
		copy(m.dst[p+uint64(i):], b[i:])
		if n := uint64(len(b)); worst > n {
			p = m.allocate(p, worst, 1, n)
		}
		return p, uint64(len(b))
	}
	return p, units
}

func (m *model) storeUTF8ToUTF16(s []rune, units uint64) (uint64, uint64) {
	p := m.allocate(0, 0, 2, 2*units)
	b := encode16(s)
	copy(m.dst[p:], b)
	if n := uint64(len(b)); n < 2*units {
		p = m.allocate(p, 2*units, 2, n)
	}
	return p, uint64(len(b) / 2)
}

func (m *model) storeLatin1OrUTF16(s []rune, units uint64) (uint64, uint64) {
	p := m.allocate(0, 0, 2, units)
	n := uint64(0)
	for _, r := range s {
		if r < 0x100 {
			m.dst[p+n] = byte(r)
			n++
			continue
		}
		p = m.allocate(p, units, 2, 2*units)
		for j := int(n) - 1; j >= 0; j-- {
			m.dst[p+2*uint64(j)] = m.dst[p+uint64(j)]
			m.dst[p+2*uint64(j)+1] = 0
		}
		b := encode16(s)
		copy(m.dst[p+2*n:], b[2*n:])
		if l := uint64(len(b)); 2*units > l {
			p = m.allocate(p, 2*units, 2, l)
		}
		return p, uint64(len(b)/2) | tagOf(m.dst64)
	}
	if n < units {
		p = m.allocate(p, units, 2, n)
	}
	return p, n
}

func (m *model) storeProbablyUTF16(s []rune, units uint64) (uint64, uint64) {
	p := m.allocate(0, 0, 2, 2*units)
	copy(m.dst[p:], encode16(s))
	for _, r := range s {
		if r >= 0x100 {
			return p, units | tagOf(m.dst64)
		}
	}
	for i := range units {
		m.dst[p+i] = m.dst[p+2*i]
	}
	return m.allocate(p, 2*units, 1, units), units
}
