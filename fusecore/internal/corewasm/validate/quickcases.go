// This file implements the frequent instructions that are no uniform steps.

package validate

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// isI32 reports whether the current block has an upper operand, and it is an i32.
func (c *checker) isI32(vals []operand, sp int) bool {
	return sp > c.ctrls[len(c.ctrls)-1].height && vals[sp-1] == operand(corewasm.CodeI32)
}

// quickVariable does an instruction on a variable, or a constant. w is the word that it begins. It returns the instruction's
// size and the number of operands after it; the size is zero if the instruction is not certain to be valid.
func (c *checker) quickVariable(q *quick, w uint64, vals []operand, sp int) (size, top int) {
	if q.kind == quickConst { // of five bytes, of which the last must extend the sign
		if last := w >> 40 & 0xf8; w&second != second || last != 0 && last != 0x78 {
			return 0, sp
		}
		vals[sp] = operand(corewasm.CodeI32)
		return 6, sp + 1
	}
	i, size := integer(w)
	if size == 0 {
		return 0, sp
	}
	height := c.ctrls[len(c.ctrls)-1].height
	if q.kind == quickLocal {
		if int64(i) >= int64(len(c.flat)) || c.flat[i] == unknown {
			return 0, sp
		}
		t := c.flat[i]
		switch {
		case q.set == 0:
			vals[sp] = t
			return size, sp + 1
		case sp <= height || vals[sp-1] != t:
			return 0, sp
		case q.get == 0:
			sp--
		}
		return size, sp
	}
	if int64(i) >= int64(len(c.globals.of)) {
		return 0, sp
	}
	g := &c.globals.types[c.globals.of[i]]
	use, t := corewasm.UseGlobal, operandOf(g.Type)
	if q.kind == quickGlobal {
		vals[sp] = t
		sp++
	} else {
		if !g.Mutable || sp <= height || vals[sp-1] != t {
			return 0, sp
		}
		sp--
		use = corewasm.UseGlobalSet
	}
	if c.refs != nil {
		c.refs.Add(use, i)
	}
	return size, sp
}

// quickCall is like quickVariable, for call and call_indirect.
func (c *checker) quickCall(q *quick, w uint64, vals []operand, sp int) (size, top int) {
	i, size := integer(w)
	if size == 0 {
		return 0, sp
	}
	if q.kind == quickCall {
		if int64(i) >= int64(len(c.funcs)) {
			return 0, sp
		}
		now := c.called(c.Def(c.funcs[i]), vals, sp)
		if now < 0 {
			return 0, sp
		}
		if c.refs != nil {
			c.refs.Add(corewasm.UseCall, i)
		}
		return size, now
	}
	table := w >> (8 * size) & 0xff
	if int64(i) >= int64(c.m.NumTypes()) || table >= min(0x80, uint64(len(c.tables))) {
		return 0, sp
	}
	t := &c.tables[table]
	if t.Elem != corewasm.FuncRef || t.Limits.Is64 || !c.isI32(vals, sp) {
		return 0, sp
	}
	now := c.called(c.Def(i), vals, sp-1)
	if now < 0 {
		return 0, sp
	}
	if c.refs != nil {
		c.refs.Indirect(i, uint32(table))
	}
	return size + 1, now
}

// called checks the operands of a call, and replaces them by its results. It returns the number of operands then, or -1 if
// the call is not certain to be valid.
func (c *checker) called(t *corewasm.SubType, vals []operand, sp int) int {
	at := sp - len(t.Func.Params)
	end := at + len(t.Func.Results)
	if t.Kind != corewasm.CompFunc || at < c.ctrls[len(c.ctrls)-1].height || end > min(len(vals), maxOperands) || !same(vals[at:sp], t.Func.Params) {
		return -1
	}
	for i, r := range t.Func.Results {
		vals[at+i] = operandOf(r)
	}
	return end
}

// quickControl is like quickVariable, for instructions that begin, end or leave blocks, and select.
func (c *checker) quickControl(q *quick, w uint64, vals []operand, sp int) (size, top int) {
	f := &c.ctrls[len(c.ctrls)-1]
	switch q.kind {
	case quickSelect:
		at := sp - 3
		if at < f.height || !c.isI32(vals, sp) || vals[at] != vals[at+1] || vals[at] > 0xff || vals[at] == 0 {
			return 0, sp
		}
		return 1, at + 1
	case quickBlock, quickIf:
		t := byte(w >> 8)
		if t != op.EmptyBlock && (t < corewasm.CodeF64 || t > corewasm.CodeI32) {
			return 0, sp
		}
		if q.kind == quickIf {
			if !c.isI32(vals, sp) {
				return 0, sp
			}
			sp--
		}
		sig := &empty
		if t != op.EmptyBlock {
			sig = &singles[t]
		}
		c.ctrls = append(c.ctrls, frame{op: op.Op(byte(w)), sig: sig, height: sp, sets: len(c.setLog)})
		return 2, sp
	case quickElse, quickEnd:
		at := sp - len(f.sig.Results)
		if len(c.ctrls) == 1 || at != f.height || len(c.setLog) != f.sets || !same(vals[at:sp], f.sig.Results) {
			return 0, sp
		}
		if q.kind == quickElse {
			if f.op != op.If || len(f.sig.Params) > 0 {
				return 0, sp
			}
			f.op, f.unreachable = op.Else, false
			return 1, at
		}
		if f.op == op.If && len(f.sig.Params)+len(f.sig.Results) > 0 {
			return 0, sp
		}
		c.ctrls = c.ctrls[:len(c.ctrls)-1]
		return 1, sp
	case quickBr, quickBrIf:
		depth := int(w >> 8 & 0xff)
		if depth >= min(0x80, len(c.ctrls)) || len(c.ctrls[len(c.ctrls)-1-depth].label()) > 0 {
			return 0, sp
		}
		if q.kind == quickBrIf {
			if !c.isI32(vals, sp) {
				return 0, sp
			}
			return 2, sp - 1
		}
		f.unreachable = true
		return 2, f.height
	case quickReturn:
		at := sp - len(c.results)
		if at < f.height || !same(vals[at:sp], c.results) {
			return 0, sp
		}
	}
	f.unreachable = true // by return or unreachable
	return 1, f.height
}

// same reports whether operands have exactly the given types, of which there are as many.
func same(vals []operand, types []corewasm.ValType) bool {
	for i, t := range types {
		if vals[i] != operandOf(t) {
			return false
		}
	}
	return true
}
