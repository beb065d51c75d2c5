// This file implements validation where a string is, without a destination: one function for each memory and encoding.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
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

// validator is the key of a function that validates.
type validator struct {
	src  end
	enc  cabi.Encoding
	simd bool
}

// copyValid validates a string of utf8 or utf16 where it is, and copies it in bulk.
func (b *body) copyValid(enc cabi.Encoding) {
	t := corewasm.FuncType{Params: []corewasm.ValType{b.src.ptr(), corewasm.I32}}
	valid := b.u.Shared(validator{b.src, enc, b.simd}, "validate "+enc.String(), t, func(f *asm.Func) {
		f.Outlined = true
		v := &body{Func: f, u: b.u, src: b.src, simd: b.simd, sp: f.Param(0), n: f.Param(1)}
		switch {
		case enc == cabi.UTF16:
			v.copyUTF16()
		case v.simd && !v.src.bytePages:
			v.validateUTF8()
		default:
			size := v.i32()
			v.alternate(ascii8(1), func(asm.Label) {
				v.loadChar(size)
				v.LocalGet(size)
				v.decode()
				v.LocalSet(size).Op(op.Drop)
				v.skip(size)
			})
		}
		f.Finish()
	})
	b.get(b.sp, b.n).Call(valid)
	b.get(b.dp, b.sp, b.n)
	if enc == cabi.UTF16 {
		b.I32Const(1).Op(op.I32Shl)
	}
	b.copyBytes()
}

// copyBytes copies between the memories: [dst src length i32] -> [].
func (b *body) copyBytes() {
	if b.src.wide && b.dst.wide { // the length has the narrower of the two pointer types
		b.Op(op.I64ExtendI32U)
	}
	b.MemoryCopy(b.dst.mem, b.src.mem)
}

// validateUTF8 traps unless the text is valid, 16 bytes at a time. After the text it sees zeros, so an incomplete
// character at its end is an error like any other.
//
// Memory has at least a page, so the last 16 bytes that end where the text ends, or the first ones of memory, can be loaded.
func (b *body) validateUTF8() {
	v128 := corewasm.V128
	before, bytes, errors, lanes := b.Local(v128), b.Local(v128), b.Local(v128), b.Local(v128)
	at := b.Local(b.src.ptr())
	b.LocalGet(b.n).Op(op.I32Eqz)
	b.If()
	b.Return()
	b.End()
	again := b.Loop()
	b.LocalGet(b.n).I32Const(16).Op(op.I32GeU)
	b.If(v128)
	b.LocalGet(b.sp).Mem(op.V128Load, b.src.mem, 0, 0)
	b.Else()
	b.lastVector(at)
	b.LocalGet(at).Mem(op.V128Load, b.src.mem, 0, 0)
	// Lane i becomes lane i+sp-at, or zero from n on.
	var iota [16]byte
	for i := range iota {
		iota[i] = byte(i)
	}
	b.V128Const(iota).LocalTee(lanes)
	b.distance(b.src, at, b.sp).Op(op.I8x16Splat, op.I8x16Add)
	b.LocalGet(lanes).LocalGet(b.n).Op(op.I8x16Splat, op.I8x16GeU, op.V128Or, op.I8x16Swizzle)
	b.End()
	b.LocalTee(bytes).LocalGet(before).Op(op.V128Or, op.I8x16Bitmask)
	b.If()
	b.get(before, bytes).Call(b.pairs()).LocalGet(errors).Op(op.V128Or).LocalSet(errors)
	b.End()
	b.LocalGet(bytes).LocalSet(before)
	b.bump(b.src, b.sp, 16)
	b.LocalGet(b.n).I32Const(16).Op(op.I32Sub).LocalTee(b.n).I32Const(-1).Op(op.I32GtS)
	b.BrIf(again)
	b.End()
	b.LocalGet(errors).Op(op.V128AnyTrue)
	b.TrapIf(trap.InvalidUTF8)
}

// lastVector sets at to the text's end minus 16, or to zero if the text ends before address 16.
func (b *body) lastVector(at asm.Local) {
	b.LocalGet(b.n)
	b.addTo(b.src, b.sp)
	b.LocalTee(at)
	if b.src.wide {
		b.I64Const(16).Op(op.I64Sub).I64Const(0).LocalGet(at).I64Const(15).Op(op.I64GtU, op.Select)
	} else {
		b.I32Const(16).Op(op.I32Sub).I32Const(0).LocalGet(at).I32Const(16).Op(op.I32GeU, op.Select)
	}
	b.LocalSet(at)
}

// pairs returns the function [before bytes] -> [errors] with the errors in 16 bytes that follow 16 others, all v128. An
// incomplete character at their end is an error in the next 16 bytes.
func (b *body) pairs() asm.Sym {
	v128 := corewasm.V128
	t := corewasm.FuncType{Params: []corewasm.ValType{v128, v128}, Results: []corewasm.ValType{v128}}
	return b.u.Helper("utf8 errors", t, func(f *asm.Func) {
		f.Outlined = true
		h := &body{Func: f}
		h.errors(f.Param(0), f.Param(1))
		f.Finish()
	})
}

// splat8 pushes a vector with one value in all bytes.
func (b *body) splat8(v byte) { b.I32Const(int32(int8(v))).Op(op.I8x16Splat) }

// preceding pushes, for each of the bytes, the one that is back bytes before it.
func (b *body) preceding(before, bytes asm.Local, back int) {
	var lanes [16]byte
	for i := range lanes {
		lanes[i] = byte(16 - back + i)
	}
	b.get(before, bytes).Shuffle(lanes)
}

// errors pushes the errors in bytes.
func (b *body) errors(before, bytes asm.Local) {
	upper, lower, next := pairTables()
	shifted := b.Local(corewasm.V128)
	b.preceding(before, bytes, 1)
	b.LocalSet(shifted)
	b.V128Const(upper).LocalGet(shifted).I32Const(4).Op(op.I8x16ShrU, op.I8x16Swizzle)
	b.V128Const(lower).LocalGet(shifted)
	b.splat8(0x0f)
	b.Op(op.V128And, op.I8x16Swizzle, op.V128And)
	b.V128Const(next).LocalGet(bytes).I32Const(4).Op(op.I8x16ShrU, op.I8x16Swizzle, op.V128And)
	// The second byte after a lead of three, and the second and third after a lead of four, must be a second
	// continuation: bit 7 of the above there and nowhere else.
	b.preceding(before, bytes, 2)
	b.splat8(0xe0 - 0x80)
	b.Op(op.I8x16SubSatU)
	b.preceding(before, bytes, 3)
	b.splat8(0xf0 - 0x80)
	b.Op(op.I8x16SubSatU, op.V128Or)
	b.splat8(0x80)
	b.Op(op.V128And, op.V128Xor)
}
