// This file implements conversions from utf16.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// pair pushes the unit after the current one, or zero at the end of the text.
func (b *body) pair() {
	b.LocalGet(b.n).I32Const(2).Op(op.I32GeU)
	b.If(corewasm.I32)
	b.load(op.I32Load16U, 2)
	b.Else().I32Const(0).End()
}

// copyUTF16 validates and copies utf16, or only validates it without a destination.
func (b *body) copyUTF16() {
	if b.compact {
		b.copyValid(cabi.UTF16)
		return
	}
	units := b.i32()
	b.alternate(run{in: 2, out: 2, surrogates: true}, func(asm.Label) {
		b.load(op.I32Load16U, 0)
		b.LocalTee(units).I32Const(0xf800).Op(op.I32And).I32Const(0xd800).Op(op.I32Eq)
		b.If()
		// A high surrogate, and a low one above it.
		b.pair()
		b.I32Const(16).Op(op.I32Shl).LocalGet(units).Op(op.I32Or).LocalTee(units)
		b.I32Const(-0x3ff0400).Op(op.I32And).I32Const(-0x23ff2800).Op(op.I32Ne) // 0xfc00fc00 and 0xdc00d800
		b.TrapIf(trap.InvalidUTF16)
		if !b.dst.mem.IsZero() {
			b.get(b.dp, units).Mem(op.I32Store, b.dst.mem, 0, 0)
		}
		b.advance(2, 2, 2)
		b.Else()
		if !b.dst.mem.IsZero() {
			b.get(b.dp, units).Mem(op.I32Store16, b.dst.mem, 0, 0)
		}
		b.advance(1, 2, 2)
		b.End()
	})
}

// narrowUTF16 converts units to latin1, up to the first other one, and returns their number. Source and destination may
// start at the same address of one memory.
func (b *body) narrowUTF16() {
	total, unit := b.i32(), b.i32()
	b.LocalGet(b.n).LocalSet(total)
	b.alternate(run{in: 2, out: 1, mask: 0xff00}, func(give asm.Label) {
		b.load(op.I32Load16U, 0)
		b.LocalTee(unit).I32Const(0xff00).Op(op.I32And)
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

// utf16ToUTF8 converts, and returns the number of bytes written. A further parameter is one to stop at the first unit that
// is not ASCII.
func (b *body) utf16ToUTF8() {
	start, unit := b.start(), b.i32()
	b.alternateMixed(run{in: 2, out: 1, mask: 0xff80}, func() { b.LocalGet(b.Param(3)) }, func(give asm.Label) {
		b.load(op.I32Load16U, 0)
		b.LocalTee(unit).I32Const(0x80).Op(op.I32LtU)
		b.If()
		b.get(b.dp, unit).Mem(op.I32Store8, b.dst.mem, 0, 0)
		b.advance(1, 2, 1)
		b.Else()
		b.LocalGet(b.Param(3))
		b.BrIf(give)
		b.LocalGet(unit).I32Const(0x800).Op(op.I32LtU)
		b.If()
		b.LocalGet(b.dp)
		b.two(unit)
		b.Mem(op.I32Store16, b.dst.mem, 0, 0)
		b.advance(1, 2, 2)
		b.Else()
		b.masked(unit, 0xf800).I32Const(0xd800).Op(op.I32Eq)
		b.If()
		b.LocalGet(b.dp).LocalGet(unit)
		b.pair()
		b.Call(b.encoder()).Mem(op.I32Store, b.dst.mem, 0, 0)
		b.advance(2, 2, 2)
		b.Else()
		b.LocalGet(b.dp).LocalGet(unit).I32Const(12).Op(op.I32ShrU)
		b.field(unit, 0xfc0, 2).Op(op.I32Or).I32Const(0x80e0).Op(op.I32Or).Mem(op.I32Store16, b.dst.mem, 0, 0)
		b.LocalGet(b.dp)
		b.masked(unit, 0x3f).I32Const(0x80).Op(op.I32Or).Mem(op.I32Store8, b.dst.mem, 0, 2)
		b.advance(1, 2, 3)
		b.End()
		b.End()
		b.End()
	})
	b.written(start)
}

// encoder returns the function [unit next] -> [bytes] that encodes a character of two units as utf8, the first byte lowest. It
// traps if the first unit is a surrogate and the two are not a pair.
func (b *body) encoder() asm.Sym {
	i32 := corewasm.I32
	t := corewasm.FuncType{Params: []corewasm.ValType{i32, i32}, Results: []corewasm.ValType{i32}}
	return b.u.Helper("encode utf16 pair", t, func(f *asm.Func) {
		f.Outlined = true
		h := &body{Func: f}
		unit, next := f.Param(0), f.Param(1)
		h.field(unit, 0xfc00, -10)
		h.masked(next, 0xfc00).Op(op.I32Or).I32Const(0xdc36).Op(op.I32Ne) // 0xd800>>10 | 0xdc00
		h.TrapIf(trap.InvalidUTF16)
		// unit becomes the code point.
		h.field(unit, 0x3ff, 10)
		h.masked(next, 0x3ff).Op(op.I32Or).I32Const(0x10000).Op(op.I32Add).LocalSet(unit)
		h.LocalGet(unit).I32Const(18).Op(op.I32ShrU)
		h.field(unit, 0x3f000, -4).Op(op.I32Or)
		h.field(unit, 0xfc0, 10).Op(op.I32Or)
		h.field(unit, 0x3f, 24).Op(op.I32Or)
		h.I32Const(-0x7f7f7f10).Op(op.I32Or) // 0x808080f0
		f.Finish()
	})
}

// two pushes the utf8 of a code point from 0x80 to 0x7ff.
func (b *body) two(point asm.Local) {
	b.LocalGet(point).I32Const(6).Op(op.I32ShrU)
	b.field(point, 0x3f, 8).Op(op.I32Or).I32Const(0x80c0).Op(op.I32Or)
}
