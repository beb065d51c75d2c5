// This file implements the check of the most frequent instructions.

package validate

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Kinds of first bytes for quickly. Those that no uniform step describes have a case of their own.
const (
	quickNot byte = iota
	quickStep
	quickFloat // f64.const

	quickLocal // a step if the index is one byte
	quickConst // i32.const, a step unless it has five bytes
	quickGlobal
	quickGlobalSet

	quickCall
	quickIndirect

	quickBlock // block and loop
	quickIf
	quickElse
	quickEnd
	quickBr
	quickBrIf
	quickReturn
	quickUnreachable
	quickSelect
)

// quick says how quickly treats a first byte. A step pops operands, the two upper ones of given types, and pushes a result.
// Its fields are masks, so that one sequence of instructions without branches does all steps, which no processor could
// predict.
type quick struct {
	// more and integer are masks of the little-endian word that the instruction begins. It has size bytes if no bit of more is
	// set, and otherwise ends at the first byte whose highest bit is in integer and not set.
	more, integer uint64
	ofA, ofB      operand // all ones if the operand has the type a or b, zero if it has any
	get, set      operand // all ones if the result or the upper operand has the type of the local whose index is the next byte
	a, b          byte    // codes of the operands' types, the upper one last
	result        byte    // code of the result's type
	size          uint8
	pops, pushes  uint8
	kind          byte
	mem           uint8 // 1 for an access to memory 0
	align         int16 // log2 of the natural alignment of an access; free for other steps, never for what is no step
}

// Masks of the bytes of integers that begin with the second and third byte of an instruction and have up to four bytes, so
// that they are in range for every type, or up to seven, for 64 bits.
const (
	second  uint64 = 0x80_8080_8000
	second7 uint64 = 0x8080_8080_8080_8000
	third   uint64 = 0x8080_8080_0000
)

const all operand = 1<<64 - 1

// Values of quick.align that every byte is at most, and none.
const free, never = 255, -1

// quicks and memoryless are for modules with and without a memory 0 that has 32-bit addresses.
var quicks, memoryless = quickTable(true), quickTable(false)

var quickKinds = map[op.Op]byte{
	op.GlobalGet: quickGlobal, op.GlobalSet: quickGlobalSet, op.Call: quickCall, op.CallIndirect: quickIndirect, op.Select: quickSelect,
	op.Block: quickBlock, op.Loop: quickBlock, op.If: quickIf, op.Else: quickElse, op.End: quickEnd, op.Br: quickBr, op.BrIf: quickBrIf,
	op.Return: quickReturn, op.Unreachable: quickUnreachable, op.F64Const: quickFloat,
}

func quickTable(memory bool) (t [256]quick) {
	code := func(s string, i int) byte { return letters[s[i]].Code }
	const one = 1 << 15 // the integer that begins with the second byte goes on
	for b := range t {
		in := op.One(byte(b))
		q := &t[b]
		*q = quick{align: never, kind: quickKinds[op.Op(b)]}
		if q.kind != quickNot {
			continue
		}
		switch op.Op(b) {
		case op.LocalGet:
			*q = quick{more: one, size: 2, kind: quickLocal, pushes: 1, get: all, align: free}
		case op.LocalSet:
			*q = quick{more: one, size: 2, kind: quickLocal, pops: 1, set: all, ofB: all, align: free}
		case op.LocalTee:
			*q = quick{more: one, size: 2, kind: quickLocal, pops: 1, pushes: 1, get: all, set: all, ofB: all, align: free}
		case op.Drop:
			*q = quick{size: 1, kind: quickStep, pops: 1, align: free}
		}
		if in.Name == "" || !in.Typed || len(in.Params) > 2 || len(in.Results) > 1 {
			continue
		}
		step := quick{kind: quickStep, pops: uint8(len(in.Params)), pushes: uint8(len(in.Results)), align: free}
		if len(in.Results) == 1 {
			step.result = code(in.Results, 0)
		}
		if n := len(in.Params); n > 0 {
			step.b, step.ofB = code(in.Params, n-1), all
			if n > 1 {
				step.a, step.ofA = code(in.Params, 0), all
			}
		}
		switch in.Imm {
		case op.None:
			step.size = 1
		case op.I32:
			step.size, step.more, step.integer, step.kind = 2, one, second, quickConst
		case op.I64:
			step.size, step.more, step.integer = 2, one, second7
		case op.F32:
			step.size = 5
		case op.Memarg:
			if !memory || in.Params[0] != 'a' {
				continue
			}
			step.size, step.more, step.integer, step.align, step.mem = 3, one<<8, third, int16(in.Align), 1
			if len(in.Params) == 1 {
				step.b = corewasm.CodeI32
			} else {
				step.a = corewasm.CodeI32
			}
		default:
			continue
		}
		*q = step
	}
	return t
}

// mostFlat is the number of locals whose types are in checker.flat.
const mostFlat = 1 << 14

// unknown stands for the types of locals that quickly does not treat. It is no operand.
const unknown operand = 1 << 63

// flatten lists the types of the first locals.
func (c *checker) flatten() {
	c.flat = c.flat[:0]
	for _, t := range c.params {
		c.flat = append(c.flat, plainOr(t))
	}
	for _, run := range c.runs {
		t := plainOr(run.Type)
		for n := min(int64(run.Count), int64(mostFlat-len(c.flat))); n > 0; n-- {
			c.flat = append(c.flat, t)
		}
	}
	n := copy(c.ones[:], c.flat)
	for ; n < c.known; n++ {
		c.ones[n] = unknown
	}
	c.known = min(len(c.flat), len(c.ones))
}

// plainOr returns a type, or unknown for references.
func plainOr(t corewasm.ValType) operand {
	if t.IsRef() {
		return unknown
	}
	return operandOf(t)
}

// integer returns the value of the unsigned 32-bit LEB128 integer at the second byte of an instruction, and the instruction's
// length, or zero if there is no such integer.
func integer(w uint64) (v uint32, size int) {
	if w&0x8000 == 0 {
		return uint32(w>>8) & 0x7f, 2
	}
	v = uint32(w>>8)&0x7f | uint32(w>>9)&0x3f80
	if w&0x80_0000 == 0 {
		return v, 3
	}
	v |= uint32(w>>10) & 0x1f_c000
	if w&0x8000_0000 == 0 {
		return v, 4
	}
	v |= uint32(w>>11) & 0xfe0_0000
	if w&0x80_0000_0000 == 0 {
		return v, 5
	}
	if w>>40&0xf0 != 0 {
		return 0, 0
	}
	return v | uint32(w>>12)&0xf000_0000, 6
}

// room is the number of operands that quickly has room for when it begins.
const room = 1 << 8

// steps does steps, beginning at a position of the code with a number of operands, of which the current block may use those
// from height on. It stops at the first instruction that is none, and returns the position, the number of operands, and the
// number of accesses to memory 0.
func steps(code []byte, p int, vals []operand, sp, height int, ones *[128]operand, table *[256]quick) (end, top int, mem uint32) {
	for p+8 <= len(code) && sp < len(vals) {
		w := binary.LittleEndian.Uint64(code[p:])
		q := &table[byte(w)]
		end := p + int(q.size)
		if w&q.more != 0 {
			stop := ^w & q.integer
			if stop == 0 {
				break
			}
			end = p + bits.TrailingZeros64(stop)/8 + 1
		}
		at := sp - int(q.pops)
		local := ones[w>>8&0x7f]
		result := operand(q.result) | local&q.get
		wrong := (vals[sp-1]^(operand(q.b)|local&q.set))&q.ofB | (vals[sp-2]^operand(q.a))&q.ofA
		if wrong != 0 || (at-height)|(int(q.align)-int(w>>8&0xff))|int(result) < 0 {
			break
		}
		vals[at] = result
		sp = at + int(q.pushes)
		p = end
		mem += uint32(q.mem)
	}
	return p, sp, mem
}

// quickly checks instructions up to one that is not frequent or not certain to be valid, which the general path checks and
// reports. The code need not have been decoded.
func (c *checker) quickly() {
	code, p := c.r.B, c.r.Pos
	p = c.words(code, p)
	if left := code[p:]; len(left) < 8 {
		// No instruction goes on in the filling, except a constant, after which the body has no end.
		copy(c.tail[:], left)
		end := c.words(append(c.tail[:len(left)], filling...), 0)
		p += min(end, len(left))
	}
	c.r.Pos = p
}

// filling follows the last bytes of a body. It is no instruction, and no integer ends in it.
var filling = bytes.Repeat([]byte{0xff}, 8)

// words is quickly for the instructions of code that begin eight bytes before its end or earlier. It returns the position.
func (c *checker) words(code []byte, p int) int {
	if p+8 > len(code) {
		return p
	}
	c.vals = slices.Grow(c.vals, room)
	vals, sp := c.vals[:cap(c.vals)], len(c.vals)
	table := &quicks
	if len(c.mems) == 0 || c.mems[0].Limits.Is64 {
		table = &memoryless
	}
	mem := uint32(0)
	for size := 1; size != 0; p += size {
		var n uint32
		p, sp, n = steps(code, p, vals, sp, c.ctrls[len(c.ctrls)-1].height, &c.ones, table)
		mem += n
		if p+8 > len(code) || sp >= len(vals) {
			break
		}
		w := binary.LittleEndian.Uint64(code[p:])
		q := &table[byte(w)]
		switch {
		case q.kind <= quickStep:
			size = 0
		case q.kind == quickFloat:
			if size = 9; p+size > len(code) {
				size = 0
				break
			}
			vals[sp] = operand(corewasm.CodeF64)
			sp++
		case q.kind < quickCall:
			size, sp = c.quickVariable(q, w, vals, sp)
		case q.kind < quickBlock:
			size, sp = c.quickCall(q, w, vals, sp)
		default:
			size, sp = c.quickControl(q, w, vals, sp)
		}
	}
	c.vals = vals[:sp]
	if c.refs != nil {
		c.refs.Mem0(mem)
	}
	return p
}
