// This file implements shared functions and the access to both memories.

package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// end is a memory with its pointer width: a side without its encoding.
type end struct {
	mem       asm.Sym
	wide      bool
	bytePages bool
}

func (s Side) end() end { return end{s.Mem, s.Ptr64, s.BytePages} }

func (e end) ptr() corewasm.ValType {
	if e.wide {
		return corewasm.I64
	}
	return corewasm.I32
}

func (e end) view() asm.View {
	v := asm.View{Mem: e.mem, Ptr64: e.wide, PageSizeLog2: 16}
	if e.bytePages {
		v.PageSizeLog2 = 0
	}
	return v
}

// body is a shared function under construction. Its first parameters are a pointer in each end and a number of code
// units or a packed length. The loops advance all three.
type body struct {
	*asm.Func
	u        *asm.Unit
	src, dst end // dst is zero if nothing is written
	simd     bool
	compact  bool
	sp, dp   asm.Local
	n        asm.Local
}

// between is the key of a shared function.
type between struct {
	what          string
	src, dst      end
	simd, compact bool
}

// fn returns the shared function for a purpose between two ends. Its parameters are those of body, followed by i32s.
func fn(u *asm.Unit, k between, more, results int, build func(*body)) asm.Sym {
	t := corewasm.FuncType{Params: []corewasm.ValType{k.src.ptr(), k.dst.ptr(), corewasm.I32}}
	for range more {
		t.Params = append(t.Params, corewasm.I32)
	}
	for range results {
		t.Results = append(t.Results, corewasm.I32)
	}
	return u.Shared(k, "transcode "+k.what, t, func(f *asm.Func) {
		build(&body{Func: f, u: u, src: k.src, dst: k.dst, simd: k.simd, compact: k.compact, sp: f.Param(0), dp: f.Param(1), n: f.Param(2)})
		f.Finish()
	})
}

// fn returns a shared function between the same ends as b. Its additional parameters are i32s.
func (b *body) fn(what string, more, results int, build func(*body)) asm.Sym {
	return b.within(what, b.src, more, results, build)
}

// within returns a shared function that reads from another end than b.
func (b *body) within(what string, src end, more, results int, build func(*body)) asm.Sym {
	return fn(b.u, between{what, src, b.dst, b.simd, b.compact}, more, results, build)
}

// i32 adds a local.
func (b *body) i32() asm.Local { return b.Local(corewasm.I32) }

// get pushes locals.
func (b *body) get(ls ...asm.Local) *body {
	for _, l := range ls {
		b.LocalGet(l)
	}
	return b
}

// addTo pushes ptr, a pointer in e, plus the i32 on the stack, which must not be negative.
func (b *body) addTo(e end, ptr asm.Local) {
	if e.wide {
		b.Op(op.I64ExtendI32U).LocalGet(ptr).Op(op.I64Add)
	} else {
		b.LocalGet(ptr).Op(op.I32Add)
	}
}

// move adds the i32 on the stack, which must not be negative, to ptr, a pointer in e.
func (b *body) move(e end, ptr asm.Local) {
	b.addTo(e, ptr)
	b.LocalSet(ptr)
}

// distance pushes the number of bytes, as an i32, from one pointer in e to another.
func (b *body) distance(e end, from, to asm.Local) *asm.Func {
	b.LocalGet(to).LocalGet(from)
	if e.wide {
		return b.Op(op.I64Sub, op.I32WrapI64)
	}
	return b.Op(op.I32Sub)
}

// bump adds a constant to a pointer in e.
func (b *body) bump(e end, ptr asm.Local, by int) {
	b.LocalGet(ptr)
	if e.wide {
		b.I64Const(int64(by)).Op(op.I64Add)
	} else {
		b.I32Const(int32(by)).Op(op.I32Add)
	}
	b.LocalSet(ptr)
}

// advance advances by a constant number of units of the given sizes.
func (b *body) advance(units, in, out int) {
	b.bump(b.src, b.sp, units*in)
	if !b.dst.mem.IsZero() {
		b.bump(b.dst, b.dp, units*out)
	}
	b.take(units)
}

// scale multiplies the i32 on the stack, a number of units, by their size of one or two bytes.
func (b *body) scale(unit int) {
	if unit == 2 {
		b.I32Const(1).Op(op.I32Shl)
	}
}

// take subtracts from the number of remaining units.
func (b *body) take(units int) { b.LocalGet(b.n).I32Const(int32(units)).Op(op.I32Sub).LocalSet(b.n) }

// load pushes the result of an i32 load instruction at the source pointer plus off.
func (b *body) load(o op.Op, off uint64) { b.LocalGet(b.sp).Mem(o, b.src.mem, 0, off) }

// masked pushes l & mask.
func (b *body) masked(l asm.Local, mask int32) *asm.Func {
	return b.LocalGet(l).I32Const(mask).Op(op.I32And)
}

// field pushes the bits of l under mask, shifted left by shift, or right if it is negative.
func (b *body) field(l asm.Local, mask int32, shift int32) *asm.Func {
	b.masked(l, mask)
	switch {
	case shift > 0:
		b.I32Const(shift).Op(op.I32Shl)
	case shift < 0:
		b.I32Const(-shift).Op(op.I32ShrU)
	}
	return b.Func
}

// rangeRules are the rules about the location of a string.
type rangeRules struct{ aligned, inBounds trap.Rule }

var (
	sourceRules = rangeRules{trap.MisalignedPointer, trap.OutOfBoundsPointer}
	resultRules = rangeRules{trap.MisalignedRealloc, trap.OutOfBoundsRealloc}
)

// checkRange traps if the pointer in e has a bit of a mask, and unless a number of bytes from it on, even if it is zero, are
// within the memory. The callbacks push the mask, or zero if mask is nil, and the number as i32s.
func (b *body) checkRange(e end, ptr asm.Local, rules rangeRules, mask, size func()) {
	b.LocalGet(ptr)
	size()
	if mask != nil {
		mask()
	} else {
		b.I32Const(0)
	}
	b.Call(b.u.RangeCheck(e.view(), rules.aligned, rules.inBounds))
}
