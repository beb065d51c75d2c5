// This file implements conversions from utf8.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// ascii8 is the run of ASCII in bytes.
func ascii8(out int) run { return run{in: 1, out: out, mask: 0x80} }

// char is a utf8 character being decoded: its bytes, the first one lowest, their number and the code point.
type char struct{ bytes, size, point asm.Local }

// loadChar sets c.bytes to the next four bytes, or to the remaining ones followed by zeros.
func (b *body) loadChar(c char) {
	b.LocalGet(b.n).I32Const(4).Op(op.I32GeU)
	b.If()
	b.load(op.I32Load, 0)
	b.LocalSet(c.bytes)
	b.Else()
	b.load(op.I32Load8U, 0)
	b.LocalSet(c.bytes)
	for i := int32(1); i < 3; i++ {
		b.LocalGet(b.n).I32Const(i).Op(op.I32GtU)
		b.If()
		b.load(op.I32Load8U, uint64(i))
		b.I32Const(8 * i).Op(op.I32Shl).LocalGet(c.bytes).Op(op.I32Or).LocalSet(c.bytes)
		b.End()
	}
	b.End()
}

// decode sets c.size from c.bytes, and also c.point if points is set. It traps if the bytes do not start with a
// character in its shortest form that is a Unicode scalar value. A zero for a missing byte is not a continuation byte,
// so a truncated character traps.
func (b *body) decode(c char, points bool) {
	point := func(push func()) {
		if points {
			push()
			b.LocalSet(c.point)
		}
	}
	size := func(n int32) { b.I32Const(n).LocalSet(c.size) }
	is := func(mask, want int32) { b.masked(c.bytes, mask).I32Const(want).Op(op.I32Eq) }
	end := b.Block()

	b.masked(c.bytes, 0x80).Op(op.I32Eqz)
	b.If()
	size(1)
	point(func() { b.masked(c.bytes, 0x7f) })
	b.Br(end)
	b.End()

	is(0xc0e0, 0x80c0)
	b.If()
	b.masked(c.bytes, 0x1e).Op(op.I32Eqz) // below 0x80
	b.TrapIf(trap.InvalidUTF8)
	size(2)
	point(func() {
		b.field(c.bytes, 0x1f, 6)
		b.field(c.bytes, 0x3f00, -8).Op(op.I32Or)
	})
	b.Br(end)
	b.End()

	is(0xc0c0f0, 0x8080e0)
	b.If()
	b.masked(c.bytes, 0x200f).Op(op.I32Eqz) // below 0x800
	is(0x200f, 0x200d)                      // a surrogate
	b.Op(op.I32Or)
	b.TrapIf(trap.InvalidUTF8)
	size(3)
	point(func() {
		b.field(c.bytes, 0x0f, 12)
		b.field(c.bytes, 0x3f00, -2).Op(op.I32Or)
		b.field(c.bytes, 0x3f0000, -16).Op(op.I32Or)
	})
	b.Br(end)
	b.End()

	b.masked(c.bytes, -0x3f3f3f08).I32Const(-0x7f7f7f10).Op(op.I32Ne) // 0xc0c0c0f8 and 0x808080f0
	b.TrapIf(trap.InvalidUTF8)
	// The topmost five bits of the code point: 1 to 16, for 0x10000 to 0x10ffff.
	b.field(c.bytes, 0x07, 2)
	b.field(c.bytes, 0x3000, -12).Op(op.I32Or)
	b.I32Const(1).Op(op.I32Sub).I32Const(15).Op(op.I32GtU)
	b.TrapIf(trap.InvalidUTF8)
	size(4)
	point(func() {
		b.field(c.bytes, 0x07, 18)
		b.field(c.bytes, 0x3f00, 4).Op(op.I32Or)
		b.field(c.bytes, 0x3f0000, -10).Op(op.I32Or)
		b.LocalGet(c.bytes).I32Const(24).Op(op.I32ShrU).I32Const(0x3f).Op(op.I32And, op.I32Or)
	})
	b.End()
}

// newChar creates the locals of a character.
func (b *body) newChar() char { return char{b.i32(), b.i32(), b.i32()} }

// skip advances by c.size source bytes and, with a destination unit size, by as many destination units.
func (b *body) skip(c char, out int32) {
	b.LocalGet(c.size)
	b.addTo(b.src, b.sp)
	b.LocalSet(b.sp)
	if out != 0 {
		b.LocalGet(c.size).I32Const(out).Op(op.I32Mul)
		b.addTo(b.dst, b.dp)
		b.LocalSet(b.dp)
	}
	b.LocalGet(b.n).LocalGet(c.size).Op(op.I32Sub).LocalSet(b.n)
}

// copyUTF8 validates and copies utf8.
func (b *body) copyUTF8() {
	c := b.newChar()
	var long func(total asm.Local, again, done asm.Label)
	if b.simd {
		long = b.copyUTF8Vectors
	}
	b.alternateOr(ascii8(1), long, func(asm.Label) {
		b.loadChar(c)
		// All four bytes are within the string, so they may be stored before it is known how many belong to the
		// character.
		b.LocalGet(b.n).I32Const(4).Op(op.I32GeU)
		b.If()
		b.get(b.dp, c.bytes).Mem(op.I32Store, b.dst.mem, 0, 0)
		b.decode(c, false)
		b.Else()
		b.decode(c, false)
		b.get(b.dp, c.bytes).Mem(op.I32Store8, b.dst.mem, 0, 0)
		for i := int32(1); i < 3; i++ {
			b.LocalGet(c.size).I32Const(i).Op(op.I32GtU)
			b.If()
			b.get(b.dp, c.bytes).I32Const(8*i).Op(op.I32ShrU).Mem(op.I32Store8, b.dst.mem, 0, uint64(i))
			b.End()
		}
		b.End()
		b.skip(c, 1)
	})
}

// written pushes the number of bytes between start and the destination pointer.
func (b *body) written(start asm.Local) *asm.Func {
	b.LocalGet(b.dp).LocalGet(start)
	if b.dst.wide {
		return b.Op(op.I64Sub, op.I32WrapI64)
	}
	return b.Op(op.I32Sub)
}

// start creates a local with the start of the destination.
func (b *body) start() asm.Local {
	l := b.Local(b.dst.ptr())
	b.LocalGet(b.dp).LocalSet(l)
	return l
}

// utf8ToUTF16 converts, and returns the number of units written.
func (b *body) utf8ToUTF16() {
	c, start := b.newChar(), b.start()
	b.alternateMixed(ascii8(2), func(asm.Label) {
		b.loadChar(c)
		b.decode(c, true)
		b.skip(c, 0)
		b.LocalGet(c.point).I32Const(0x10000).Op(op.I32LtU)
		b.If()
		b.get(b.dp, c.point).Mem(op.I32Store16, b.dst.mem, 0, 0)
		b.bump(b.dst, b.dp, 2)
		b.Else()
		// 0xd800 + (point-0x10000)>>10, and 0xdc00 + point&0x3ff above it.
		b.LocalGet(b.dp)
		b.LocalGet(c.point).I32Const(10).Op(op.I32ShrU).I32Const(0xd800 - 0x40).Op(op.I32Add)
		b.field(c.point, 0x3ff, 16).I32Const(-0x24000000).Op(op.I32Or, op.I32Or)
		b.Mem(op.I32Store, b.dst.mem, 0, 0)
		b.bump(b.dst, b.dp, 4)
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
