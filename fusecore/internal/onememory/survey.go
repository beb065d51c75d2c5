// This file implements the survey of a module's code: what it does with its memories.

package onememory

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// body is an encoded function body: its locals and instructions.
type body struct {
	bytes    []byte
	accesses bool // whether an instruction names a memory
}

// facts is what a survey finds.
type facts struct {
	memories  []memory
	batches   []corewasm.Batch[body]
	namesData bool // whether an instruction names a data segment
}

// survey reads all bodies.
func survey(ctx context.Context, m *corewasm.Module, o Options) (*facts, error) {
	u := &facts{}
	for i := range m.Count(corewasm.ExternMem) {
		t, _ := m.MemTypeOf(i)
		switch {
		case t.Limits.Is64:
			return nil, refuse(o, i, "it has a memory with 64-bit addresses", "build it for wasm32, or fuse without a single memory")
		case t.Limits.Shared:
			return nil, refuse(o, i, "it has a memory that threads share", "build it without threads, or fuse without a single memory")
		case t.PageSizeLog2 != pageLog2:
			return nil, refuse(o, i, "it has a memory whose pages are not 64 KiB", "build it without custom page sizes, or fuse without a single memory")
		}
		most := maxPages
		if t.Limits.HasMax {
			most = min(most, t.Limits.Max)
		}
		u.memories = append(u.memories, memory{min: t.Limits.Min, max: max(most, t.Limits.Min)})
	}
	if err := u.split(m); err != nil {
		return nil, err
	}
	found := make([]scanner, len(u.batches))
	err := corewasm.InParallel(ctx, len(u.batches), func() func(int) error {
		return func(i int) error {
			s := scanner{o: o, memories: make([]memory, len(u.memories))}
			for k := range u.batches[i].Bodies {
				if err := s.body(&u.batches[i].Bodies[k]); err != nil {
					return err
				}
			}
			found[i] = s
			return nil
		}
	})
	for _, s := range found {
		u.namesData = u.namesData || s.namesData
		for i := range s.memories {
			m := &u.memories[i]
			m.grows = m.grows || s.memories[i].grows
			m.uses += s.memories[i].uses
		}
	}
	return u, err
}

// split divides the bodies of a module into batches.
func (u *facts) split(m *corewasm.Module) error {
	encoded, err := scan.Encoded(m)
	if err != nil {
		return err
	}
	bodies := make([]body, len(encoded))
	for i, b := range encoded {
		bodies[i].bytes = b
	}
	u.batches = corewasm.Batches(bodies, func(b *body) int { return len(b.bytes) })
	return nil
}

// scanner collects what bodies do with memories.
type scanner struct {
	o         Options
	memories  []memory
	namesData bool
}

// loopWeight is how much more often the code in a loop is assumed to run than that around it.
const loopWeight = 8

// body reads one body.
func (s *scanner) body(b *body) error {
	_, code, err := scan.Locals(b.bytes)
	if err != nil {
		return err
	}
	weight, loops := uint64(1), []uint64{} // the weight around each open block
	for r := op.NewReader(code, 0); ; {
		if !r.Next() {
			return r.Err
		}
		in := &r.In
		switch in.Info.Imm {
		case op.BlockType, op.TryTable:
			loops = append(loops, weight)
			if in.Op == op.Loop {
				weight = min(weight*loopWeight, loopWeight*loopWeight*loopWeight)
			}
			continue
		}
		if in.Op == op.End || in.Op == op.LegacyDelegate {
			if n := len(loops); n > 0 {
				weight, loops = loops[n-1], loops[:n-1]
			}
			continue
		}
		s.namesData = s.namesData || in.Info.Imm.Names(op.SpaceData)
		if !in.Info.Imm.Names(op.SpaceMem) {
			continue
		}
		b.accesses = true
		mem := in.Index
		switch in.Info.Imm {
		case op.DataMem:
			mem = in.Index2
		case op.MemMem:
			s.memories[in.Index2].uses += weight
		}
		if in.Op.Prefix() == op.PrefixAtomic {
			return refuse(s.o, mem, "it has atomic instructions", "build it without threads, or fuse without a single memory")
		}
		m := &s.memories[mem]
		m.uses += weight
		m.grows = m.grows || in.Op == op.MemoryGrow
	}
}

// loop is what the code of a loop does.
type loop struct {
	calls    bool     // it calls functions, which may change sizes and bases
	accesses []extent // each once
}

// extent is how far an access reaches from its address: offset + width.
type extent struct {
	memory uint32
	bytes  uint64
}

// loopsIn returns the loops of a body, in their order.
func loopsIn(code []byte) (loops []loop, err error) {
	inner := -1      // the innermost loop, or -1; what it has is added to the one around it at its end
	var around []int // the innermost loop around each open block, or -1
	r := op.NewReader(code, 0)
	for r.Next() {
		in := &r.In
		switch imm := in.Info.Imm; {
		case imm == op.BlockType || imm == op.TryTable:
			around = append(around, inner)
			if in.Op == op.Loop {
				inner = len(loops)
				loops = append(loops, loop{})
			}
		case in.Op == op.End || in.Op == op.LegacyDelegate:
			n := len(around)
			if n == 0 {
				break
			}
			closed := inner
			inner, around = around[n-1], around[:n-1]
			if inner >= 0 && inner != closed {
				loops[inner].add(&loops[closed])
			}
		case inner < 0:
		case in.Op == op.MemoryGrow || calls(in):
			loops[inner].calls = true
		case imm == op.Memarg || imm == op.MemargLane:
			loops[inner].add(&loop{accesses: []extent{extentOf(in)}})
		}
	}
	return loops, r.Err
}

// add adds what code inside the loop does.
func (l *loop) add(inside *loop) {
	l.calls = l.calls || inside.calls
	for _, x := range inside.accesses {
		if len(l.accesses) < maxExtents && !slices.Contains(l.accesses, x) {
			l.accesses = append(l.accesses, x)
		}
	}
}

// maxExtents limits the accesses of a loop that are distinguished.
const maxExtents = 16

func extentOf(in *op.Instr) extent { return extent{in.Index, in.Offset + 1<<in.Info.Align} }

// calls reports whether an instruction calls a function.
func calls(in *op.Instr) bool {
	switch in.Op {
	case op.Call, op.CallIndirect, op.CallRef, op.ReturnCall, op.ReturnCallIndirect, op.ReturnCallRef:
		return true
	}
	return false
}
