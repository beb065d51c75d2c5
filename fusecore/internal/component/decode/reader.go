// This file implements the reader with its sticky error that all productions use.

package decode

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// maxDepth limits the nesting of components, component and instance types, and module types.
const maxDepth = 100

// maxPrealloc limits the allocation for a count before its elements are decoded, because nested vectors can each claim
// the whole rest of the input.
const maxPrealloc = 64

// reader reads a range of a file. The first error sticks: later reads return zero values without advancing, so that a
// production can read all its parts before err is checked. Loops must check ok.
type reader struct {
	data []byte // the whole file, in which positions are offsets
	pos  int
	end  int // end of the innermost section, or of the component outside sections
	err  *diag.Error
	opt  Options

	depth   int
	path    string // definition indices of nested components, outermost first; empty at the top level
	item    string // what is being decoded, for messages
	modules []pendingModule
}

// pendingModule is a core module to decode once the structure around it is decoded.
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

// failed copies the error of another reader and reports whether there is one.
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

// refuse rejects a feature that is known but not supported.
func (r *reader) refuse(pos int, what, of, hint string) {
	if r.err != nil {
		return
	}
	r.fail(pos, "%s belongs to %s, which is not supported", what, of)
	r.err.WithHint("%s", hint)
}

// failByte reports an error about the previous byte.
func (r *reader) failByte(b byte, expected string) {
	r.unexpected(r.pos-1, fmt.Sprintf("byte 0x%02x", b), expected)
}

func (r *reader) failEnd(expected string) {
	in := "section"
	if r.end == len(r.data) {
		in = "file"
	}
	r.unexpected(r.end, "end of "+in, expected)
}

// unexpected reports what is found in the place of something else.
func (r *reader) unexpected(pos int, found, expected string) {
	r.fail(pos, "%s", &diag.Mismatch{Expected: expected, Found: found, Text: fmt.Sprintf("unexpected %s; expected %s", found, expected)})
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

// peek returns the next byte, or false at the end.
func (r *reader) peek() (byte, bool) {
	if r.err != nil || r.pos >= r.end {
		return 0, false
	}
	return r.data[r.pos], true
}

func (r *reader) u32(expected string) uint32 {
	return readInt(r, leb128.U32, "", expected)
}

// readInt reads an integer. The two parts of the expectation are only joined for an error.
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

// take returns the next n bytes, which alias the input.
func (r *reader) take(n uint32, what string) []byte {
	if r.err != nil {
		return nil
	}
	if int64(n) > int64(r.end-r.pos) {
		r.fail(r.pos, "unexpected end of input; %s", diag.Differ("expected %s, but only %d remain", fmt.Sprintf("%d bytes of %s", n, what), r.end-r.pos))
		return nil
	}
	b := r.data[r.pos : r.pos+int(n) : r.pos+int(n)]
	r.pos += int(n)
	return b
}

// name decodes a core:name.
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

// boolean decodes a byte that is 0x00 or 0x01.
func (r *reader) boolean(what string) bool {
	b := r.byte(what)
	if b > 1 {
		r.failByte(b, "0x00 or 0x01 for "+what)
	}
	return b == 1
}

// fixed decodes a byte that must be v.
func (r *reader) fixed(v byte, what string) {
	if b := r.byte(what); b != v {
		r.failByte(b, what)
	}
}

// count decodes the length of a vector. Every element has at least one byte, so a count beyond the rest of the input is
// an error before anything is allocated for it.
func (r *reader) count(what string) uint32 {
	start := r.pos
	n := readInt(r, leb128.U32, "the number of ", what)
	if r.err == nil && int64(n) > int64(r.end-r.pos) {
		r.fail(start, "unexpected end of input; %d %s are announced, but only %d bytes remain", n, what, r.end-r.pos)
		return 0
	}
	return n
}

// vec decodes a vector. It returns nil for an empty one.
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

// enter increments the nesting depth. The caller must call leave, even after an error.
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
