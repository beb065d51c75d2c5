// This file implements the validation of utf8 by vectors.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Vector validation of utf8 follows J. Keiser and D. Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte"
// (2021): whether one byte may follow another depends on three of their nibbles. Each kind of error is a bit, and its
// condition is a set of values for each of the three nibbles. Three table look-ups and two ands find all errors in 16
// bytes at once.

// nibbles is a set of nibbles: bit i for the nibble i.
type nibbles uint16

// span returns the set of nibbles from lo to hi.
func span(lo, hi int) nibbles { return nibbles(1<<(hi+1) - 1<<lo) }

// badPairs are the kinds of errors, by bit number: sets for the upper and lower nibble of a byte, and for the upper
// nibble of the next one.
var badPairs = [8]struct{ upper, lower, next nibbles }{
	{span(0xc, 0xf), span(0, 0xf), span(0, 7) | span(0xc, 0xf)}, // a lead without a continuation
	{span(0, 7), span(0, 0xf), span(8, 0xb)},                    // a continuation after ASCII
	{span(0xc, 0xc), span(0, 1), span(8, 0xb)},                  // two bytes for ASCII
	{span(0xe, 0xe), span(0, 0), span(8, 9)},                    // three bytes for less than 0x800
	{span(0xe, 0xe), span(0xd, 0xd), span(0xa, 0xb)},            // surrogates
	{span(0xf, 0xf), span(4, 0xf), span(9, 0xb)},                // 0x110000 and more
	{span(0xf, 0xf), span(0, 0) | span(5, 0xf), span(8, 8)},     // four bytes for less than 0x10000, or 0x140000 and more
	{span(8, 0xb), span(0, 0xf), span(8, 0xb)},                  // two continuations: valid after long leads, see check
}

// pairTables returns the three look-up tables of badPairs.
func pairTables() (upper, lower, next [16]byte) {
	for bit, p := range badPairs {
		for i := range 16 {
			upper[i] |= byte(p.upper>>i&1) << bit
			lower[i] |= byte(p.lower>>i&1) << bit
			next[i] |= byte(p.next>>i&1) << bit
		}
	}
	return upper, lower, next
}

// vectors are the locals of vector validation: the previous 16 bytes, the current ones, and the errors so far.
type vectors struct{ before, bytes, errors, shifted, pairs asm.Local }

// splat8 pushes a vector with one value in all bytes.
func (b *body) splat8(v byte) {
	var c [16]byte
	for i := range c {
		c[i] = v
	}
	b.V128Const(c)
}

// preceding pushes, for each of the current bytes, the one that is back bytes before it.
func (b *body) preceding(v vectors, back int) {
	var lanes [16]byte
	for i := range lanes {
		lanes[i] = byte(16 - back + i)
	}
	b.get(v.before, v.bytes).Shuffle(lanes)
}

// check adds the errors in the current bytes to the errors so far. An incomplete character at their end is not an
// error.
func (b *body) check(v vectors) {
	upper, lower, next := pairTables()
	b.preceding(v, 1)
	b.LocalSet(v.shifted)
	b.V128Const(upper).LocalGet(v.shifted).I32Const(4).Op(op.I8x16ShrU, op.I8x16Swizzle)
	b.V128Const(lower).LocalGet(v.shifted)
	b.splat8(0x0f)
	b.Op(op.V128And, op.I8x16Swizzle, op.V128And)
	b.V128Const(next).LocalGet(v.bytes).I32Const(4).Op(op.I8x16ShrU, op.I8x16Swizzle, op.V128And).LocalSet(v.pairs)
	// The second byte after a lead of three, and the second and third after a lead of four, must be a second
	// continuation: bit 7 of pairs there and nowhere else.
	b.preceding(v, 2)
	b.splat8(0xe0 - 0x80)
	b.Op(op.I8x16SubSatU)
	b.preceding(v, 3)
	b.splat8(0xf0 - 0x80)
	b.Op(op.I8x16SubSatU, op.V128Or)
	b.splat8(0x80)
	b.Op(op.V128And).LocalGet(v.pairs).Op(op.V128Xor)
	b.LocalGet(v.errors).Op(op.V128Or).LocalSet(v.errors)
}

// copyUTF8Vectors copies and validates 16 bytes at a time, from the start of a character with at least 16 bytes left.
// It branches to again at the beginning of a stretch of ASCII, to done at the end of the text, and falls through at the
// start of a character close to the end. Total is the length of the whole text.
func (b *body) copyUTF8Vectors(total asm.Local, again, done asm.Label) {
	v128 := corewasm.V128
	v := vectors{b.Local(v128), b.Local(v128), b.Local(v128), b.Local(v128), b.Local(v128)}
	quiet := b.i32()
	b.V128Const([16]byte{}).LocalTee(v.before).LocalSet(v.errors)
	b.I32Const(0).LocalSet(quiet)
	next := b.Loop()
	b.LocalGet(b.dp).LocalGet(b.sp).Mem(op.V128Load, b.src.mem, 0, 0).LocalTee(v.bytes).Mem(op.V128Store, b.dst.mem, 0, 0)
	b.check(v)
	b.advance(16, 1, 1)
	b.LocalGet(v.bytes).LocalTee(v.before).Op(op.I8x16Bitmask).Op(op.I32Eqz)
	b.LocalGet(quiet).I32Const(1).Op(op.I32Add, op.I32Mul).LocalTee(quiet)
	b.I32Const(4).Op(op.I32LtU)
	b.LocalGet(b.n).I32Const(16).Op(op.I32GeU, op.I32And)
	b.BrIf(next)
	b.End()
	b.LocalGet(v.errors).Op(op.V128AnyTrue)
	b.TrapIf(trap.InvalidUTF8)
	b.LocalGet(b.n).I32Const(16).Op(op.I32GeU)
	b.BrIf(again)
	b.copyLastVector(v, total, done)
	// Back to the start of a character that the last vector does not finish.
	from := b.Local(b.src.ptr())
	b.LocalGet(b.sp).LocalSet(from)
	b.bump(b.src, from, -16)
	for i, least := range []int32{0xc0, 0xe0, 0xf0} {
		b.LocalGet(from).Mem(op.I32Load8U, b.src.mem, 0, uint64(15-i)).I32Const(least).Op(op.I32GeU)
		b.If()
		b.advance(-1-i, 1, 1)
		b.End()
	}
}

// copyLastVector converts fewer than 16 remaining bytes of a text of at least 32, together with preceding ones, and
// branches to done.
func (b *body) copyLastVector(v vectors, total asm.Local, done asm.Label) {
	from := b.Local(b.src.ptr())
	b.LocalGet(total).I32Const(32).Op(op.I32GeU)
	b.If()
	b.back(b.src, b.sp, 1, 32)
	b.LocalTee(from).Mem(op.V128Load, b.src.mem, 0, 0).LocalSet(v.before)
	b.back(b.dst, b.dp, 1, 16)
	b.LocalGet(from).Mem(op.V128Load, b.src.mem, 0, 16).LocalTee(v.bytes).Mem(op.V128Store, b.dst.mem, 0, 0)
	b.check(v)
	b.LocalGet(v.errors).Op(op.V128AnyTrue)
	b.TrapIf(trap.InvalidUTF8)
	for i, least := range []int32{0xf0, 0xe0, 0xc0} {
		b.LocalGet(from).Mem(op.I32Load8U, b.src.mem, 0, uint64(29+i)).I32Const(least).Op(op.I32GeU)
	}
	b.Op(op.I32Or, op.I32Or)
	b.TrapIf(trap.InvalidUTF8)
	b.Br(done)
	b.End()
}
