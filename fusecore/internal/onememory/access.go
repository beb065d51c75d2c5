// This file implements the encodings of instructions that use a memory. In comments, a is an address, o an instruction's
// offset, w the width of its access, e = o + w, and size and base are those of the memory's region.

package onememory

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// memory rewrites the current instruction, which names a memory.
func (w *rewriter) memory() {
	in := w.in
	switch in.Op {
	case op.MemorySize:
		w.size(w.layout.at(in.Index))
		w.unknown(1)
	case op.MemoryGrow:
		w.out = op.Call.Append(w.out, w.growth[in.Index])
		w.pop(1)
		w.unknown(1)
	case op.MemoryFill:
		w.bulk(in.Index, func() { w.out = op.MemoryFill.Append(w.out, 0) })
	case op.MemoryInit:
		w.bulk(in.Index2, func() { w.out = op.MemoryInit.Append(w.out, in.Index, 0) })
	case op.MemoryCopy:
		w.copyRange(in.Index, in.Index2)
	default:
		w.access()
	}
}

// size pushes the size of a memory in pages.
func (w *rewriter) size(r *Region) {
	switch {
	case r.Check == Engine:
		w.out = op.MemorySize.Append(w.out, 0)
		w.i32(int32(r.Base / page))
		w.op(op.I32Sub)
	case !r.Grows:
		w.i32(int32(r.Size / page))
	default:
		w.global(w.sizes[r.Memory])
		w.i32(pageLog2)
		w.op(op.I32ShrU)
	}
}

// access rewrites a load or store.
func (w *rewriter) access() {
	in := w.in
	r := w.layout.at(in.Index)
	above := len(in.Info.Params) - 1 // operands above the address: 0 or 1
	address := w.operandAt(above)
	e := in.Offset + 1<<in.Info.Align
	simple := address.kind == copied
	add := r.Check == Moving || r.Base+e > near // whether the base is added to the address
	checks := !w.proven(r, address, e)
	spill := above > 0 && (add || checks && !simple)
	value := uint32(0)
	if spill {
		value = w.temp(scratchOf[in.Info.Params[1]])
		w.set(value)
	}
	if checks {
		a := address.local
		if !simple {
			a = w.temp(scratchAddress)
			w.tee(a)
		}
		w.check(r, a, e)
		if simple {
			f := fact{address.local, address.version, r.Memory, e}
			w.learn(f)
			if w.checked != nil && r.Check != Engine {
				w.checked(f)
			}
		}
	}
	if add {
		w.base(r)
	} else {
		in.Offset += r.Base
	}
	if spill {
		w.get(value)
	}
	in.Index = 0
	w.emit()
	w.pop(above + 1)
	w.unknown(len(in.Info.Results))
}

// proven reports whether an access at an address needs no check.
func (w *rewriter) proven(r *Region, address operand, e uint64) bool {
	switch {
	case r.Check == Engine:
		return r.Base+e <= near
	case address.kind == constant:
		return uint64(address.value)+e <= r.Size // which never shrinks
	case address.kind == copied:
		for i := len(w.known) - 1; i >= max(w.floor, len(w.known)-maxFacts); i-- {
			if f := &w.known[i]; f.local == address.local && f.memory == r.Memory && f.version == w.version[f.local] && f.extent >= e {
				return true
			}
		}
	}
	return false
}

func (w *rewriter) learn(f fact) { w.known = append(w.known, f) }

// check traps unless the bytes from the address in a local up to e further are in a memory.
func (w *rewriter) check(r *Region, a uint32, e uint64) {
	w.get(a)
	switch {
	case r.Check == Engine:
		// The engine checks a + base + e; only the sum a + base may wrap: a > 2^32 - 1 - base.
		w.i32(int32(^uint32(r.Base)))
	case e > r.Size:
		// a + e > size, in 64 bits.
		w.op(op.I64ExtendI32U)
		w.i64(int64(e))
		w.op(op.I64Add)
		w.bytes(r)
		w.op(op.I64ExtendI32U, op.I64GtU)
		w.trapIf()
		return
	case !r.Grows:
		w.i32(int32(uint32(r.Size - e)))
	default:
		// a > size - e, which does not wrap, because e is at most the first size.
		w.value(variable{w.sizes[r.Memory], e})
	}
	w.op(op.I32GtU)
	w.trapIf()
}

// bytes pushes the size in bytes of a memory that the engine does not check.
func (w *rewriter) bytes(r *Region) {
	if r.Grows {
		w.global(w.sizes[r.Memory])
	} else {
		w.i32(int32(uint32(r.Size)))
	}
}

// base adds the base of a memory to the address on top of the stack.
func (w *rewriter) base(r *Region) {
	switch {
	case r.Check == Moving:
		w.value(variable{w.bases[r.Memory], 0})
	case r.Base == 0:
		return
	default:
		w.i32(int32(uint32(r.Base)))
	}
	w.op(op.I32Add)
}

// bulk rewrites an instruction on a range of a memory, whose operands are an address, another one, and a length.
func (w *rewriter) bulk(mem uint32, emit func()) {
	n, middle := w.temp(scratchI32), w.temp(scratchAddress)
	w.set(n)
	w.set(middle)
	w.inRange(w.layout.at(mem), n, true)
	w.get(middle)
	w.get(n)
	emit()
	w.pop(3)
}

// copyRange rewrites memory.copy.
func (w *rewriter) copyRange(to, from uint32) {
	n, source := w.temp(scratchI32), w.temp(scratchAddress)
	w.set(n)
	w.set(source)
	w.inRange(w.layout.at(to), n, true)
	w.get(source)
	w.inRange(w.layout.at(from), n, to != from)
	w.get(n)
	w.out = op.MemoryCopy.Append(w.out, 0, 0)
	w.pop(3)
}

// inRange traps unless a range is in a memory, and makes its address, on top of the stack, one of the one memory. Its length
// is in a local; it need not be compared with the size again if that has been done for this memory.
func (w *rewriter) inRange(r *Region, n uint32, compare bool) {
	a := w.temp(scratchRange)
	if r.Check == Engine {
		w.tee(a)
		w.check(r, a, 0)
		w.base(r)
		return
	}
	if compare {
		w.get(n)
		w.bytes(r)
		w.op(op.I32GtU)
		w.trapIf()
	}
	// a > size - n, which does not wrap
	w.tee(a)
	w.bytes(r)
	w.get(n)
	w.op(op.I32Sub, op.I32GtU)
	w.trapIf()
	w.get(a)
	w.base(r)
}
