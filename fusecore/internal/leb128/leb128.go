// Package leb128 decodes and encodes the variable-length integers of the core binary format (core specification 3.0,
// "Binary Format / Values / Integers"). Decoding is strict: overlong encodings, and unused bits that are not a sign
// extension, are errors.
package leb128

import "errors"

// Errors of decoding. They have no offset, which the caller knows.
var (
	ErrEnd     = errors.New("unexpected end in a LEB128 integer")
	ErrTooLong = errors.New("integer representation too long")
	ErrTooBig  = errors.New("integer too large")
)

// U32 decodes an unsigned 32-bit integer at the start of b and returns its length in bytes.
func U32(b []byte) (uint32, int, error) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint32(b[0]), 1, nil
	}
	return longer(b)
}

// longer is U32 for what is not one byte. Two and three bytes are frequent in indices of functions.
func longer(b []byte) (uint32, int, error) {
	if len(b) >= 3 {
		v := uint32(b[0]&0x7f) | uint32(b[1]&0x7f)<<7
		if b[1] < 0x80 {
			return v, 2, nil
		}
		if b[2] < 0x80 {
			return v | uint32(b[2])<<14, 3, nil
		}
	}
	v, n, err := unsigned(b, 32)
	return uint32(v), n, err
}

// U64 decodes an unsigned 64-bit integer.
func U64(b []byte) (uint64, int, error) { return unsigned(b, 64) }

// S32 decodes a signed 32-bit integer.
func S32(b []byte) (int32, int, error) {
	v, n, err := signed(b, 32)
	return int32(v), n, err
}

// S33 decodes a signed 33-bit integer, the format of block and heap types.
func S33(b []byte) (int64, int, error) { return signed(b, 33) }

// S64 decodes a signed 64-bit integer.
func S64(b []byte) (int64, int, error) { return signed(b, 64) }

func unsigned(b []byte, bits uint) (uint64, int, error) {
	var v uint64
	for i, shift := 0, uint(0); ; i, shift = i+1, shift+7 {
		if i >= len(b) {
			return 0, i, ErrEnd
		}
		c := b[i]
		if left := bits - shift; left < 7 {
			if c&0x80 != 0 {
				return 0, i, ErrTooLong
			}
			if c>>left != 0 {
				return 0, i, ErrTooBig
			}
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, i + 1, nil
		}
	}
}

func signed(b []byte, bits uint) (int64, int, error) {
	var v int64
	for i, shift := 0, uint(0); ; i, shift = i+1, shift+7 {
		if i >= len(b) {
			return 0, i, ErrEnd
		}
		c := b[i]
		if left := bits - shift; left < 7 {
			if c&0x80 != 0 {
				return 0, i, ErrTooLong
			}
			// The bits above the value must all equal its sign bit.
			if top := int8(c<<1) >> left; top != 0 && top != -1 {
				return 0, i, ErrTooBig
			}
		}
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if sh := shift + 7; sh < 64 && c&0x40 != 0 {
				v |= -1 << sh
			}
			return v, i + 1, nil
		}
	}
}

// AppendU32 appends the shortest encoding of v.
func AppendU32(b []byte, v uint32) []byte {
	switch {
	case v < 1<<7:
		return append(b, byte(v))
	case v < 1<<14:
		return append(b, byte(v)|0x80, byte(v>>7))
	case v < 1<<21:
		return append(b, byte(v)|0x80, byte(v>>7)|0x80, byte(v>>14))
	}
	return AppendU64(b, uint64(v))
}

// AppendU64 appends the shortest encoding of v.
func AppendU64(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// AppendS64 appends the shortest signed encoding of v, which is the same for every width.
func AppendS64(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// Size returns the length of the shortest encoding of v in bytes.
func Size(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}

// AppendSized appends what fill appends, preceded by its length. guess is an estimate of the length: the content is
// only moved if the encoding of the length turns out to be longer or shorter than that of the estimate.
func AppendSized(b []byte, guess int, fill func([]byte) []byte) []byte {
	at := len(b)
	b = append(b, room[:Size(uint64(guess))]...)
	start := len(b)
	b = fill(b)
	n := len(b) - start
	if at+Size(uint64(n)) != start {
		b = append(b, room[:]...)
		start, old := at+Size(uint64(n)), b[start:start+n]
		copy(b[start:], old)
		b = b[:start+n]
	}
	AppendU64(b[:at], uint64(n))
	return b
}

// room is a placeholder for an encoded length.
var room [10]byte
