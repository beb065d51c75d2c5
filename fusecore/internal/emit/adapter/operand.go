// This file implements operands: values in core values or in memory.

package adapter

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/asm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// operand is where a value is on one side: in core values, or in the side's memory at an address.
type operand struct {
	mem  bool
	flat []slot    // !mem: exactly as many as the type flattens to
	addr asm.Local // mem: a local of the side's address type
	off  uint64    // mem: added to addr
}

// slot is a local with one core value. In a variant its type can be wider than the value's flattened type.
type slot struct {
	local asm.Local
	typ   corewasm.ValType
}

func inMemory(addr asm.Local, off uint64) operand { return operand{mem: true, addr: addr, off: off} }

// part returns the operand of n core values from the given one on, or at a further offset in memory.
func (o operand) part(first, n int, off uint64) operand {
	if o.mem {
		return inMemory(o.addr, o.off+off)
	}
	return operand{flat: o.flat[first : first+n]}
}

// temps returns temporaries of the given types as slots; the caller must release them.
func (g *gen) temps(ts []corewasm.ValType) []slot {
	out := make([]slot, len(ts))
	for i, t := range ts {
		out[i] = slot{g.f.Temp(t), t}
	}
	return out
}

func (g *gen) release(ss []slot) {
	for _, s := range ss {
		g.f.Release(s.local)
	}
}

// get pushes a slot's value as a core value of the type it was lowered to (CanonicalABI.md, lift_flat_variant).
func (g *gen) get(s slot, want corewasm.ValType) {
	g.f.LocalGet(s.local)
	switch {
	case s.typ == want:
	case s.typ == corewasm.I32 && want == corewasm.F32:
		g.f.Op(op.F32ReinterpretI32)
	case s.typ == corewasm.I64 && want == corewasm.I32:
		g.f.Op(op.I32WrapI64)
	case s.typ == corewasm.I64 && want == corewasm.F32:
		g.f.Op(op.I32WrapI64, op.F32ReinterpretI32)
	case s.typ == corewasm.I64 && want == corewasm.F64:
		g.f.Op(op.F64ReinterpretI64)
	default:
		panic("adapter: a slot of type " + s.typ.String() + " cannot hold " + want.String())
	}
}

// set pops a core value into a slot, widening it (CanonicalABI.md, lower_flat_variant).
func (g *gen) set(s slot, have corewasm.ValType) {
	switch {
	case s.typ == have:
	case have == corewasm.F32 && s.typ == corewasm.I32:
		g.f.Op(op.I32ReinterpretF32)
	case have == corewasm.I32 && s.typ == corewasm.I64:
		g.f.Op(op.I64ExtendI32U)
	case have == corewasm.F32 && s.typ == corewasm.I64:
		g.f.Op(op.I32ReinterpretF32, op.I64ExtendI32U)
	case have == corewasm.F64 && s.typ == corewasm.I64:
		g.f.Op(op.I64ReinterpretF64)
	default:
		panic("adapter: a slot of type " + s.typ.String() + " cannot take " + have.String())
	}
	g.f.LocalSet(s.local)
}

// zero sets slots to zero.
func (g *gen) zero(ss []slot) {
	for _, s := range ss {
		switch s.typ {
		case corewasm.I32:
			g.f.I32Const(0)
		case corewasm.I64:
			g.f.I64Const(0)
		case corewasm.F32:
			g.f.F32Const(0)
		default:
			g.f.F64Const(0)
		}
		g.f.LocalSet(s.local)
	}
}

// ptrConst pushes a constant of a side's address type.
func (g *gen) ptrConst(s *side, v uint64) {
	if s.ptr64 {
		g.f.I64Const(int64(v))
	} else {
		g.f.I32Const(int32(uint32(v)))
	}
}

// ptrAdd adds a constant to the address on the stack.
func (g *gen) ptrAdd(s *side, v uint64) {
	if v == 0 {
		return
	}
	g.ptrConst(s, v)
	if s.ptr64 {
		g.f.Op(op.I64Add)
	} else {
		g.f.Op(op.I32Add)
	}
}

// fromI32 converts the unsigned i32 on the stack to a side's address type.
func (g *gen) fromI32(s *side) {
	if s.ptr64 {
		g.f.Op(op.I64ExtendI32U)
	}
}

// toI32 converts a value of a side's address type, known to be below 2^32, to i32.
func (g *gen) toI32(s *side) {
	if s.ptr64 {
		g.f.Op(op.I32WrapI64)
	}
}

// checkArea traps unless an address is valid for a value with a layout.
func (g *gen) checkArea(s *side, ptr asm.Local, l *cabi.Layout) {
	g.checkPointer(s, ptr, l.Align, func() { g.f.I32Const(int32(uint32(l.Size))) })
}
