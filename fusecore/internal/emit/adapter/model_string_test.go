package adapter

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
)

// modelString is a string with its origin, which determines how it is lowered.
type modelString struct {
	runes []rune
	enc   cabi.Encoding // UTF8, UTF16, or Latin1UTF16 for latin1 proper
	both  bool          // the options' encoding was latin1+utf16
	units uint64        // untagged code units
}

func (m *model) tag() uint64 { return 1 << (m.ptrSize()*8 - 1) }

func (m *model) loadString(ptr, units uint64) any {
	s := modelString{enc: m.enc, both: m.enc == cabi.Latin1UTF16, units: units}
	if s.both && units&m.tag() != 0 {
		s.enc, s.units = cabi.UTF16, units^m.tag()
	}
	size := s.units
	if s.enc == cabi.UTF16 {
		trapIf(size > cabi.MaxStringBytes, "string length")
		size *= 2
	}
	trapIf(size > cabi.MaxStringBytes, "string length")
	trapIf(m.enc != cabi.UTF8 && ptr%2 != 0, "string alignment")
	m.inBounds(ptr, size)
	b := m.mem[ptr : ptr+size]
	switch s.enc {
	case cabi.UTF8:
		trapIf(!utf8.Valid(b), "utf8")
		s.runes = []rune(string(b))
	case cabi.UTF16:
		var u []uint16
		for i := 0; i < len(b); i += 2 {
			u = append(u, binary.LittleEndian.Uint16(b[i:]))
		}
		for i := 0; i < len(u); i++ {
			if !utf16.IsSurrogate(rune(u[i])) {
				continue
			}
			trapIf(i+1 == len(u) || utf16.DecodeRune(rune(u[i]), rune(u[i+1])) == utf8.RuneError, "utf16")
			i++
		}
		s.runes = utf16.Decode(u)
	default:
		for _, c := range b {
			s.runes = append(s.runes, rune(c))
		}
	}
	return s
}

func encodeAs(enc cabi.Encoding, runes []rune) []byte {
	var b []byte
	switch enc {
	case cabi.UTF8:
		return []byte(string(runes))
	case cabi.UTF16:
		for _, u := range utf16.Encode(runes) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
	default:
		for _, r := range runes {
			b = append(b, byte(r))
		}
	}
	return b
}

func (m *model) storeString(s modelString) (ptr, units uint64) {
	switch {
	case m.raw != nil:
		b := encodeAs(s.enc, s.runes)
		align := uint64(2)
		if m.enc == cabi.UTF8 {
			align = 1
		}
		ptr = m.alloc(0, 0, align, uint64(len(b)))
		copy(m.mem[ptr:], b)
		if s.both && s.enc == cabi.UTF16 {
			return ptr, s.units | m.tag()
		}
		return ptr, s.units
	case m.enc == cabi.UTF8 && s.enc == cabi.UTF8:
		return m.storeCopy(s, 1, 1, cabi.UTF8)
	case m.enc == cabi.UTF8:
		return m.storeToUTF8(s)
	case m.enc == cabi.UTF16 && s.enc == cabi.UTF8:
		return m.storeUTF8ToUTF16(s)
	case m.enc == cabi.UTF16:
		return m.storeCopy(s, 2, 2, cabi.UTF16)
	case !s.both:
		return m.storeToLatin1OrUTF16(s)
	case s.enc == cabi.Latin1UTF16:
		return m.storeCopy(s, 1, 2, cabi.Latin1UTF16)
	}
	return m.storeProbablyUTF16(s)
}

func (m *model) storeCopy(s modelString, unit, align uint64, enc cabi.Encoding) (uint64, uint64) {
	ptr := m.alloc(0, 0, align, unit*s.units)
	copy(m.mem[ptr:], encodeAs(enc, s.runes))
	return ptr, s.units
}

func (m *model) storeToUTF8(s modelString) (uint64, uint64) {
	worst := s.units * 3
	if s.enc == cabi.Latin1UTF16 {
		worst = s.units * 2
	}
	ptr := m.alloc(0, 0, 1, s.units)
	for i, r := range s.runes {
		if r < 0x80 {
			m.mem[ptr+uint64(i)] = byte(r)
			continue
		}
		ptr = m.alloc(ptr, s.units, 1, worst)
		b := encodeAs(cabi.UTF8, s.runes)
		copy(m.mem[ptr+uint64(i):], b[i:])
		n := uint64(len(b))
		if worst > n {
			ptr = m.alloc(ptr, worst, 1, n)
		}
		return ptr, n
	}
	return ptr, s.units
}

func (m *model) storeUTF8ToUTF16(s modelString) (uint64, uint64) {
	worst := 2 * s.units
	ptr := m.alloc(0, 0, 2, worst)
	b := encodeAs(cabi.UTF16, s.runes)
	copy(m.mem[ptr:], b)
	n := uint64(len(b))
	if n < worst {
		ptr = m.alloc(ptr, worst, 2, n)
	}
	return ptr, n / 2
}

func (m *model) storeToLatin1OrUTF16(s modelString) (uint64, uint64) {
	ptr := m.alloc(0, 0, 2, s.units)
	var n uint64
	for _, r := range s.runes {
		if r < 0x100 {
			m.mem[ptr+n] = byte(r)
			n++
			continue
		}
		worst := 2 * s.units
		ptr = m.alloc(ptr, s.units, 2, worst)
		for j := int(n) - 1; j >= 0; j-- {
			m.mem[ptr+2*uint64(j)] = m.mem[ptr+uint64(j)]
			m.mem[ptr+2*uint64(j)+1] = 0
		}
		b := encodeAs(cabi.UTF16, s.runes)
		copy(m.mem[ptr+2*n:], b[2*n:])
		if size := uint64(len(b)); worst > size {
			ptr = m.alloc(ptr, worst, 2, size)
		}
		return ptr, uint64(len(b))/2 | m.tag()
	}
	if n < s.units {
		ptr = m.alloc(ptr, s.units, 2, n)
	}
	return ptr, n
}

func (m *model) storeProbablyUTF16(s modelString) (uint64, uint64) {
	size := 2 * s.units
	ptr := m.alloc(0, 0, 2, size)
	b := encodeAs(cabi.UTF16, s.runes)
	copy(m.mem[ptr:], b)
	n := uint64(len(b)) / 2
	for _, r := range s.runes {
		if r >= 0x100 {
			return ptr, n | m.tag()
		}
	}
	for i := range n {
		m.mem[ptr+i] = m.mem[ptr+2*i]
	}
	return m.alloc(ptr, size, 1, n), n
}
