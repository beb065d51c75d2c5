// This file implements the translation of values that are one core value.

package adapter

import (
	"math/bits"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/trap"
)

// access is how a scalar is loaded and stored.
type access struct {
	load, store op.Op
	align       uint32 // log2
	core        corewasm.ValType
}

var (
	byteAccess = access{op.I32Load8U, op.I32Store8, 0, corewasm.I32}
	halfAccess = access{op.I32Load16U, op.I32Store16, 1, corewasm.I32}
	wordAccess = access{op.I32Load, op.I32Store, 2, corewasm.I32}
	longAccess = access{op.I64Load, op.I64Store, 3, corewasm.I64}
)

var accesses = map[ctypes.Kind]access{
	ctypes.Bool: byteAccess,
	ctypes.U8:   byteAccess,
	ctypes.S8:   {op.I32Load8S, op.I32Store8, 0, corewasm.I32},
	ctypes.U16:  halfAccess,
	ctypes.S16:  {op.I32Load16S, op.I32Store16, 1, corewasm.I32},
	ctypes.U32:  wordAccess,
	ctypes.S32:  wordAccess,
	ctypes.U64:  longAccess,
	ctypes.S64:  longAccess,
	ctypes.F32:  {op.F32Load, op.F32Store, 2, corewasm.F32},
	ctypes.F64:  {op.F64Load, op.F64Store, 3, corewasm.F64},
	ctypes.Char: wordAccess,
	ctypes.Own:  wordAccess, ctypes.Borrow: wordAccess,
}

// sized returns the access to an unsigned integer of a number of bytes.
func sized(bytes uint32) access {
	return [...]access{byteAccess, halfAccess, wordAccess}[bits.TrailingZeros32(bytes)]
}

func ptrAccess(s *side) access {
	if s.ptr64 {
		return longAccess
	}
	return wordAccess
}

// load pushes a scalar of the source side.
func (g *gen) load(o operand, a access) { g.loadAt(g.src, o, a) }

func (g *gen) loadAt(s *side, o operand, a access) {
	if o.mem {
		g.f.LocalGet(o.addr).Mem(a.load, s.mem, a.align, o.off)
		return
	}
	g.get(o.flat[0], a.core)
}

// store appends the store of a scalar, which value pushes, on the destination side.
func (g *gen) store(o operand, a access, value func()) {
	if o.mem {
		g.f.LocalGet(o.addr)
		value()
		g.f.Mem(a.store, g.dst.mem, a.align, o.off)
		return
	}
	value()
	g.set(o.flat[0], a.core)
}

// scalar translates a value of a type that is one core value: "Loading", "Storing", lift_flat and lower_flat in
// CanonicalABI.md. NaNs are passed on unchanged, as its nondeterminism allows.
func (g *gen) scalar(t *ctypes.Type, src, dst operand) {
	if t.Kind == ctypes.Flags {
		g.flags(t, src, dst)
		return
	}
	a := accesses[t.Kind]
	g.store(dst, a, func() {
		g.load(src, a)
		switch t.Kind {
		case ctypes.Bool:
			g.f.I32Const(0).Op(op.I32Ne)
		case ctypes.Char:
			g.checkChar()
		case ctypes.Own, ctypes.Borrow:
			g.handle(t)
		default:
			// Memory contains exactly the value's bits, so one side in memory is enough.
			if !src.mem && !dst.mem {
				g.wrap(t.Kind)
			}
		}
	})
}

// wrap reduces a flat integer to its width (CanonicalABI.md, lift_flat_unsigned and lift_flat_signed).
func (g *gen) wrap(k ctypes.Kind) {
	switch k {
	case ctypes.U8:
		g.f.I32Const(0xff).Op(op.I32And)
	case ctypes.U16:
		g.f.I32Const(0xffff).Op(op.I32And)
	case ctypes.S8:
		g.f.Op(op.I32Extend8S)
	case ctypes.S16:
		g.f.Op(op.I32Extend16S)
	}
}

// checkChar traps unless the i32 on the stack is a Unicode scalar value: below 0x110000 and not a surrogate. Flipping
// the bits of 0xd800 moves the surrogates, and nothing else below 0x110000, below 0x800.
func (g *gen) checkChar() {
	c := g.f.Temp(corewasm.I32)
	g.f.LocalTee(c).I32Const(0xd800).Op(op.I32Xor).I32Const(0x800).Op(op.I32Sub)
	g.f.I32Const(0x110000 - 0x800).Op(op.I32GeU)
	g.f.TrapIf(trap.InvalidChar)
	g.f.LocalGet(c)
	g.f.Release(c)
}

// flags keeps only the declared labels' bits (CanonicalABI.md, unpack_flags_from_int).
func (g *gen) flags(t *ctypes.Type, src, dst operand) {
	a := sized(g.types.Of(t, false).Disc)
	g.store(dst, a, func() {
		g.load(src, a)
		if n := len(t.Labels); n < 32 {
			g.f.I32Const(1<<n - 1).Op(op.I32And)
		}
	})
}
