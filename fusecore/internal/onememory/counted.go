// This file implements loops whose checks are made before the loop.

package onememory

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// counted is a loop that a local counts down: it runs counter times, or 2^32 times if counter is 0. Locals increase by a constant
// in each iteration.
//
//	loop
//	  ... (local.set $p (i32.add (local.get $p) (i32.const 8))) ...
//	  (br_if 0 (local.tee $counter (i32.sub (local.get $counter) (i32.const 1))))
//	end
type counted struct {
	code    []byte // from the first instruction after loop to its end
	start   int    // of code in the body
	counter uint32
	strides map[uint32]uint64 // by local
}

// maxCounted limits the code of a loop that is written twice.
const maxCounted = 400

// countedLoop returns the loop that begins in code, or nil if that is no counted loop, calls functions, contains another loop or
// branches out.
func countedLoop(code []byte) *counted {
	c := &counted{strides: map[uint32]uint64{}}
	assigned := map[uint32]int{}
	var last [4]op.Instr // the instructions before the current one
	tail := 0            // offset of the final branch, once it has been met
	depth := uint32(0)
	for r := op.NewReader(code[:min(len(code), maxCounted)], 0); r.Next(); {
		in := r.In
		switch imm := in.Info.Imm; {
		case tail > 0:
			if in.Op != op.End {
				return nil
			}
			c.code = code[:r.Pos]
			if assigned[c.counter] != 1 {
				return nil
			}
			for l := range c.strides {
				if assigned[l] != 1 || l == c.counter {
					delete(c.strides, l)
				}
			}
			return c
		case in.Op == op.Loop || imm == op.TryTable || in.Op == op.LegacyTry || in.Op == op.MemoryGrow || calls(&in):
			return nil
		case imm == op.BlockType:
			depth++
		case in.Op == op.End:
			if depth == 0 {
				return nil
			}
			depth--
		case in.Op == op.BrIf && depth == 0 && in.Index == 0:
			if !countsDown(last) {
				return nil
			}
			c.counter, tail = last[3].Index, r.Pos
		case imm.Names(op.SpaceLabel):
			out := false
			in.EachIndex(func(s op.Space, i uint32) { out = out || s == op.SpaceLabel && i >= depth })
			if out {
				return nil
			}
		case in.Op == op.LocalSet || in.Op == op.LocalTee:
			assigned[in.Index]++
			if in.Op == op.LocalSet && depth == 0 && last[1].Op == op.LocalGet && last[1].Index == in.Index && last[2].Op == op.I32Const && last[3].Op == op.I32Add {
				if s := uint32(last[2].Value); s > 0 && s < 1<<16 {
					c.strides[in.Index] = uint64(s)
				}
			}
		}
		copy(last[:], last[1:])
		last[3] = in
	}
	return nil
}

// countsDown reports whether instructions subtract 1 from a local.
func countsDown(last [4]op.Instr) bool {
	get, one, subtract, tee := &last[0], &last[1], &last[2], &last[3]
	return get.Op == op.LocalGet && tee.Op == op.LocalTee && get.Index == tee.Index && one.Op == op.I32Const &&
		(subtract.Op == op.I32Sub && int32(one.Value) == 1 || subtract.Op == op.I32Add && int32(one.Value) == -1)
}

// counted rewrites a counted loop: if all its accesses at increasing addresses are in bounds, as a loop without checks of these,
// else as any other. It reports whether there are such accesses, and has done nothing otherwise.
func (w *rewriter) counted(c *counted) (bool, error) {
	checks, err := w.checksIn(c)
	if err != nil || len(checks) == 0 {
		return false, err
	}
	for i, f := range checks {
		// address + (counter - 1) * stride + extent <= size, in 64 bits
		w.get(f.local)
		w.op(op.I64ExtendI32U)
		w.get(c.counter)
		w.i32(1)
		w.op(op.I32Sub, op.I64ExtendI32U)
		w.i64(int64(c.strides[f.local]))
		w.op(op.I64Mul, op.I64Add)
		w.i64(int64(f.extent))
		w.op(op.I64Add)
		w.bytes(w.layout.at(f.memory))
		w.op(op.I64ExtendI32U, op.I64LeU)
		if i > 0 {
			w.op(op.I32And)
		}
	}
	w.begin(op.If)
	w.open(op.If)
	if err := w.loopOf(c, checks); err != nil {
		return false, err
	}
	w.markNowhere() // else the first copy would end in the body where the second one begins
	w.op(op.Else)
	w.reset(false)
	if err := w.loopOf(c, nil); err != nil {
		return false, err
	}
	w.op(op.End)
	w.depth--
	w.reset(true)
	return true, nil
}

// loopOf rewrites a counted loop, at whose beginning some facts hold, of the current versions of locals.
func (w *rewriter) loopOf(c *counted, checks []fact) error {
	w.begin(op.Loop)
	w.open(op.Loop)
	for _, f := range checks {
		f.version = w.version[f.local]
		w.learn(f)
	}
	r := op.NewReader(c.code, 0)
	for r.Next() {
		w.in = &r.In
		w.mark(c.start + r.In.Start)
		if err := w.instruction(nil); err != nil {
			return err
		}
	}
	return r.Err
}

// checksIn returns the checks in a counted loop that can be made before it, by rewriting it for a try.
func (w *rewriter) checksIn(c *counted) (checks []fact, err error) {
	if len(c.strides) == 0 {
		return nil, nil
	}
	size, number, known, copied, marks := len(w.out), w.checks, len(w.known), w.copied, len(w.marks)
	first := map[uint32]uint32{}
	for l := range c.strides {
		first[l] = w.version[l]
	}
	w.checked = func(f fact) {
		version, ok := first[f.local]
		if !ok || f.version != version {
			return
		}
		for i := range checks {
			if h := &checks[i]; h.local == f.local && h.memory == f.memory {
				h.extent = max(h.extent, f.extent)
				return
			}
		}
		checks = append(checks, f)
	}
	err = w.loopOf(c, nil)
	w.checked, w.copied = nil, copied
	w.out, w.checks, w.known, w.marks = w.out[:size], number, w.known[:known], w.marks[:marks]
	return checks, err
}
