// This file implements the code of a caller.

package inline

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// writer writes the code of one function.
type writer struct {
	out []byte
	// pure are the last expressions in out, one after the other up to its end: their values are on top of the stack, and
	// computing them has no effects.
	pure []expr

	declared []corewasm.LocalRun
	own      uint32             // parameters and locals that the function has without inlined bodies
	added    []corewasm.ValType // the others, from own on
	used     []bool             // whether a body that has been written uses each of added
	pool     map[corewasm.ValType][]uint32
	// The last local.set of an inlined body: where it is in out, and its local.
	lastSet, lastEnd int
	lastLocal        uint32

	blocks []op.Op // that are open
	loops  int     // those of blocks that are loops

	traced bool
	marks  []origin.Mark // where out comes from, if traced
	from   origin.Mark   // where the instruction that is being written comes from
}

// mark notes where what is written next comes from.
func (w *writer) mark(from origin.Mark) {
	w.from, from.At = from, uint32(len(w.out))
	w.marks = origin.Append(w.marks, from)
}

// cut ends out at an offset. What was there may be written again, for the current instruction.
func (w *writer) cut(end int) {
	w.out = w.out[:end]
	if w.traced {
		w.mark(w.from)
	}
}

// expr is an expression without effects.
type expr struct {
	start int   // in out
	op    op.Op // a constant, or local.get, or else zero
	value uint64
}

func newWriter(t *corewasm.FuncType, declared []corewasm.LocalRun, traced bool) *writer {
	w := &writer{traced: traced, declared: declared, own: uint32(len(t.Params)), pool: map[corewasm.ValType][]uint32{}}
	for _, r := range declared {
		w.own += r.Count
	}
	return w
}

// runs returns the declarations of all locals.
func (w *writer) runs() []corewasm.LocalRun {
	out := slices.Clone(w.declared)
	for _, t := range w.added {
		if n := len(out); n > 0 && out[n-1].Type == t {
			out[n-1].Count++
		} else {
			out = append(out, corewasm.LocalRun{Count: 1, Type: t})
		}
	}
	return out
}

// local returns the n-th local for inlined bodies of a type.
func (w *writer) local(t corewasm.ValType, n int) uint32 {
	if n == len(w.pool[t]) {
		w.pool[t] = append(w.pool[t], w.own+uint32(len(w.added)))
		w.added, w.used = append(w.added, t), append(w.used, false)
	}
	return w.pool[t][n]
}

// function writes code, which comes from where a trace says, with the calls of some functions, by their index, replaced by
// their bodies.
func (w *writer) function(code []byte, trace *origin.Trace, chosen map[uint32]*callee) error {
	w.out = make([]byte, 0, len(code)+len(code)/4)
	r := op.NewReader(code, 0)
	for r.Next() {
		in := &r.In
		if w.traced {
			w.mark(trace.At(uint32(in.Start)))
		}
		switch in.Op {
		case op.Call:
			if c := chosen[in.Index]; c != nil {
				if err := w.inline(c); err != nil {
					return err
				}
				continue
			}
		case op.Block, op.Loop, op.If, op.TryTableOp, op.LegacyTry:
			w.blocks = append(w.blocks, in.Op)
			if in.Op == op.Loop {
				w.loops++
			}
		case op.End, op.LegacyDelegate:
			if n := len(w.blocks) - 1; n >= 0 {
				if w.blocks[n] == op.Loop {
					w.loops--
				}
				w.blocks = w.blocks[:n]
			}
		}
		w.instr(in, code[in.Start:r.Pos], false)
	}
	return r.Err
}

// instr writes an instruction, given its bytes. fold allows to compute the result if the operands are constant.
func (w *writer) instr(in *op.Instr, bytes []byte, fold bool) {
	start := len(w.out)
	switch in.Op {
	case op.I32Const, op.I64Const, op.F32Const, op.F64Const, op.V128Const, op.LocalGet:
		value := in.Value
		if in.Op == op.LocalGet {
			value = uint64(in.Index)
		}
		w.out = append(w.out, bytes...)
		w.pure = append(w.pure, expr{start, in.Op, value})
		return
	case op.GlobalGet:
		w.out = append(w.out, bytes...)
		w.pure = append(w.pure, expr{start: start})
		return
	}
	n := len(in.Info.Params)
	if !isPure(in.Op) || n > len(w.pure) {
		w.effect(bytes...)
		return
	}
	if fold && w.fold(in.Op, n) {
		return
	}
	w.out = append(w.out, bytes...)
	w.pure = append(w.pure[:len(w.pure)-n], expr{start: w.pure[len(w.pure)-n].start})
}

// effect writes an instruction of which nothing is known.
func (w *writer) effect(bytes ...byte) {
	w.out = append(w.out, bytes...)
	w.pure = w.pure[:0]
}

// push writes a constant or local.get.
func (w *writer) push(o op.Op, value uint64, raw []byte) {
	start := len(w.out)
	switch o {
	case op.LocalGet:
		w.out = o.Append(w.out, uint32(value))
	case op.I32Const, op.I64Const:
		w.out = leb128.AppendS64(o.Append(w.out), int64(value))
	default:
		w.out = append(w.out, raw...)
	}
	w.pure = append(w.pure, expr{start, o, value})
}

// stored reports whether the last instruction is the local.set of a local in an inlined body.
func (w *writer) stored(l uint32) bool {
	return w.lastEnd == len(w.out) && w.lastEnd > 0 && w.lastLocal == l
}

// pop removes the last expression, which pure has.
func (w *writer) pop() expr {
	e := w.pure[len(w.pure)-1]
	w.pure = w.pure[:len(w.pure)-1]
	w.cut(e.start)
	return e
}

// constant returns the value on top of the stack if it is an integer constant.
func (w *writer) constant() (v uint64, ok bool) {
	if len(w.pure) == 0 {
		return 0, false
	}
	e := &w.pure[len(w.pure)-1]
	return e.value, e.op == op.I32Const || e.op == op.I64Const
}

// zero returns the instruction that pushes the default value of a type.
func zero(t corewasm.ValType) []byte {
	var x corewasm.Expr
	switch t {
	case corewasm.I32:
		x = encode.I32Const(0)
	case corewasm.I64:
		x = encode.I64Const(0)
	case corewasm.F32:
		x = encode.F32Const(0)
	case corewasm.F64:
		x = encode.F64Const(0)
	case corewasm.V128:
		x = encode.V128Const([16]byte{})
	default:
		x = encode.RefNull(t.Heap)
	}
	return x.Bytes[:len(x.Bytes)-1] // without the end
}
