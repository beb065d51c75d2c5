// This file implements constant folding.

package inline

import (
	"math/bits"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// isPure reports whether a numeric instruction has no effects: it cannot trap.
func isPure(o op.Op) bool {
	switch {
	case o < op.I32Eqz || o > 0xc4: // i64.extend32_s
		return false
	case o >= 0x6d && o <= 0x70, o >= 0x7f && o <= 0x82: // division and remainder
		return false
	case o >= 0xa8 && o <= 0xab, o >= 0xae && o <= 0xb1: // truncation of floats
		return false
	}
	return true
}

// fold computes a pure instruction whose n operands are in pure, if its result is known. It reports whether it has.
func (w *writer) fold(o op.Op, n int) bool {
	b := w.pure[len(w.pure)-1]
	known := b.op == op.I32Const || b.op == op.I64Const
	if n == 1 {
		if !known {
			return false
		}
		result, v, ok := unary(o, b.value)
		if ok {
			w.pop()
			w.push(result, v, nil)
		}
		return ok
	}
	a := w.pure[len(w.pure)-2]
	if known && a.op == b.op {
		result, v, ok := binary(o, a.value, b.value)
		if ok {
			w.pop()
			w.pop()
			w.push(result, v, nil)
		}
		return ok
	}
	switch {
	case known && neutral(o, b.value):
		w.pop()
		return true
	case (a.op == op.I32Const || a.op == op.I64Const) && a.value == 0 && (o == op.I32And || o == op.I64And):
		w.pop()
		return true
	case known && b.value == 0 && (o == op.I32And || o == op.I64And):
		w.removeSecond()
		return true
	case (a.op == op.I32Const || a.op == op.I64Const) && a.value == 0 && commutes(o) && neutral(o, 0):
		w.removeSecond()
		return true
	}
	return false
}

// removeSecond removes the expression below the last one.
func (w *writer) removeSecond() {
	n := len(w.pure)
	a, b := w.pure[n-2], w.pure[n-1]
	second := w.out[b.start:]
	w.cut(a.start)
	w.out = append(w.out, second...)
	b.start = a.start
	w.pure = append(w.pure[:n-2], b)
}

// neutral reports whether a second operand leaves the first one as it is.
func neutral(o op.Op, v uint64) bool {
	switch o {
	case op.I32Add, op.I32Sub, op.I32Or, op.I32Xor, op.I32Shl, op.I32ShrU, 0x75,
		op.I64Add, op.I64Sub, op.I64Or, op.I64Xor, op.I64Shl, op.I64ShrU, 0x87:
		return v == 0
	}
	return false
}

func commutes(o op.Op) bool {
	switch o {
	case op.I32Add, op.I32Or, op.I32Xor, op.I64Add, op.I64Or, op.I64Xor:
		return true
	}
	return false
}

// unary computes an instruction with one operand. Values are as in op.Instr.
func unary(o op.Op, v uint64) (result op.Op, r uint64, ok bool) {
	switch o {
	case op.I32Eqz:
		return op.I32Const, truth(uint32(v) == 0), true
	case 0x50: // i64.eqz
		return op.I32Const, truth(v == 0), true
	case op.I32WrapI64:
		return op.I32Const, signed(uint32(v)), true
	case 0xac: // i64.extend_i32_s
		return op.I64Const, signed(uint32(v)), true
	case op.I64ExtendI32U:
		return op.I64Const, uint64(uint32(v)), true
	}
	return 0, 0, false
}

// binary computes an instruction with two operands.
func binary(o op.Op, a, b uint64) (result op.Op, r uint64, ok bool) {
	switch {
	case o >= op.I32Eq && o <= op.I32GeU:
		return op.I32Const, truth(compare(o-op.I32Eq, int64(int32(a)), int64(int32(b)), uint64(uint32(a)), uint64(uint32(b)))), true
	case o >= op.I64Eq && o <= 0x5a:
		return op.I32Const, truth(compare(o-op.I64Eq, int64(a), int64(b), a, b)), true
	case o >= op.I32Add && o <= 0x78:
		x, y := uint32(a), uint32(b)
		v := [...]uint32{
			x + y, x - y, x * y, 0, 0, 0, 0, x & y, x | y, x ^ y,
			x << (y & 31), uint32(int32(x) >> (y & 31)), x >> (y & 31), bits.RotateLeft32(x, int(y&31)), bits.RotateLeft32(x, -int(y&31)),
		}
		return op.I32Const, signed(v[o-op.I32Add]), true
	case o >= op.I64Add && o <= 0x8a:
		v := [...]uint64{
			a + b, a - b, a * b, 0, 0, 0, 0, a & b, a | b, a ^ b,
			a << (b & 63), uint64(int64(a) >> (b & 63)), a >> (b & 63), bits.RotateLeft64(a, int(b&63)), bits.RotateLeft64(a, -int(b&63)),
		}
		return op.I64Const, v[o-op.I64Add], true
	}
	return 0, 0, false
}

// compare computes a comparison by its position after eq, given the operands with and without sign.
func compare(o op.Op, sa, sb int64, a, b uint64) bool {
	return [...]bool{a == b, a != b, sa < sb, a < b, sa > sb, a > b, sa <= sb, a <= b, sa >= sb, a >= b}[o]
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// signed returns an i32 as op.Instr has it.
func signed(v uint32) uint64 { return uint64(int64(int32(v))) }
