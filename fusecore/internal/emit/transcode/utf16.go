// This file implements conversions from utf16.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// surrogate pushes whether the unit is a surrogate of one half, by its six topmost bits.
func (b *body) surrogate(unit asm.Local, half int32) *asm.Func {
	return b.masked(unit, 0xfc00).I32Const(half).Op(op.I32Eq)
}

// ifSurrogate opens an if that is taken for a surrogate. It traps for a low surrogate without a preceding high one, and
// for a high one without a low one. low is set to the following unit.
func (b *body) ifSurrogate(unit, low asm.Local) {
	b.masked(unit, 0xf800).I32Const(0xd800).Op(op.I32Eq)
	b.If()
	b.surrogate(unit, 0xdc00)
	b.LocalGet(b.n).I32Const(2).Op(op.I32LtU, op.I32Or)
	b.TrapIf(trap.InvalidUTF16)
	b.load(op.I32Load16U, 2)
	b.LocalSet(low)
	b.surrogate(low, 0xdc00).Op(op.I32Eqz)
	b.TrapIf(trap.InvalidUTF16)
}

// copyUTF16 validates and copies utf16.
func (b *body) copyUTF16() {
	unit, low := b.i32(), b.i32()
	b.alternate(run{in: 2, out: 2, surrogates: true}, func(asm.Label) {
		b.load(op.I32Load16U, 0)
		b.LocalSet(unit)
		b.ifSurrogate(unit, low)
		b.get(b.dp, unit, low).I32Const(16).Op(op.I32Shl, op.I32Or).Mem(op.I32Store, b.dst.mem, 0, 0)
		b.advance(2, 2, 2)
		b.Else()
		b.get(b.dp, unit).Mem(op.I32Store16, b.dst.mem, 0, 0)
		b.advance(1, 2, 2)
		b.End()
	})
}

// narrowUTF16 converts units without bits of a mask to bytes, up to the first other one, and returns their number.
// Source and destination may start at the same address of one memory.
func (b *body) narrowUTF16(mask uint16) {
	total, unit := b.i32(), b.i32()
	b.LocalGet(b.n).LocalSet(total)
	b.alternate(run{in: 2, out: 1, mask: mask}, func(give asm.Label) {
		b.load(op.I32Load16U, 0)
		b.LocalTee(unit).I32Const(int32(mask)).Op(op.I32And)
		b.BrIf(give)
		b.get(b.dp, unit).Mem(op.I32Store8, b.dst.mem, 0, 0)
		b.advance(1, 2, 1)
	})
	b.LocalGet(total).LocalGet(b.n).Op(op.I32Sub)
}

// isLatin1 returns one if all units are latin1, and zero otherwise.
func (b *body) isLatin1() {
	k := b.newBlock(run{in: 2, out: 1, mask: 0xff00}, 1)
	units := b.blockUnits()
	wide := b.Block()
	out := b.Block()
	again := b.Loop()
	b.LocalGet(b.n).I32Const(int32(units)).Op(op.I32LtU)
	b.BrIf(out)
	k.loadFrom(b.sp)
	k.brIfBad(wide)
	b.bump(b.src, b.sp, 2*units)
	b.take(units)
	b.Br(again)
	b.End()
	b.End()
	end := b.Block()
	again = b.Loop()
	b.LocalGet(b.n).Op(op.I32Eqz)
	b.BrIf(end)
	b.load(op.I32Load8U, 1)
	b.BrIf(wide)
	b.bump(b.src, b.sp, 2)
	b.take(1)
	b.Br(again)
	b.End()
	b.End()
	b.I32Const(1).Return()
	b.End()
	b.I32Const(0)
}

// utf16ToUTF8 converts, and returns the number of bytes written.
func (b *body) utf16ToUTF8() {
	start, unit, low := b.start(), b.i32(), b.i32()
	b.alternate(run{in: 2, out: 1, mask: 0xff80}, func(asm.Label) {
		next := b.Block()
		b.load(op.I32Load16U, 0)
		b.LocalTee(unit).I32Const(0x80).Op(op.I32LtU)
		b.If()
		b.get(b.dp, unit).Mem(op.I32Store8, b.dst.mem, 0, 0)
		b.advance(1, 2, 1)
		b.Br(next)
		b.End()
		b.LocalGet(unit).I32Const(0x800).Op(op.I32LtU)
		b.If()
		b.storeTwo(unit)
		b.advance(1, 2, 2)
		b.Br(next)
		b.End()
		b.ifSurrogate(unit, low)
		// unit becomes the code point.
		b.field(unit, 0x3ff, 10)
		b.masked(low, 0x3ff).Op(op.I32Or).I32Const(0x10000).Op(op.I32Add).LocalSet(unit)
		b.LocalGet(b.dp)
		b.LocalGet(unit).I32Const(18).Op(op.I32ShrU)
		b.field(unit, 0x3f000, -4).Op(op.I32Or)
		b.field(unit, 0xfc0, 10).Op(op.I32Or)
		b.field(unit, 0x3f, 24).Op(op.I32Or)
		b.I32Const(-0x7f7f7f10).Op(op.I32Or).Mem(op.I32Store, b.dst.mem, 0, 0) // 0x808080f0
		b.bump(b.src, b.sp, 4)
		b.bump(b.dst, b.dp, 4)
		b.take(2)
		b.Else()
		b.LocalGet(b.dp)
		b.LocalGet(unit).I32Const(12).Op(op.I32ShrU)
		b.field(unit, 0xfc0, 2).Op(op.I32Or).I32Const(0x80e0).Op(op.I32Or).Mem(op.I32Store16, b.dst.mem, 0, 0)
		b.LocalGet(b.dp)
		b.masked(unit, 0x3f).I32Const(0x80).Op(op.I32Or).Mem(op.I32Store8, b.dst.mem, 0, 2)
		b.advance(1, 2, 3)
		b.End()
		b.End()
	})
	b.written(start)
}

// storeTwo stores a code point from 0x80 to 0x7ff as utf8, without advancing.
func (b *body) storeTwo(point asm.Local) {
	b.LocalGet(b.dp)
	b.LocalGet(point).I32Const(6).Op(op.I32ShrU)
	b.field(point, 0x3f, 8).Op(op.I32Or).I32Const(0x80c0).Op(op.I32Or).Mem(op.I32Store16, b.dst.mem, 0, 0)
}
