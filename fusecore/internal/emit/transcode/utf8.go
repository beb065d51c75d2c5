// This file implements conversions from utf8.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// ascii8 is the run of ASCII in bytes.
func ascii8(out int) run { return run{in: 1, out: out, mask: 0x80} }

// loadChar sets bytes to the next four bytes, the first one lowest, or to the remaining ones followed by zeros.
func (b *body) loadChar(bytes asm.Local) {
	b.LocalGet(b.n).I32Const(4).Op(op.I32GeU)
	b.If()
	b.load(op.I32Load, 0)
	b.LocalSet(bytes)
	b.Else()
	b.load(op.I32Load8U, 0)
	b.LocalSet(bytes)
	for i := int32(1); i < 3; i++ {
		b.LocalGet(b.n).I32Const(i).Op(op.I32GtU)
		b.If()
		b.load(op.I32Load8U, uint64(i))
		b.I32Const(8 * i).Op(op.I32Shl).LocalGet(bytes).Op(op.I32Or).LocalSet(bytes)
		b.End()
	}
	b.End()
}

// decode pushes the utf16 units of the character that begins with the bytes on the stack, the first one lowest, and the
// number of its bytes.
func (b *body) decode() {
	i32 := corewasm.I32
	t := corewasm.FuncType{Params: []corewasm.ValType{i32}, Results: []corewasm.ValType{i32, i32}}
	b.Call(b.u.Helper("decode utf8", t, func(f *asm.Func) {
		f.Outlined = true
		h := &body{Func: f}
		h.decodeChar(f.Param(0), f.Local(i32))
		f.Finish()
	}))
}

// decodeChar returns the units and the number of bytes of the character at the start of bytes. It traps if the bytes do
// not start with a character in its shortest form that is a Unicode scalar value. A zero for a missing byte is not a
// continuation byte, so a truncated character traps.
func (b *body) decodeChar(bytes, point asm.Local) {
	is := func(mask, want int32) { b.masked(bytes, mask).I32Const(want).Op(op.I32Eq) }

	b.masked(bytes, 0x80).Op(op.I32Eqz)
	b.If()
	b.masked(bytes, 0x7f).I32Const(1).Return()
	b.End()

	is(0xc0e0, 0x80c0)
	b.If()
	b.field(bytes, 0x1f, 6)
	b.field(bytes, 0x3f00, -8).Op(op.I32Or).LocalTee(point).I32Const(0x80).Op(op.I32LtU)
	b.TrapIf(trap.InvalidUTF8)
	b.LocalGet(point).I32Const(2).Return()
	b.End()

	is(0xc0c0f0, 0x8080e0)
	b.If()
	b.field(bytes, 0x0f, 12)
	b.field(bytes, 0x3f00, -2).Op(op.I32Or)
	b.field(bytes, 0x3f0000, -16).Op(op.I32Or).LocalTee(point).I32Const(0x800).Op(op.I32LtU)
	b.masked(point, 0xf800).I32Const(0xd800).Op(op.I32Eq, op.I32Or)
	b.TrapIf(trap.InvalidUTF8)
	b.LocalGet(point).I32Const(3).Return()
	b.End()

	b.masked(bytes, -0x3f3f3f08).I32Const(-0x7f7f7f10).Op(op.I32Ne) // 0xc0c0c0f8 and 0x808080f0
	b.TrapIf(trap.InvalidUTF8)
	b.field(bytes, 0x07, 18)
	b.field(bytes, 0x3f00, 4).Op(op.I32Or)
	b.field(bytes, 0x3f0000, -10).Op(op.I32Or)
	b.LocalGet(bytes).I32Const(24).Op(op.I32ShrU).I32Const(0x3f).Op(op.I32And, op.I32Or)
	b.I32Const(0x10000).Op(op.I32Sub).LocalTee(point).I32Const(0xfffff).Op(op.I32GtU)
	b.TrapIf(trap.InvalidUTF8)
	// 0xd800 + point>>10, and 0xdc00 + point&0x3ff above it.
	b.LocalGet(point).I32Const(10).Op(op.I32ShrU)
	b.field(point, 0x3ff, 16).Op(op.I32Or).I32Const(-0x23ff2800).Op(op.I32Or) // 0xdc00d800
	b.I32Const(4)
}

// skip advances the source by a number of bytes.
func (b *body) skip(size asm.Local) {
	b.LocalGet(size)
	b.move(b.src, b.sp)
	b.LocalGet(b.n).LocalGet(size).Op(op.I32Sub).LocalSet(b.n)
}

// copyUTF8 validates and copies utf8: ASCII at the start by words, the rest by validating it where it is and copying it in
// bulk.
func (b *body) copyUTF8() {
	if !b.compact {
		rest := b.Block()
		b.wholeBlocks(ascii8(1), 2, rest)
		if b.simd {
			b.twoWords(16, rest)
		}
		b.twoWords(8, rest)
		b.End()
	}
	b.copyValid(cabi.UTF8)
}

// written pushes the number of bytes between start and the destination pointer.
func (b *body) written(start asm.Local) *asm.Func { return b.distance(b.dst, start, b.dp) }

// start creates a local with the start of the destination.
func (b *body) start() asm.Local {
	l := b.Local(b.dst.ptr())
	b.LocalGet(b.dp).LocalSet(l)
	return l
}

// utf8ToUTF16 converts, and returns the number of units written.
func (b *body) utf8ToUTF16() {
	start, bytes, size := b.start(), b.i32(), b.i32()
	b.alternateMixed(ascii8(2), nil, func(asm.Label) {
		b.load(op.I32Load8U, 0)
		b.LocalTee(bytes).I32Const(0x80).Op(op.I32LtU)
		b.If()
		b.get(b.dp, bytes).Mem(op.I32Store16, b.dst.mem, 0, 0)
		b.advance(1, 1, 2)
		b.Else()
		b.loadChar(bytes)
		b.LocalGet(bytes)
		b.decode()
		b.LocalSet(size).LocalSet(bytes)
		b.skip(size)
		b.LocalGet(size).I32Const(4).Op(op.I32LtU)
		b.If()
		b.get(b.dp, bytes).Mem(op.I32Store16, b.dst.mem, 0, 0)
		b.bump(b.dst, b.dp, 2)
		b.Else()
		b.get(b.dp, bytes).Mem(op.I32Store, b.dst.mem, 0, 0)
		b.bump(b.dst, b.dp, 4)
		b.End()
		b.End()
	})
	b.written(start).I32Const(1).Op(op.I32ShrU)
}

// utf8ToLatin1 converts up to the first character that is not latin1 or not valid, and returns the numbers of bytes
// read and written.
func (b *body) utf8ToLatin1() {
	total, start := b.i32(), b.start()
	lead, next := b.i32(), b.i32()
	b.LocalGet(b.n).LocalSet(total)
	b.alternate(ascii8(1), func(give asm.Label) {
		b.load(op.I32Load8U, 0)
		b.LocalTee(lead).I32Const(0x80).Op(op.I32LtU)
		b.If()
		b.get(b.dp, lead).Mem(op.I32Store8, b.dst.mem, 0, 0)
		b.advance(1, 1, 1)
		b.Else()
		b.masked(lead, 0xfe).I32Const(0xc2).Op(op.I32Ne)
		b.BrIf(give)
		b.LocalGet(b.n).I32Const(2).Op(op.I32LtU)
		b.BrIf(give)
		b.load(op.I32Load8U, 1)
		b.LocalTee(next).I32Const(0xc0).Op(op.I32And).I32Const(0x80).Op(op.I32Ne)
		b.BrIf(give)
		b.LocalGet(b.dp)
		b.field(lead, 0x03, 6)
		b.masked(next, 0x3f).Op(op.I32Or)
		b.Mem(op.I32Store8, b.dst.mem, 0, 0)
		b.bump(b.src, b.sp, 2)
		b.bump(b.dst, b.dp, 1)
		b.take(2)
		b.End()
	})
	b.LocalGet(total).LocalGet(b.n).Op(op.I32Sub)
	b.written(start)
}
