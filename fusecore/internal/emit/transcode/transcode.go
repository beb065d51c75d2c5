// Package transcode emits code that passes a string from one memory to another and converts its encoding, for every
// pair of utf8, utf16 and latin1+utf16. It implements load_string_from_range and store_string_into_range of
// CanonicalABI.md ("Loading" and "Storing"): the same validation, the same calls of realloc with the same arguments,
// and the same bytes in the destination, including those beyond a shrunk string.
//
// The code for a string has two parts. The function that Emit appends to contains the check of the length and the calls
// of realloc, whose instance-flag guards only the caller knows. Everything else is in shared functions, each for as much
// as its code depends on:
//
//	two memories   step functions, which decide how to use a new block of memory and whether another realloc follows;
//	               the loops of conversions, and of copying ASCII
//	one memory     checks of addresses; validation of UTF-8 and UTF-16 where it is, before a bulk copy
//	no memory      decoding of one character, encoding of a surrogate pair, the errors in 16 bytes of UTF-8 and of UTF-16
//	               in two vectors
//
// So a further pair of memories adds a few hundred bytes, most of them for speed:
//
//	(func $"transcode utf8->utf8" (param $src i32) (param $dst i32) (param $n i32)
//	  copy ASCII by vectors, and return if that is all   ;; not if the output should be small
//	  (call $"validate utf8" (local.get $src) (local.get $n))
//	  (memory.copy 1 0 (local.get $dst) (local.get $src) (local.get $n)))
//
// The order of checks differs from the specification: the source is checked and decoded after the first realloc. That
// is unobservable, because a trap ends the component instance, and realloc may not call out of it.
//
// Source and destination may be in one memory, as long as realloc returns blocks that do not overlap the source string.
package transcode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// Side is one side of passing a string: a memory and the options for strings.
type Side struct {
	Mem      asm.Sym
	Ptr64    bool // pointers and lengths are i64, for a 64-bit memory
	Encoding cabi.Encoding
	// BytePages reports whether the memory's pages have one byte instead of 64 KiB.
	BytePages bool
	// CallRealloc appends the call of the side's realloc: [old_ptr old_size align new_size] -> [ptr], all of the side's
	// pointer type. Only the destination needs it.
	CallRealloc func(f *asm.Func)
}

// Ptr returns the type of the side's pointers and lengths.
func (s Side) Ptr() corewasm.ValType {
	if s.Ptr64 {
		return corewasm.I64
	}
	return corewasm.I32
}

// Options control code generation.
type Options struct {
	SIMD bool // vector instructions may be used
	// Compact omits loops between two memories where a bulk copy can do, and code for ASCII between other characters.
	Compact bool
}

// maxByteLength is MAX_STRING_BYTE_LENGTH.
const maxByteLength = 1<<28 - 1

// tag marks utf16 in the packed length of a latin1+utf16 string. Within this package lengths are always i32 with the
// tag in bit 31, whatever the pointer types, because no string has 2**28 code units.
const tag = -1 << 31

// gen is the state of generating code for one pair of sides.
type gen struct {
	u        *asm.Unit
	src, dst Side
	simd     bool
	compact  bool
}

// Emit appends to f code that passes the string described by ptr and length, both of the source's pointer type. length
// is the number of code units, or the tagged number for latin1+utf16. It returns locals with the pointer and the length, of
// the destination's pointer type. The code traps where the specification does, and always calls the destination's realloc
// at least once. It must not be in a loop, because it relies on its locals being zero at first.
func Emit(u *asm.Unit, f *asm.Func, src, dst Side, ptr, length asm.Local, o Options) (dptr, dlen asm.Local) {
	g := &gen{u: u, src: src, dst: dst, simd: o.SIMD, compact: o.Compact}
	n := g.checkLength(f, length)
	dptr, dlen = f.Local(dst.Ptr()), f.Local(dst.Ptr())
	if dst.Encoding == cabi.UTF16 && src.Encoding != cabi.UTF8 || dst.Encoding == cabi.UTF8 && src.Encoding == cabi.UTF8 {
		g.single(f, ptr, n, dptr, dlen)
	} else {
		g.multi(f, ptr, n, dptr, dlen)
	}
	return dptr, dlen
}

// checkLength traps if the source has too many bytes, and returns a local with the packed length.
func (g *gen) checkLength(f *asm.Func, length asm.Local) asm.Local {
	get := func() { f.LocalGet(length) }
	if g.src.Encoding != cabi.Latin1UTF16 {
		limit := int64(maxByteLength)
		if g.src.Encoding == cabi.UTF16 {
			limit /= 2
		}
		get()
		if g.src.Ptr64 {
			f.I64Const(limit).Op(op.I64GtU)
			f.TrapIf(trap.StringTooLong)
			get()
			f.Op(op.I32WrapI64)
		} else {
			f.I32Const(int32(limit)).Op(op.I32GtU)
			f.TrapIf(trap.StringTooLong)
			return length
		}
		return setLocal(f)
	}
	// The number of units without the tag must be at most maxByteLength shifted right by the tag.
	if g.src.Ptr64 {
		get()
		f.I64Const(1<<63 - 1).Op(op.I64And).I64Const(maxByteLength)
		get()
		f.I64Const(63).Op(op.I64ShrU, op.I64ShrU, op.I64GtU)
		f.TrapIf(trap.StringTooLong)
		get()
		f.I64Const(32).Op(op.I64ShrU, op.I32WrapI64)
		get()
		f.Op(op.I32WrapI64, op.I32Or)
		return setLocal(f)
	}
	get()
	f.I32Const(1<<31 - 1).Op(op.I32And).I32Const(maxByteLength)
	get()
	f.I32Const(31).Op(op.I32ShrU, op.I32ShrU, op.I32GtU)
	f.TrapIf(trap.StringTooLong)
	get()
	return setLocal(f)
}

// setLocal stores the i32 on the stack in a new local.
func setLocal(f *asm.Func) asm.Local {
	l := f.Local(corewasm.I32)
	f.LocalSet(l)
	return l
}

// firstSize pushes the size in bytes of the first allocation for the packed length n.
func (g *gen) firstSize(f *asm.Func, n asm.Local) {
	f.LocalGet(n)
	switch {
	case g.dst.Encoding == cabi.UTF16:
		f.I32Const(1).Op(op.I32Shl) // removes the tag
	case g.src.Encoding == cabi.Latin1UTF16:
		f.I32Const(^tag).Op(op.I32And)
		if g.dst.Encoding == cabi.Latin1UTF16 {
			f.LocalGet(n).I32Const(31).Op(op.I32ShrU, op.I32Shl)
		}
	}
}

// align returns the alignment of the destination's allocations.
func (g *gen) align() int32 {
	if g.dst.Encoding == cabi.UTF8 {
		return 1
	}
	return 2
}

// single emits the pairs whose first allocation always has the right size: store_string_copy.
func (g *gen) single(f *asm.Func, ptr, n, dptr, dlen asm.Local) {
	g.ptrConst(f, 0)
	g.ptrConst(f, 0)
	g.ptrConst(f, int64(g.align()))
	g.firstSize(f, n)
	g.toPtr(f)
	g.dst.CallRealloc(f)
	f.LocalSet(dptr)
	f.LocalGet(ptr).LocalGet(dptr).LocalGet(n).Call(g.copyStep())
	f.LocalGet(n)
	if g.src.Encoding == cabi.Latin1UTF16 {
		f.I32Const(^tag).Op(op.I32And)
	}
	g.toPtr(f)
	f.LocalSet(dlen)
}

// Stages of a step function: the purpose of the block of memory that realloc has returned.
const (
	stageFirst  = 0 // the first allocation; as a result: finished
	stageRest   = 1 // the first block had to be replaced by one of the worst-case size
	stageShrunk = 2 // the string was shrunk to its size, and is finished
)

// multi emits the pairs that may need further calls of realloc: a loop over realloc and the step function.
func (g *gen) multi(f *asm.Func, ptr, n, dptr, dlen asm.Local) {
	i32 := corewasm.I32
	stage, pos, out, size, old := f.Local(i32), f.Local(i32), f.Local(i32), f.Local(i32), f.Local(i32) // zero
	g.firstSize(f, n)
	f.LocalSet(size)
	again := f.Loop()
	f.LocalGet(dptr).LocalGet(old)
	g.toPtr(f)
	if g.src.Encoding == cabi.Latin1UTF16 && g.dst.Encoding == cabi.Latin1UTF16 {
		// store_probably_utf16_to_latin1_or_utf16 shrinks with alignment 1.
		f.I32Const(2).LocalGet(stage).I32Const(1).Op(op.I32ShrU, op.I32Sub)
		g.toPtr(f)
	} else {
		g.ptrConst(f, int64(g.align()))
	}
	f.LocalGet(size)
	g.toPtr(f)
	g.dst.CallRealloc(f)
	f.LocalSet(dptr)
	f.LocalGet(ptr).LocalGet(dptr).LocalGet(n).LocalGet(stage).LocalGet(pos).LocalGet(out).LocalGet(size).LocalTee(old)
	f.Call(g.step())
	f.LocalSet(size).LocalSet(out).LocalSet(pos).LocalTee(stage)
	f.BrIf(again)
	f.End()
	f.LocalGet(out)
	switch {
	case g.dst.Ptr64 && g.dst.Encoding == cabi.Latin1UTF16:
		f.I32Const(^tag).Op(op.I32And, op.I64ExtendI32U)
		f.LocalGet(out).I32Const(31).Op(op.I32ShrU, op.I64ExtendI32U).I64Const(63).Op(op.I64Shl, op.I64Or)
	default:
		g.toPtr(f)
	}
	f.LocalSet(dlen)
}

// ptrConst pushes a constant of the destination's pointer type.
func (g *gen) ptrConst(f *asm.Func, v int64) {
	if g.dst.Ptr64 {
		f.I64Const(v)
	} else {
		f.I32Const(int32(v))
	}
}

// toPtr converts the i32 on the stack to the destination's pointer type.
func (g *gen) toPtr(f *asm.Func) {
	if g.dst.Ptr64 {
		f.Op(op.I64ExtendI32U)
	}
}
