// This file implements conversions from latin1.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// latin1ToUTF8 converts, and returns the number of bytes written. A further parameter is one to stop at the first byte that
// is not ASCII.
func (b *body) latin1ToUTF8() {
	start, unit := b.start(), b.i32()
	b.alternateMixed(ascii8(1), func() { b.LocalGet(b.Param(3)) }, func(give asm.Label) {
		b.load(op.I32Load8U, 0)
		b.LocalTee(unit).I32Const(0x80).Op(op.I32LtU)
		b.If()
		b.get(b.dp, unit).Mem(op.I32Store8, b.dst.mem, 0, 0)
		b.advance(1, 1, 1)
		b.Else()
		b.LocalGet(b.Param(3))
		b.BrIf(give)
		b.LocalGet(b.dp)
		b.two(unit)
		b.Mem(op.I32Store16, b.dst.mem, 0, 0)
		b.advance(1, 1, 2)
		b.End()
	})
	b.written(start)
}

// widenLatin1 converts to utf16.
func (b *body) widenLatin1() {
	b.wholeBlocks(run{in: 1, out: 2}, 1, 0)
	end := b.Block()
	again := b.Loop()
	b.LocalGet(b.n).Op(op.I32Eqz)
	b.BrIf(end)
	b.LocalGet(b.dp)
	b.load(op.I32Load8U, 0)
	b.Mem(op.I32Store16, b.dst.mem, 0, 0)
	b.advance(1, 1, 2)
	b.Br(again)
	b.End()
	b.End()
}

// inflateLatin1 converts n characters to utf16 in place, starting with the last one.
func (b *body) inflateLatin1() {
	units := b.blockUnits()
	k := b.newBlock(run{in: 1, out: 2}, 1)
	at := func(ptr asm.Local, size int32) {
		b.LocalGet(b.n).I32Const(size).Op(op.I32Mul)
		b.addTo(b.src, ptr)
	}
	sp, dp := b.Local(b.src.ptr()), b.Local(b.dst.ptr())
	move := func(by int) {
		b.take(by)
		at(b.sp, 1)
		b.LocalSet(sp)
		at(b.dp, 2)
		b.LocalSet(dp)
	}
	out := b.Block()
	again := b.Loop()
	b.LocalGet(b.n).I32Const(int32(units)).Op(op.I32LtU)
	b.BrIf(out)
	move(units)
	k.loadFrom(sp)
	k.storeTo(dp)
	b.Br(again)
	b.End()
	b.End()
	out = b.Block()
	again = b.Loop()
	b.LocalGet(b.n).Op(op.I32Eqz)
	b.BrIf(out)
	move(1)
	b.LocalGet(dp).LocalGet(sp).Mem(op.I32Load8U, b.src.mem, 0, 0).Mem(op.I32Store16, b.dst.mem, 0, 0)
	b.Br(again)
	b.End()
	b.End()
}
