// This file implements loops that convert many units at a time.

package transcode

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// run is a kind of text that converts unit by unit, many units at a time: no unit has a bit of mask, or, if surrogates
// is set, no unit is a surrogate.
type run struct {
	in, out    int // sizes of source and destination units
	mask       uint16
	surrogates bool
}

// block is a number of source units in locals.
type block struct {
	run
	*body
	words []asm.Local // v128 or i64
}

// blockUnits returns the number of units in a block: one vector of destination or source bytes, whichever are narrower.
func (b *body) blockUnits() int {
	if b.simd {
		return 16
	}
	return 8
}

// word returns the type of a block's locals, with its size in bytes.
func (b *body) word() (corewasm.ValType, int) {
	if b.simd {
		return corewasm.V128, 16
	}
	return corewasm.I64, 8
}

// newBlock creates the locals for a number of blocks.
func (b *body) newBlock(r run, blocks int) *block {
	k := &block{run: r, body: b}
	t, size := b.word()
	for range blocks * b.blockUnits() * r.in / size {
		k.words = append(k.words, b.Local(t))
	}
	return k
}

// loadFrom loads the block's units from a pointer, the last ones first, as storeTo stores them: with a single memory an
// access proves that those at lower offsets are in bounds.
func (k *block) loadFrom(ptr asm.Local) {
	_, size := k.word()
	for i, w := range slices.Backward(k.words) {
		k.LocalGet(ptr)
		if k.simd {
			k.Mem(op.V128Load, k.src.mem, 0, uint64(i*size))
		} else {
			k.Mem(op.I64Load, k.src.mem, 0, uint64(i*size))
		}
		k.LocalSet(w)
	}
}

// bad pushes an i32 that is not zero if a unit is not of the run's kind.
func (k *block) bad() {
	if k.surrogates {
		k.anySurrogate()
		return
	}
	for i, w := range k.words {
		k.LocalGet(w)
		if i > 0 {
			k.or()
		}
	}
	switch {
	case k.simd && k.in == 1: // the mask is 0x80
		k.Op(op.I8x16Bitmask)
	case k.simd:
		k.splat16(k.mask)
		k.Op(op.V128And, op.V128AnyTrue)
	default:
		mask := uint64(k.mask) * 0x0001000100010001
		if k.in == 1 {
			mask |= mask << 8
		}
		k.I64Const(int64(mask)).Op(op.I64And).I64Const(0).Op(op.I64Ne)
	}
}

// others pushes a bit for each unit of a block of vectors that is not of the run's kind, the first one lowest.
func (k *block) others() {
	if k.in == 1 {
		k.bad()
		return
	}
	for _, w := range k.words {
		k.LocalGet(w)
		k.splat16(k.mask)
		k.Op(op.V128And)
		k.splat16(0)
		k.Op(op.I16x8Eq)
	}
	k.Op(op.I8x16NarrowI16x8S, op.I8x16Bitmask).I32Const(0xffff).Op(op.I32Xor)
}

// anySurrogate pushes an i32 that is not zero if a unit is a surrogate.
func (k *block) anySurrogate() {
	const lane1, lane15 = 0x0001000100010001, uint64(0x8000800080008000)
	field, found := uint64(0xf800)*lane1, uint64(0xd800)*lane1
	y := asm.Local(0)
	if !k.simd {
		y = k.Local(corewasm.I64)
	}
	for i, w := range k.words {
		k.LocalGet(w)
		if k.simd {
			k.splat16(0xf800)
			k.Op(op.V128And)
			k.splat16(0xd800)
			k.Op(op.I16x8Eq)
		} else {
			// A lane of y is zero exactly for a surrogate. Some lane's top bit is set in y-1 & ^y exactly if some lane
			// is zero.
			k.I64Const(int64(field)).Op(op.I64And).I64Const(int64(found)).Op(op.I64Xor).LocalTee(y)
			k.I64Const(lane1).Op(op.I64Sub)
			k.LocalGet(y).I64Const(-1).Op(op.I64Xor, op.I64And)
		}
		if i > 0 {
			k.or()
		}
	}
	if k.simd {
		k.Op(op.V128AnyTrue)
	} else {
		top := lane15
		k.I64Const(int64(top)).Op(op.I64And).I64Const(0).Op(op.I64Ne)
	}
}

func (k *block) or() {
	if k.simd {
		k.Op(op.V128Or)
	} else {
		k.Op(op.I64Or)
	}
}

// splat16 pushes a vector with one value in all 16-bit lanes.
func (b *body) splat16(v uint16) { b.I32Const(int32(int16(v))).Op(op.I16x8Splat) }

// storeTo stores the block's converted units at a pointer.
func (k *block) storeTo(ptr asm.Local) {
	_, size := k.word()
	switch {
	case k.in == k.out:
		for i, w := range slices.Backward(k.words) {
			k.store(ptr, i*size, func() { k.LocalGet(w) })
		}
	case k.out == 2:
		for i, w := range slices.Backward(k.words) {
			k.store(ptr, (2*i+1)*size, func() { k.widen(w, true) })
			k.store(ptr, 2*i*size, func() { k.widen(w, false) })
		}
	default:
		for i := len(k.words) - 2; i >= 0; i -= 2 {
			k.store(ptr, i/2*size, func() { k.pack(k.words[i], k.words[i+1]) })
		}
	}
}

// store stores the word that a callback pushes at ptr+off.
func (k *block) store(ptr asm.Local, off int, value func()) {
	k.LocalGet(ptr)
	value()
	if k.simd {
		k.Mem(op.V128Store, k.dst.mem, 0, uint64(off))
	} else {
		k.Mem(op.I64Store, k.dst.mem, 0, uint64(off))
	}
}

// widen pushes the lower or upper half of a word's bytes as 16-bit units.
func (k *block) widen(w asm.Local, upper bool) {
	k.LocalGet(w)
	switch {
	case k.simd && upper:
		k.Op(op.I16x8ExtendHighI8x16U)
	case k.simd:
		k.Op(op.I16x8ExtendLowI8x16U)
	default:
		t := k.scratch()
		if upper {
			k.I64Const(32).Op(op.I64ShrU)
		} else {
			k.I64Const(1<<32 - 1).Op(op.I64And)
		}
		k.LocalTee(t).LocalGet(t).I64Const(16).Op(op.I64Shl, op.I64Or).I64Const(0x0000ffff0000ffff).Op(op.I64And)
		k.LocalTee(t).LocalGet(t).I64Const(8).Op(op.I64Shl, op.I64Or).I64Const(0x00ff00ff00ff00ff).Op(op.I64And)
	}
}

// pack pushes the low bytes of the units of two words as one word.
func (k *block) pack(lower, upper asm.Local) {
	if k.simd {
		k.LocalGet(lower).LocalGet(upper).Op(op.I8x16NarrowI16x8U)
		return
	}
	t := k.scratch()
	for _, w := range []asm.Local{upper, lower} {
		k.LocalGet(w).LocalGet(w).I64Const(8).Op(op.I64ShrU, op.I64Or).I64Const(0x0000ffff0000ffff).Op(op.I64And)
		k.LocalTee(t).LocalGet(t).I64Const(16).Op(op.I64ShrU, op.I64Or).I64Const(1<<32 - 1).Op(op.I64And)
		if w == upper {
			k.I64Const(32).Op(op.I64Shl)
		}
	}
	k.Op(op.I64Or)
}

// scratch returns an i64 local for one expression.
func (b *body) scratch() asm.Local {
	t := b.Temp(corewasm.I64)
	b.Release(t)
	return t
}

// alternate is the loop for texts that are mostly runs: it converts whole blocks of a run, then some characters one by
// one, at least a block's worth so that trying the next block costs little, until no unit is left. Char converts one
// character of at least one unit, or branches to give, the end of everything, to stop early.
func (b *body) alternate(r run, char func(give asm.Label)) {
	stop := b.i32()
	give := b.Block()
	again := b.Loop()
	b.blocks(r, 1, 0, again)
	b.LocalGet(b.n).Op(op.I32Eqz)
	b.BrIf(give)
	b.LocalGet(b.n).I32Const(int32(b.blockUnits())).Op(op.I32Sub).LocalTee(stop).I32Const(0).LocalGet(stop)
	b.I32Const(0).Op(op.I32GtS, op.Select).LocalSet(stop) // not less than zero
	chars := b.Loop()
	char(give)
	b.LocalGet(b.n).LocalGet(stop).Op(op.I32GtS)
	b.BrIf(chars)
	b.End()
	b.Br(again)
	b.End()
	b.End()
}

// blocks converts a number of blocks and branches to again, unless less than some more units are left or one is not of the
// run's kind. Without a destination it only checks.
func (b *body) blocks(r run, blocks, more int, again asm.Label) {
	units := blocks * b.blockUnits()
	k := b.newBlock(r, blocks)
	out := b.Block()
	b.LocalGet(b.n).I32Const(int32(units + more)).Op(op.I32LtU)
	b.BrIf(out)
	k.loadFrom(b.sp)
	paired := r.surrogates && b.simd
	if !paired {
		k.brIfBad(out)
	}
	if !b.dst.mem.IsZero() {
		k.storeTo(b.dp)
	}
	b.advance(units, r.in, r.out)
	if paired {
		k.checkPairs()
	}
	b.Br(again)
	b.End()
}

// checkPairs traps if a surrogate in the block, which the pointers are behind, is not a half of a pair. If the block ends in
// the first half of one, the text continues with that.
func (k *block) checkPairs() {
	k.bad()
	k.If()
	k.get(k.words...).Call(k.pairs16())
	k.If()
	k.advance(-1, k.in, k.out)
	k.End()
	k.End()
}

// pairs16 returns the function [units units] -> [half], of v128 to i32, that traps unless each surrogate is a half of a pair,
// except for the first half of one at the end, for which it returns one, and otherwise zero.
func (b *body) pairs16() asm.Sym {
	v128 := corewasm.V128
	t := corewasm.FuncType{Params: []corewasm.ValType{v128, v128}, Results: []corewasm.ValType{corewasm.I32}}
	return b.u.Helper("utf16 pairs", t, func(f *asm.Func) {
		f.Outlined = true
		h := &body{Func: f}
		first := h.i32()
		// halves pushes a bit for each unit that is a surrogate of a kind.
		halves := func(kind uint16) {
			for i := range 2 {
				f.LocalGet(f.Param(i))
				h.splat16(0xfc00)
				f.Op(op.V128And)
				h.splat16(kind)
				f.Op(op.I16x8Eq)
			}
			f.Op(op.I8x16NarrowI16x8S, op.I8x16Bitmask)
		}
		halves(0xdc00)
		halves(0xd800)
		f.LocalTee(first).I32Const(1).Op(op.I32Shl).I32Const(0xffff).Op(op.I32And, op.I32Ne)
		f.TrapIf(trap.InvalidUTF16)
		f.LocalGet(first).I32Const(15).Op(op.I32ShrU)
		f.Finish()
	})
}

// brIfBad branches out if the block is not of the run's kind.
func (k *block) brIfBad(out asm.Label) {
	if k.mask != 0 || k.surrogates {
		k.bad()
		k.BrIf(out)
	}
}

// alternateMixed is alternate for texts in which ASCII and other characters alternate. With vectors, the ASCII units of
// a block up to the first other one are converted together, by storing the whole block and advancing by their number.
// The excess is overwritten later, by what the remaining units produce. Prefix, unless it is nil, pushes whether the
// conversion stops at another character, and then nothing is stored in excess.
func (b *body) alternateMixed(r run, prefix func(), char func(give asm.Label)) {
	if !b.simd || b.compact {
		b.alternate(r, char)
		return
	}
	k := b.newBlock(r, 1)
	stop, ascii := b.i32(), b.i32()
	give := b.Block()
	again := b.Loop()
	out := b.Block()
	short := b.Block()
	b.LocalGet(b.n).I32Const(16).Op(op.I32LtU)
	b.BrIf(short)
	k.loadFrom(b.sp)
	k.others()
	b.LocalTee(ascii).Op(op.I32Eqz)
	b.If()
	k.storeTo(b.dp)
	b.advance(16, r.in, r.out)
	b.Br(again)
	b.End()
	if r.out == 2 {
		// Three bytes of utf8 produce two of utf16, and 48 the 32 of this block. Otherwise each unit produces a byte.
		b.LocalGet(b.n).I32Const(48).Op(op.I32LtU)
		b.BrIf(short)
	}
	if prefix != nil {
		prefix()
		b.BrIf(short)
	}
	k.storeTo(b.dp)
	b.LocalGet(ascii).Op(op.I32Ctz).LocalTee(ascii)
	b.scale(r.in)
	b.move(b.src, b.sp)
	b.LocalGet(ascii)
	b.scale(r.out)
	b.move(b.dst, b.dp)
	b.LocalGet(b.n).LocalGet(ascii).Op(op.I32Sub).LocalTee(b.n).LocalSet(stop)
	b.Br(out)
	b.End()
	b.LocalGet(b.n).I32Const(16).Op(op.I32Sub).LocalSet(stop)
	b.LocalGet(b.n).Op(op.I32Eqz)
	b.BrIf(give)
	b.End()
	chars := b.Loop()
	char(give)
	b.LocalGet(b.n).Op(op.I32Eqz)
	b.BrIf(give)
	b.LocalGet(b.n).LocalGet(stop).Op(op.I32GtS)
	b.BrIf(chars)
	if r.in == 1 {
		b.load(op.I32Load8U, 0)
	} else {
		b.load(op.I32Load16U, 0)
	}
	b.I32Const(0x80).Op(op.I32GeU)
	b.BrIf(chars)
	b.End()
	b.Br(again)
	b.End()
	b.End()
}
