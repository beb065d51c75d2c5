// This file implements the copies of inlined bodies.

package inline

import (
	"bytes"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// copier writes one copy of a body.
type copier struct {
	*writer
	c *callee
	// instead has what is pushed in the place of reading one of the callee's locals, or a zero expr.
	instead []expr
	raw     [][]byte // the bytes of instead, for parameters
	// stable are locals of the caller that have one value throughout the copy, in addition to the caller's own.
	stable map[uint32]bool
	place  []uint32 // the local for each of the callee's, plus one; zero if there is none yet
	count  map[corewasm.ValType]int
	// waiting are the parameters whose arguments are on the stack, above everything else but not stored yet, in order.
	waiting []int
	r       *op.Reader
	blocks  []bool // the open blocks of the body: whether the rest from else on is left out
}

// inline writes the body of a function in the place of a call.
func (w *writer) inline(c *callee) error {
	p := &copier{writer: w, c: c, instead: make([]expr, len(c.vars)), raw: make([][]byte, len(c.vars)),
		place: make([]uint32, len(c.vars)), stable: map[uint32]bool{}, count: map[corewasm.ValType]int{}}
	// A block with several results needs a type. The callee's own serves, but then the arguments are the block's
	// parameters.
	wide := c.leaves && len(c.results) > 1
	p.arguments(!wide)
	p.zeros()
	switch {
	case wide:
		w.effect(op.BlockSig{Form: op.BlockIndex, Index: c.typ}.Append(op.Block.Append(nil))...)
	case c.leaves:
		p.store()
		sig := op.BlockSig{}
		if len(c.results) == 1 {
			sig = op.BlockSig{Form: op.BlockValue, Value: c.results[0]}
		}
		w.effect(sig.Append(op.Block.Append(nil))...)
	}
	if err := p.body(); err != nil {
		return err
	}
	for _, l := range p.place {
		if l != 0 {
			w.used[l-1-w.own] = true
		}
	}
	return nil
}

// arguments decides which parameters are replaced by their arguments, and removes these from the stack if may is true.
func (p *copier) arguments(may bool) {
	w := p.writer
	n := p.c.params
	known := w.pure[len(w.pure)-min(n, len(w.pure)):]
	end := len(w.out)
	if !may {
		known = nil
	}
	if len(known) > 0 {
		end = known[0].start
	}
	tail := bytes.Clone(w.out[end:])
	w.cut(end)
	for i := range n - len(known) {
		p.waiting = append(p.waiting, i)
	}
	for k, e := range known {
		i := n - len(known) + k
		code := tail[e.start-end:]
		if k+1 < len(known) {
			code = tail[e.start-end : known[k+1].start-end]
		}
		switch {
		case p.c.gets[i]+p.c.sets[i] == 0:
		case p.c.sets[i] == 0 && p.replaces(e, len(code), i):
			p.instead[i], p.raw[i] = e, code
		default:
			w.out = append(w.out, code...)
			p.waiting = append(p.waiting, i)
		}
	}
	w.pure = w.pure[:0]
}

// replaces reports whether an expression, whose code has a size, is pushed wherever one of the callee's locals is read.
func (p *copier) replaces(e expr, size, local int) bool {
	switch e.op {
	case op.LocalGet:
		return uint32(e.value) < p.own || p.stable[uint32(e.value)]
	case op.I32Const, op.I64Const:
		return size <= 3 || p.c.gets[local] <= 3
	case op.F32Const, op.F64Const, op.V128Const:
		return p.c.gets[local] == 1 && local < p.c.params
	}
	return false
}

// local returns the caller's local for one of the callee's.
func (p *copier) local(i int) uint32 {
	if p.place[i] == 0 {
		t := p.c.vars[i]
		p.place[i] = p.writer.local(t, p.count[t]) + 1
		p.count[t]++
		if i < p.c.params && p.c.sets[i] == 0 {
			p.stable[p.place[i]-1] = true
		}
	}
	return p.place[i] - 1
}

// zeros sets the locals that must be zero and may not be.
func (p *copier) zeros() {
	for i, must := range p.c.zero {
		if !must {
			continue
		}
		l := p.local(i)
		if p.loops == 0 && !p.used[l-p.own] {
			continue // nothing has written it yet
		}
		p.effect(op.LocalSet.Append(zero(p.c.vars[i]), l)...)
	}
}

// store stores the arguments that are waiting.
func (p *copier) store() {
	for k := len(p.waiting) - 1; k >= 0; k-- {
		if i := p.waiting[k]; p.c.gets[i] == 0 {
			p.effect(byte(op.Drop))
		} else {
			p.effect(op.LocalSet.Append(nil, p.local(i))...)
		}
	}
	p.waiting = nil
}

// body writes the body.
func (p *copier) body() error {
	p.r = op.NewReader(p.c.code, 0)
	in := &p.r.In
	call := p.from
	for p.r.Next() {
		if p.traced {
			from := p.c.trace.At(uint32(in.Start))
			if from.Body == origin.Nowhere {
				from = call // generated code does what the call asks for
			}
			p.mark(from)
		}
		if in.Op == op.LocalGet {
			p.get(int(in.Index))
			continue
		}
		p.store()
		raw := p.c.code[in.Start:p.r.Pos]
		switch in.Op {
		case op.LocalSet, op.LocalTee:
			p.set(in.Op, int(in.Index))
		case op.Return:
			p.effect(op.Br.Append(nil, uint32(len(p.blocks)))...)
		case op.Block, op.Loop, op.TryTableOp:
			p.blocks = append(p.blocks, false)
			p.effect(raw...)
		case op.If:
			p.branchIn(raw)
		case op.Else:
			if p.blocks[len(p.blocks)-1] {
				p.skip(false)
			} else {
				p.effect(raw...)
			}
		case op.End:
			if len(p.blocks) == 0 {
				if p.c.leaves {
					p.effect(raw...)
				}
				return p.r.Err
			}
			p.blocks = p.blocks[:len(p.blocks)-1]
			p.effect(raw...)
		case op.BrIf, op.BrTable, op.Select, op.SelectT:
			p.decide(in, raw)
		default:
			p.instr(in, raw, true)
		}
	}
	return p.r.Err
}

// get reads a local of the callee.
func (p *copier) get(i int) {
	if len(p.waiting) > 0 && p.waiting[0] == i {
		// The argument would be stored last, just before this. If this is its only use, it can stay on the stack.
		if p.c.gets[i] == 1 && p.c.sets[i] == 0 {
			p.waiting = p.waiting[1:]
			p.pure = p.pure[:0]
			return
		}
		p.waiting = p.waiting[1:]
		p.store()
		p.effect(op.LocalTee.Append(nil, p.local(i))...)
		return
	}
	p.store()
	if e := p.instead[i]; e.op != 0 {
		p.push(e.op, e.value, p.raw[i])
		return
	}
	l := p.local(i)
	if p.stored(l) {
		p.cut(p.lastSet)
		p.lastEnd = 0
		if p.c.gets[i] > 1 {
			p.effect(op.LocalTee.Append(nil, l)...)
		}
		return
	}
	p.push(op.LocalGet, uint64(l), nil)
}

// set writes a local of the callee, by local.set or local.tee. If that is the only time, and precedes all reading, a value
// that stays the same can be read instead.
func (p *copier) set(o op.Op, i int) {
	if n := len(p.pure); n > 0 && i >= p.c.params && p.c.sets[i] == 1 && !p.c.zero[i] {
		e := p.pure[n-1]
		if p.replaces(e, len(p.out)-e.start, i) {
			if p.instead[i] = e; o == op.LocalSet {
				p.pop()
			}
			return
		}
	}
	start, l := len(p.out), p.local(i)
	p.effect(o.Append(nil, l)...)
	if o == op.LocalSet {
		p.lastSet, p.lastLocal, p.lastEnd = start, l, len(p.out)
	}
}

// branchIn writes an if. One of its branches is left out if the condition is constant.
func (p *copier) branchIn(raw []byte) {
	v, ok := p.constant()
	if !ok {
		p.blocks = append(p.blocks, false)
		p.effect(raw...)
		return
	}
	p.pop()
	if uint32(v) == 0 {
		p.skip(true)
		rest := op.Op(p.r.B[p.r.Pos])
		p.r.Pos++
		if rest == op.End {
			return // the operands are the results
		}
	}
	p.blocks = append(p.blocks, uint32(v) != 0)
	p.out = op.Block.Append(p.out)
	p.effect(raw[1:]...)
}

// skip leaves out instructions up to the end of the innermost block, or, if that comes first and orElse is true, its else.
func (p *copier) skip(orElse bool) {
	depth := 0
	for p.r.Next() {
		switch o := p.r.In.Op; o {
		case op.Block, op.Loop, op.If, op.TryTableOp:
			depth++
		case op.Else, op.End:
			if depth == 0 && (o == op.End || orElse) {
				p.r.Pos = p.r.In.Start
				return
			}
			if o == op.End {
				depth--
			}
		}
	}
}

// decide writes a br_if, br_table or select. A constant condition decides it.
func (p *copier) decide(in *op.Instr, raw []byte) {
	v, ok := p.constant()
	if !ok {
		p.effect(raw...)
		return
	}
	cond := uint32(v)
	switch in.Op {
	case op.BrIf:
		p.pop()
		if cond != 0 {
			p.leave(in.Index)
		}
	case op.BrTable:
		p.pop()
		p.leave(in.Labels[min(int64(cond), int64(len(in.Labels)-1))])
	default:
		n := len(p.pure)
		switch {
		case cond != 0 && n >= 2:
			p.pop()
			p.pop()
		case cond != 0:
			p.pop()
			p.effect(byte(op.Drop))
		case n >= 3:
			p.pop()
			p.removeSecond()
		default:
			p.effect(raw...)
		}
	}
}

// leave writes a branch, and leaves out what follows it in the block.
func (p *copier) leave(label uint32) {
	p.effect(leb128.AppendU32([]byte{byte(op.Br)}, label)...)
	p.skip(true)
}
