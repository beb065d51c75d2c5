package decode

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// maxDepth bounds how deep components, component and instance types, and module types nest in each other.
const maxDepth = 100

// maxPrealloc bounds what is allocated for a count before its elements were read: nested vectors can each claim the
// whole rest of the input.
const maxPrealloc = 64

// reader reads a range of a file. The first failure sticks: every later read gives a zero value and does not move, so
// that a production reads all its parts and its caller looks at err once. Loops must look at ok.
type reader struct {
	data []byte // the whole file: positions are offsets in it
	pos  int
	end  int // of the innermost section or, outside of sections, of the component
	err  *diag.Error

	depth   int
	path    string // of definition indices of nested components, outermost first; empty at the top
	item    string // what is being read, for messages
	modules []pendingModule
}

// pendingModule is a core module that is to be decoded once the structure around it is known.
type pendingModule struct {
	def  *component.CoreModule
	path string
	item string
}

func (r *reader) ok() bool { return r.err == nil }

func (r *reader) fail(pos int, format string, args ...any) {
	if r.err != nil {
		return
	}
	e := diag.At(int64(pos), format, args...)
	e.Component, e.Item = r.path, r.item
	r.err = e
}

// failed takes over an error of another reader and says whether there is one.
func (r *reader) failed(err error) bool {
	if err == nil {
		return false
	}
	var e *diag.Error
	if r.err == nil && errors.As(diag.In(err, "", r.path, r.item), &e) {
		r.err = e
	}
	return true
}

// refuse complains about a feature that is known, but not read.
func (r *reader) refuse(pos int, what, of, hint string) {
	if r.err != nil {
		return
	}
	r.fail(pos, "%s is of %s, which is not supported", what, of)
	r.err.WithHint("%s", hint)
}

// failByte complains about the byte before the current position.
func (r *reader) failByte(b byte, expected string) {
	r.fail(r.pos-1, "unexpected byte 0x%02x; expected %s", b, expected)
}

func (r *reader) failEnd(expected string) {
	in := "section"
	if r.end == len(r.data) {
		in = "file"
	}
	r.fail(r.end, "unexpected end of %s; expected %s", in, expected)
}

func (r *reader) byte(expected string) byte {
	if r.err != nil {
		return 0
	}
	if r.pos >= r.end {
		r.failEnd(expected)
		return 0
	}
	b := r.data[r.pos]
	r.pos++
	return b
}

// peek gives the next byte, and false at the end.
func (r *reader) peek() (byte, bool) {
	if r.err != nil || r.pos >= r.end {
		return 0, false
	}
	return r.data[r.pos], true
}

func (r *reader) u32(expected string) uint32 {
	return readInt(r, leb128.U32, "", expected)
}

// readInt reads an integer; what was expected is said in two parts, put together only for an error.
func readInt[T any](r *reader, read func([]byte) (T, int, error), expected, of string) T {
	var zero T
	if r.err != nil {
		return zero
	}
	v, n, err := read(r.data[r.pos:r.end])
	switch {
	case errors.Is(err, leb128.ErrEnd):
		r.failEnd(expected + of)
		return zero
	case err != nil:
		r.fail(r.pos, "malformed encoding of %s", expected+of)
		r.err.Err = err
		return zero
	}
	r.pos += n
	return v
}

// take gives the next n bytes, which alias the input.
func (r *reader) take(n uint32, what string) []byte {
	if r.err != nil {
		return nil
	}
	if int64(n) > int64(r.end-r.pos) {
		r.fail(r.pos, "unexpected end of input; expected %d bytes of %s, but only %d remain", n, what, r.end-r.pos)
		return nil
	}
	b := r.data[r.pos : r.pos+int(n) : r.pos+int(n)]
	r.pos += int(n)
	return b
}

// name reads a core:name.
func (r *reader) name(what string) string {
	n := readInt(r, leb128.U32, "the length of ", what)
	start := r.pos
	b := r.take(n, what)
	if len(b) > limits.NameBytes {
		r.fail(start, "%s of %d bytes, %d more than the %d that engines accept", what, n, n-limits.NameBytes, limits.NameBytes)
		return ""
	}
	if r.err == nil && !utf8.Valid(b) {
		r.fail(start, "malformed UTF-8 encoding in %s", what)
	}
	return string(b)
}

// boolean reads a byte that is 0x00 or 0x01.
func (r *reader) boolean(what string) bool {
	b := r.byte(what)
	if b > 1 {
		r.failByte(b, "0x00 or 0x01 for "+what)
	}
	return b == 1
}

// fixed reads a byte that must be v.
func (r *reader) fixed(v byte, what string) {
	if b := r.byte(what); b != v {
		r.failByte(b, what)
	}
}

// count reads the length of a vector. Every element takes one byte at least, so a count beyond what remains is an error
// before anything is allocated for it.
func (r *reader) count(what string) uint32 {
	start := r.pos
	n := readInt(r, leb128.U32, "the number of ", what)
	if r.err == nil && int64(n) > int64(r.end-r.pos) {
		r.fail(start, "unexpected end of input; %d %s are announced, but only %d bytes remain", n, what, r.end-r.pos)
		return 0
	}
	return n
}

// vec reads a vector. It gives nil for an empty one.
func vec[T any](r *reader, what string, element func() T) []T {
	n := r.count(what)
	if n == 0 {
		return nil
	}
	out := make([]T, 0, min(n, maxPrealloc))
	for i := uint32(0); i < n && r.err == nil; i++ {
		out = append(out, element())
	}
	return out
}

// enter goes one nesting level deeper; the caller calls leave, also after a failure.
func (r *reader) enter(what string) {
	r.depth++
	if r.depth > maxDepth {
		r.fail(r.pos, "%s nested more than %d levels deep", what, maxDepth)
	}
}

func (r *reader) leave() { r.depth-- }

func (r *reader) le16() uint16 {
	b := r.take(2, "the preamble")
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint16(b)
}
