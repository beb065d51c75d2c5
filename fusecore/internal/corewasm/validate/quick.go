// This file implements the check of the most frequent instructions.

package validate

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Kinds of first bytes for quickly.
const (
	quickNot    byte = iota
	quickTyped       // no immediates, one or two operands, one result, all numbers
	quickConst       // one LEB128 integer; pushes a number
	quickFloat       // a constant of 4 or 8 bytes
	quickLocal       // local.get
	quickSet         // local.set
	quickTee         // local.tee
	quickGlobal      // global.get
	quickLoad
	quickStore
	quickCall
	quickDrop
	quickSelect
	quickBlock // block and loop
	quickIf
	quickElse
	quickEnd
	quickBr
	quickBrIf
)

// quick says how quickly treats a first byte.
type quick struct {
	kind     byte
	operands int8
	a, b     byte // codes of the operands' types, the upper one last
	result   byte // code of the result's type
	size     byte // bytes of a quickFloat; log2 of the natural alignment of an access
}

var quicks = func() (t [256]quick) {
	code := func(s string, i int) byte { return letters[s[i]].Code }
	for b := range t {
		in := op.One(byte(b))
		q := &t[b]
		switch o := op.Op(b); o {
		case op.LocalGet:
			q.kind = quickLocal
		case op.LocalSet:
			q.kind = quickSet
		case op.LocalTee:
			q.kind = quickTee
		case op.GlobalGet:
			q.kind = quickGlobal
		case op.Call:
			q.kind = quickCall
		case op.Drop:
			q.kind = quickDrop
		case op.Select:
			q.kind = quickSelect
		case op.Block, op.Loop:
			q.kind = quickBlock
		case op.If:
			q.kind = quickIf
		case op.Else:
			q.kind = quickElse
		case op.End:
			q.kind = quickEnd
		case op.Br:
			q.kind = quickBr
		case op.BrIf:
			q.kind = quickBrIf
		default:
			if in.Name == "" || !in.Typed {
				continue
			}
			switch in.Imm {
			case op.None:
				if n := len(in.Params); n > 0 && n <= 2 && len(in.Results) == 1 {
					*q = quick{kind: quickTyped, operands: int8(n), a: code(in.Params, 0), b: code(in.Params, n-1), result: code(in.Results, 0)}
				}
			case op.I32, op.I64:
				*q = quick{kind: quickConst, result: code(in.Results, 0)}
			case op.F32:
				*q = quick{kind: quickFloat, result: corewasm.F32.Code, size: 4}
			case op.F64:
				*q = quick{kind: quickFloat, result: corewasm.F64.Code, size: 8}
			case op.Memarg:
				q.size = in.Align
				switch {
				case in.Params == "a" && len(in.Results) == 1:
					q.kind, q.result = quickLoad, code(in.Results, 0)
				case len(in.Params) == 2 && in.Params[0] == 'a' && in.Results == "":
					q.kind, q.b = quickStore, code(in.Params, 1)
				}
			}
		}
	}
	return t
}()

// mostFlat is the number of locals whose types are in checker.flat.
const mostFlat = 256

// flatten lists the types of the first locals.
func (c *checker) flatten() {
	c.flat = append(c.flat[:0], c.params[:min(len(c.params), mostFlat)]...)
	for _, run := range c.runs {
		for n := run.Count; n > 0 && len(c.flat) < mostFlat; n-- {
			c.flat = append(c.flat, run.Type)
		}
	}
}

// integer returns the value of an unsigned LEB128 integer of at most two bytes, and its end, or false.
func integer(code []byte, p int) (v uint32, end int, ok bool) {
	if v = uint32(code[p]); v < 0x80 {
		return v, p + 1, true
	}
	hi := uint32(code[p+1])
	return v&0x7f | hi<<7, p + 2, hi < 0x80
}

// quickly checks instructions up to one that is not frequent, that is not certain to be valid, or that is near the end of
// the code, which the general path checks and reports. Decoding has checked indices and the format of integers.
func (c *checker) quickly() {
	code, p, vals := c.r.B, c.r.Pos, c.vals
	f := &c.ctrls[len(c.ctrls)-1]
	memory := len(c.mems) > 0 && !c.mems[0].Limits.Is64
	number := func(code byte) corewasm.ValType { return corewasm.ValType{Code: code} }
loop:
	for p+4 <= len(code) {
		q := &quicks[code[p]]
		switch q.kind {
		case quickTyped:
			at := len(vals) - int(q.operands)
			if at < f.height || vals[at].Code != q.a || vals[len(vals)-1].Code != q.b {
				break loop
			}
			vals = append(vals[:at], number(q.result))
			p++
		case quickConst:
			for p++; p < len(code) && code[p] >= 0x80; p++ {
			}
			p++
			vals = append(vals, number(q.result))
		case quickFloat:
			p += 1 + int(q.size)
			vals = append(vals, number(q.result))
		case quickLocal, quickSet, quickTee:
			i, end, ok := integer(code, p+1)
			if !ok || int64(i) >= int64(len(c.flat)) || c.flat[i].IsRef() {
				break loop
			}
			t := c.flat[i]
			if q.kind == quickLocal {
				vals = append(vals, t)
				p = end
				continue
			}
			top := len(vals) - 1
			if top < f.height || vals[top] != t {
				break loop
			}
			if q.kind == quickSet {
				vals = vals[:top]
			}
			p = end
		case quickGlobal:
			i, end, ok := integer(code, p+1)
			if !ok || c.constExpr {
				break loop
			}
			vals = append(vals, c.globals.types[c.globals.of[i]].Type)
			p = end
		case quickLoad, quickStore:
			if !memory || code[p+1] > q.size {
				break loop
			}
			end := p + 2
			for end < len(code) && code[end] >= 0x80 {
				end++
			}
			end++
			at := len(vals) - 1
			if q.kind == quickStore {
				at--
			}
			// An offset of four bytes is less than 2^28.
			if end-p > 6 || at < f.height || vals[at].Code != corewasm.I32.Code {
				break loop
			}
			if q.kind == quickStore {
				if vals[at+1].Code != q.b {
					break loop
				}
				vals = vals[:at]
			} else {
				vals[at] = number(q.result)
			}
			p = end
		case quickCall:
			i, end, ok := integer(code, p+1)
			if !ok {
				break loop
			}
			index, _ := c.m.FuncTypeIndex(i)
			t := c.Def(index)
			at := len(vals) - len(t.Func.Params)
			if t.Kind != corewasm.CompFunc || at < f.height || at+len(t.Func.Results) > maxOperands || !same(vals[at:], t.Func.Params) {
				break loop
			}
			vals = append(vals[:at], t.Func.Results...)
			p = end
		case quickDrop:
			if len(vals) <= f.height {
				break loop
			}
			vals = vals[:len(vals)-1]
			p++
		case quickSelect:
			at := len(vals) - 3
			if at < f.height || vals[at+2].Code != corewasm.I32.Code || vals[at] != vals[at+1] || vals[at].IsRef() || vals[at].Code == 0 {
				break loop
			}
			vals = vals[:at+1]
			p++
		case quickBlock, quickIf:
			t := code[p+1]
			if t != op.EmptyBlock && (t < corewasm.F64.Code || t > corewasm.I32.Code) {
				break loop
			}
			if q.kind == quickIf {
				if len(vals) <= f.height || vals[len(vals)-1].Code != corewasm.I32.Code {
					break loop
				}
				vals = vals[:len(vals)-1]
			}
			var sig corewasm.FuncType
			if t != op.EmptyBlock {
				sig.Results = singles[t]
			}
			c.ctrls = append(c.ctrls, frame{op: op.Op(code[p]), sig: sig, height: len(vals), sets: len(c.setLog)})
			f = &c.ctrls[len(c.ctrls)-1]
			p += 2
		case quickElse, quickEnd:
			results := f.sig.Results
			at := len(vals) - len(results)
			if len(c.ctrls) == 1 || at != f.height || len(c.setLog) != f.sets || !same(vals[at:], results) {
				break loop
			}
			if q.kind == quickElse {
				if len(f.sig.Params) > 0 {
					break loop
				}
				f.op, f.unreachable = op.Else, false
				vals = vals[:at]
				p++
				continue
			}
			if f.op == op.If && len(f.sig.Params)+len(results) > 0 {
				break loop
			}
			c.ctrls = c.ctrls[:len(c.ctrls)-1]
			f = &c.ctrls[len(c.ctrls)-1]
			p++
		case quickBr, quickBrIf:
			depth := int(code[p+1])
			if depth >= 0x80 || len(c.ctrls[len(c.ctrls)-1-depth].label()) > 0 {
				break loop
			}
			if q.kind == quickBr {
				f.unreachable = true
				vals = vals[:f.height]
			} else {
				if len(vals) <= f.height || vals[len(vals)-1].Code != corewasm.I32.Code {
					break loop
				}
				vals = vals[:len(vals)-1]
			}
			p += 2
		default:
			break loop
		}
	}
	c.r.Pos, c.vals = p, vals
}

// same reports whether operands have exactly the given types.
func same(vals, types []corewasm.ValType) bool {
	for i, t := range types {
		if vals[i] != t {
			return false
		}
	}
	return true
}
