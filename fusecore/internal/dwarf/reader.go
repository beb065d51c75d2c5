// This file implements the reading of the primitives of DWARF.

package dwarf

import (
	"encoding/binary"
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// reader reads a section. What is malformed ends in a panic with a *malformed.
type reader struct {
	section string
	b       []byte
	pos     int
}

// at returns a reader of the rest of a section from an offset on.
func at(section string, b []byte, offset uint64) *reader {
	r := &reader{section, b, 0}
	if offset > uint64(len(b)) {
		r.fail("offset 0x%x is outside, it has %d bytes", offset, len(b))
	}
	r.pos = int(offset)
	return r
}

func (r *reader) fail(format string, args ...any) {
	panic(&malformed{r.section, r.pos, fmt.Sprintf(format, args...)})
}

func (r *reader) more() bool { return r.pos < len(r.b) }

// bytes reads n bytes.
func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.b)-r.pos) {
		r.fail("%d bytes are expected, and %d are left", n, len(r.b)-r.pos)
	}
	r.pos += int(n)
	return r.b[r.pos-int(n) : r.pos]
}

// uint reads an integer of 1 to 8 bytes.
func (r *reader) uint(size int) uint64 {
	var b [8]byte
	copy(b[:], r.bytes(uint64(size)))
	return binary.LittleEndian.Uint64(b[:])
}

func (r *reader) uleb() uint64 {
	v, n, err := leb128.U64(r.b[r.pos:])
	if err != nil {
		r.fail("%v", err)
	}
	r.pos += n
	return v
}

func (r *reader) sleb() int64 {
	v, n, err := leb128.S64(r.b[r.pos:])
	if err != nil {
		r.fail("%v", err)
	}
	r.pos += n
	return v
}

// text skips a string that ends with a zero, and returns it without that.
func (r *reader) text() []byte {
	for i := r.pos; i < len(r.b); i++ {
		if r.b[i] == 0 {
			s := r.b[r.pos:i]
			r.pos = i + 1
			return s
		}
	}
	r.fail("a string does not end")
	return nil
}

// unit reads the length that a contribution to a section begins with (7.4), and returns a reader whose section ends with it. r
// goes on behind it.
func (r *reader) unit() *reader {
	n := r.uint(4)
	if n >= 0xfffffff0 {
		r.pos -= 4
		r.fail("this is DWARF in its 64-bit format, which is not supported")
	}
	start := r.pos
	r.bytes(n)
	return &reader{r.section, r.b[:r.pos], start}
}

// version reads a version, which must be in a range.
func (r *reader) version(from, to uint64) int {
	v := r.uint(2)
	if v < from || v > to {
		r.pos -= 2
		r.fail("version %d, and %d to %d are supported", v, from, to)
	}
	return int(v)
}

// addressSize checks the size of an address.
func (r *reader) addressSize(n uint64) int {
	if n != 4 && n != 8 {
		r.fail("addresses of %d bytes", n)
	}
	return int(n)
}

// put overwrites an integer of some bytes. One that does not fit becomes the greatest one that does.
func put(b []byte, size int, v uint64) {
	if size < 8 && v>>(8*size) != 0 {
		v = 1<<(8*size) - 1
	}
	for i := range size {
		b[i] = byte(v >> (8 * i))
	}
}

// appendUint appends an integer of some bytes.
func appendUint(b []byte, size int, v uint64) []byte {
	n := len(b)
	b = append(b, make([]byte, size)...)
	put(b[n:], size, v)
	return b
}

// appendUnit appends what fill appends, preceded by its length.
func appendUnit(b []byte, fill func([]byte) []byte) []byte {
	at := len(b)
	b = fill(append(b, 0, 0, 0, 0))
	put(b[at:], 4, uint64(len(b)-at-4))
	return b
}
