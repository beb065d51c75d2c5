// This file implements the functions that a module with one memory needs.

package onememory

import (
	"fmt"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// function is a generated function.
type function struct {
	name string
	typ  corewasm.FuncType
	body corewasm.Body
}

func i32s(n int) []corewasm.ValType { return slices.Repeat([]corewasm.ValType{corewasm.I32}, n) }

// generated returns the generated functions, in the order of their indices.
func (r *rebuild) generated() (out []function) {
	r.growth = map[uint32]uint32{}
	next := r.in.Count(corewasm.ExternFunc)
	add := func(name string, params, locals int, code func(w *rewriter)) uint32 {
		w := &rewriter{rebuild: r}
		code(w)
		f := function{name, corewasm.FuncType{Params: i32s(params), Results: i32s(1)}, corewasm.Body{Code: op.End.Append(w.out)}}
		if locals > 0 {
			f.body.Locals = []corewasm.LocalRun{{Count: uint32(locals), Type: corewasm.I32}}
		}
		out = append(out, f)
		next++
		return next - 1
	}
	slide := uint32(0)
	if r.layout.Slides {
		slide = add("move memories", 3, 2, (*rewriter).slide)
	}
	for i := range r.layout.Regions {
		g := &r.layout.Regions[i]
		if g.Grows {
			r.growth[g.Memory] = add(fmt.Sprintf("grow memory %d", g.Memory), 1, 3, func(w *rewriter) { w.grow(i, slide) })
		}
	}
	return out
}

// ifReturn returns a constant if the condition on the stack holds.
func (w *rewriter) ifReturn(v int32) {
	w.begin(op.If)
	w.i32(v)
	w.op(op.Return, op.End)
}

// grow emits what memory.grow does for the i-th region: [pages] -> [size before, or -1].
func (w *rewriter) grow(i int, slide uint32) {
	const delta, was, capacity, wanted = 0, 1, 2, 3
	g := &w.layout.Regions[i]
	if g.Check == Engine { // the memory's maximum is this one's
		w.get(delta)
		w.out = op.MemoryGrow.Append(w.out, 0)
		w.tee(was)
		w.i32(-1)
		w.op(op.I32Eq)
		w.ifReturn(-1)
		w.get(was)
		w.i32(int32(g.Base / page))
		w.op(op.I32Sub)
		return
	}
	w.size(g)
	w.set(was)
	// delta > max - was
	w.get(delta)
	w.i32(int32(g.max))
	w.get(was)
	w.op(op.I32Sub, op.I32GtU)
	w.ifReturn(-1)
	if w.layout.Slides {
		w.makeRoom(i, slide, delta, was, capacity, wanted)
	}
	// What lies between the size and the capacity is zero.
	w.bytes(g)
	w.get(delta)
	w.i32(pageLog2)
	w.op(op.I32Shl, op.I32Add)
	w.out = op.GlobalSet.Append(w.out, w.sizes[g.Memory])
	w.get(was)
}

// end pushes the address in the one memory at which the i-th region ends.
func (w *rewriter) end(i int) {
	if i+1 < len(w.layout.Regions) {
		w.i32(0)
		w.base(&w.layout.Regions[i+1])
		return
	}
	w.out = op.MemorySize.Append(w.out, 0)
	w.i32(pageLog2)
	w.op(op.I32Shl)
}

// makeRoom emits the moving of the regions above the i-th one if it has no room for delta more pages. The regions then move
// by more than needed, so that a memory that grows by single pages does not move those above it each time: by what doubles
// the room, but at most by as much as there is above, and at least by a sixteenth of that.
func (w *rewriter) makeRoom(i int, slide, delta, was, capacity, wanted uint32) {
	g := &w.layout.Regions[i]
	// capacity = (end - base) / page
	w.end(i)
	w.i32(0)
	w.base(g)
	w.op(op.I32Sub)
	w.i32(pageLog2)
	w.op(op.I32ShrU)
	w.set(capacity)
	// was + delta > capacity; the sum is at most max
	w.get(was)
	w.get(delta)
	w.op(op.I32Add)
	w.get(capacity)
	w.op(op.I32GtU)
	w.begin(op.If)
	// wanted = min(max(min(capacity, above), above / 16), max - capacity), where above is memory.size - end / page
	choose := func(compare op.Op, other func()) {
		w.get(wanted)
		other()
		w.get(wanted)
		other()
		w.op(compare, op.Select)
		w.set(wanted)
	}
	above := func() {
		w.out = op.MemorySize.Append(w.out, 0)
		w.end(i)
		w.i32(pageLog2)
		w.op(op.I32ShrU, op.I32Sub)
	}
	above()
	w.set(wanted)
	choose(op.I32LtU, func() { w.get(capacity) })
	choose(op.I32GtU, func() {
		above()
		w.i32(4)
		w.op(op.I32ShrU)
	})
	choose(op.I32LtU, func() {
		w.i32(int32(g.max))
		w.get(capacity)
		w.op(op.I32Sub)
	})
	// slide(end, wanted, was + delta - capacity)
	w.end(i)
	w.get(wanted)
	w.get(was)
	w.get(delta)
	w.op(op.I32Add)
	w.get(capacity)
	w.op(op.I32Sub)
	w.out = op.Call.Append(w.out, slide)
	w.tee(wanted)
	w.op(op.I32Eqz)
	w.ifReturn(-1)
	for k := i + 1; k < len(w.layout.Regions); k++ {
		base := w.bases[w.layout.Regions[k].Memory]
		w.global(base)
		w.get(wanted)
		w.i32(pageLog2)
		w.op(op.I32Shl, op.I32Add)
		w.out = op.GlobalSet.Append(w.out, base)
	}
	w.op(op.End)
}

// slide emits the moving of everything from an address on: [from wanted needed] -> [pages, or 0 if there is no memory]. It
// moves by wanted pages if that is more than needed and the engine has them. What it leaves is zero.
func (w *rewriter) slide() {
	const from, by, needed, was, n = 0, 1, 2, 3, 4
	attempt := func() {
		w.get(by)
		w.out = op.MemoryGrow.Append(w.out, 0)
		w.tee(was)
		w.i32(-1)
		w.op(op.I32Eq)
		w.begin(op.If)
	}
	max := func() {
		w.get(by)
		w.get(needed)
		w.get(by)
		w.get(needed)
		w.op(op.I32GtU, op.Select)
		w.set(by)
	}
	max()
	attempt()
	w.get(needed)
	w.set(by)
	attempt()
	w.i32(0)
	w.op(op.Return, op.End, op.End)
	// n = was * page - from
	w.get(was)
	w.i32(pageLog2)
	w.op(op.I32Shl)
	w.get(from)
	w.op(op.I32Sub)
	w.set(n)
	bytes := func() {
		w.get(by)
		w.i32(pageLog2)
		w.op(op.I32Shl)
	}
	w.get(from)
	bytes()
	w.op(op.I32Add)
	w.get(from)
	w.get(n)
	w.out = op.MemoryCopy.Append(w.out, 0, 0)
	// The rest of the gap is fresh memory.
	w.get(from)
	w.i32(0)
	bytes()
	w.get(n)
	bytes()
	w.get(n)
	w.op(op.I32LtU, op.Select)
	w.out = op.MemoryFill.Append(w.out, 0)
	w.get(by)
}
