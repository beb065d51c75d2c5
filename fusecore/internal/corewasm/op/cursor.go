// This file implements decoding of the binary format's primitives and types.

package op

import (
	"unicode/utf8"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
)

// Cursor decodes the primitives of the binary format from a range of a file. Its error is sticky: after the first one,
// reads return zero values and leave Pos unchanged, so a caller may check Err once for several reads.
type Cursor struct {
	B    []byte
	Pos  int
	Base int64 // offset of B[0] in the file
	Err  error // always a *diag.Error
}

// Fail records an error at a position of B, unless there already is one.
func (c *Cursor) Fail(pos int, format string, args ...any) {
	if c.Err == nil {
		c.Err = diag.At(c.Base+int64(pos), format, args...)
	}
}

// More reports whether there is something left to decode.
func (c *Cursor) More() bool { return c.Err == nil && c.Pos < len(c.B) }

// Left returns the number of bytes left.
func (c *Cursor) Left() int { return len(c.B) - c.Pos }

// Offset returns the file offset of the next byte.
func (c *Cursor) Offset() int64 { return c.Base + int64(c.Pos) }

// Byte decodes one byte.
func (c *Cursor) Byte() byte {
	if c.Err != nil || c.Pos >= len(c.B) {
		c.Fail(c.Pos, "unexpected end: expected a byte")
		return 0
	}
	c.Pos++
	return c.B[c.Pos-1]
}

// Peek returns the next byte without advancing, or false at the end.
func (c *Cursor) Peek() (byte, bool) {
	if c.Err != nil || c.Pos >= len(c.B) {
		return 0, false
	}
	return c.B[c.Pos], true
}

// Bytes reads n bytes, which alias the input.
func (c *Cursor) Bytes(n uint32) []byte {
	if c.Err != nil || int64(n) > int64(len(c.B)-c.Pos) {
		c.Fail(c.Pos, "unexpected end: expected %d bytes, %d are left", n, len(c.B)-c.Pos)
		return nil
	}
	c.Pos += int(n)
	return c.B[c.Pos-int(n) : c.Pos : c.Pos]
}

// Sub decodes a length and returns a cursor over that many bytes.
func (c *Cursor) Sub() Cursor {
	n := c.U32()
	at := c.Offset()
	b := c.Bytes(n)
	if c.Err != nil {
		return Cursor{Base: at, Err: c.Err}
	}
	return Cursor{B: b, Base: at}
}

// Count decodes the length of a vector whose elements have at least one byte each, and rejects one that cannot fit.
func (c *Cursor) Count(what string) int {
	at := c.Pos
	n := c.U32()
	if c.Err == nil && int64(n) > int64(c.Left()) {
		c.Fail(at, "%d %s cannot fit in the %d bytes left", n, what, c.Left())
		return 0
	}
	return int(n)
}

// Name decodes a UTF-8 string.
func (c *Cursor) Name() string { return string(c.NameBytes()) }

// NameBytes decodes a UTF-8 string, which aliases the input.
func (c *Cursor) NameBytes() []byte {
	n := c.U32()
	at := c.Pos
	b := c.Bytes(n)
	if len(b) > limits.NameBytes {
		c.Fail(at, "a name of %d bytes, %d more than the %d that engines accept", n, n-limits.NameBytes, limits.NameBytes)
		return nil
	}
	if !utf8.Valid(b) {
		c.Fail(at, "name is not valid UTF-8")
		return nil
	}
	return b
}

// U32 decodes an unsigned 32-bit integer.
func (c *Cursor) U32() uint32 {
	if c.Err == nil && c.Pos < len(c.B) && c.B[c.Pos] < 0x80 {
		c.Pos++
		return uint32(c.B[c.Pos-1])
	}
	return cursorRead(c, leb128.U32)
}

// U64 decodes an unsigned 64-bit integer.
func (c *Cursor) U64() uint64 { return cursorRead(c, leb128.U64) }

// S32 decodes a signed 32-bit integer.
func (c *Cursor) S32() int32 { return cursorRead(c, leb128.S32) }

// S33 decodes a signed 33-bit integer.
func (c *Cursor) S33() int64 { return cursorRead(c, leb128.S33) }

// S64 decodes a signed 64-bit integer.
func (c *Cursor) S64() int64 { return cursorRead(c, leb128.S64) }

func cursorRead[T any](c *Cursor, read func([]byte) (T, int, error)) (zero T) {
	if c.Err != nil {
		return zero
	}
	v, n, err := read(c.B[c.Pos:])
	if err != nil {
		e := diag.At(c.Base+int64(c.Pos), "bad integer")
		e.Err = err
		c.Err = e
		return zero
	}
	c.Pos += n
	return v
}

// HeapType decodes a heap type. Type indices are not checked.
func (c *Cursor) HeapType() corewasm.HeapType {
	at := c.Pos
	if b, ok := c.Peek(); ok && abstractHeap(b) {
		c.Pos++
		return corewasm.HeapType(b) - 0x80
	}
	x := c.S33()
	if x < 0 {
		c.failType(at, c.B[at], "unknown heap type 0x%02x: expected a type index or an abstract heap type", c.B[at])
		return 0
	}
	return corewasm.HeapType(x)
}

func abstractHeap(b byte) bool { return b >= 0x69 && b <= 0x74 }

// ValType decodes a value type. Type indices are not checked.
func (c *Cursor) ValType() corewasm.ValType {
	at := c.Pos
	b := c.Byte()
	switch {
	case b >= corewasm.CodeV128 && b <= corewasm.CodeI32:
		return corewasm.ValType{Code: b}
	case abstractHeap(b):
		return corewasm.ValType{Code: corewasm.CodeRefNull, Heap: corewasm.HeapType(b) - 0x80}
	case b == corewasm.CodeRef || b == corewasm.CodeRefNull:
		return corewasm.ValType{Code: b, Heap: c.HeapType()}
	}
	c.failType(at, b, "unknown value type 0x%02x", b)
	return corewasm.I32
}

// RefType decodes a reference type.
func (c *Cursor) RefType() corewasm.ValType {
	at := c.Pos
	t := c.ValType()
	if c.Err == nil && !t.IsRef() {
		c.Fail(at, "%s", diag.Differ("expected %s, found %s", "a reference type", t))
	}
	return t
}

// AppendHeapType appends a heap type.
func AppendHeapType(b []byte, h corewasm.HeapType) []byte { return leb128.AppendS64(b, int64(h)) }

// AppendValType appends a value or storage type, as a shorthand if there is one.
func AppendValType(b []byte, t corewasm.ValType) []byte {
	switch {
	case t.Code == corewasm.CodeRefNull && t.Heap < 0:
		return AppendHeapType(b, t.Heap)
	case t.IsRef():
		return AppendHeapType(append(b, t.Code), t.Heap)
	}
	return append(b, t.Code)
}
