package onememory_test

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// iterations finds what a condition proves about all iterations of the loop that follows. It must say of a local p
//
//	p + (n - 1) * stride + extent <= size
//
// in 64 bits, where each iteration increases p by the stride and decreases n, and the last one makes n zero. Then in the
// iteration that begins with n = k, k - 1 others follow, so p is at most size - extent - (k - 1) * stride.
func (c *checker) iterations(cond value, code []op.Instr) {
	if cond.kind == both {
		c.iterations(*cond.a, code)
		c.iterations(*cond.b, code)
		return
	}
	is := func(v *value, k valueKind) bool { return v.kind == k }
	if !is(&cond, atMost) || !is(cond.a, sum) || !is(cond.b, wide) || !is(cond.a.b, number) || !is(cond.a.a, sum) {
		return
	}
	extent, limit, start, rest := cond.a.b.c, cond.b.a, cond.a.a.a, cond.a.a.b
	if !is(start, wide) || !is(rest, product) || !is(rest.a, wide) || !is(rest.b, number) || !is(rest.a.a, difference) ||
		!is(rest.a.a.b, number) || rest.a.a.b.c != 1 {
		return
	}
	for p := range c.locals {
		for n := range c.locals {
			if c.locals[p].id != start.a.id || c.locals[n].id != rest.a.a.a.id || !counts(code, uint32(p), uint32(n), rest.b.c) {
				continue
			}
			f := bound{length: p, relative: limit.kind == size, mem: limit.mem, extent: extent, most: int64(limit.c) - int64(extent)}
			if limit.kind == size || limit.kind == number {
				c.pending = append(c.pending, f)
			}
		}
	}
}

// twice reports whether code begins with two alternative loops with the same accesses.
func twice(code []op.Instr) bool {
	first, n := accessesOfLoop(code)
	if code[n].Op != op.Else || code[n+1].Op != op.Loop {
		return false
	}
	second, _ := accessesOfLoop(code[n+1:])
	return slices.Equal(first, second)
}

// accessesOfLoop lists the accesses of the loop at the beginning of code, and returns where it ends.
func accessesOfLoop(code []op.Instr) (list []op.Op, end int) {
	depth := 0
	for i := range code {
		in := &code[i]
		switch {
		case in.Info.Imm == op.BlockType || in.Info.Imm == op.TryTable:
			depth++
		case in.Op == op.End || in.Op == op.LegacyDelegate:
			if depth--; depth == 0 {
				return list, i + 1
			}
		case in.Info.Imm.Names(op.SpaceMem):
			list = append(list, in.Op)
		}
	}
	return list, len(code)
}

// counts reports whether each iteration of the loop at the beginning of code increases p by a stride once, decreases n by 1 at its
// end, and runs again exactly if n is not zero then.
func counts(code []op.Instr, p, n uint32, stride uint64) bool {
	depth, increased, decreased := 0, 0, 0
	for i := 1; i < len(code); i++ {
		in := &code[i]
		at := func(k int, o op.Op) bool { return code[i-k].Op == o }
		again := false
		if in.Info.Imm.Names(op.SpaceLabel) {
			in.EachIndex(func(s op.Space, l uint32) { again = again || s == op.SpaceLabel && int(l) == depth })
		}
		switch {
		case in.Op == op.Loop || in.Info.Imm == op.TryTable:
			return false
		case in.Info.Imm == op.BlockType:
			depth++
		case in.Op == op.End && depth == 0:
			return increased == 1 && decreased == 1 && at(1, op.BrIf) && at(2, op.LocalTee) && code[i-2].Index == n
		case in.Op == op.End:
			depth--
		case again && (in.Op != op.BrIf || depth > 0 || code[i+1].Op != op.End):
			return false
		case (in.Op == op.LocalSet || in.Op == op.LocalTee) && in.Index == p:
			if depth > 0 || !at(1, op.I32Add) || !at(2, op.I32Const) || uint64(uint32(code[i-2].Value)) != stride || !at(3, op.LocalGet) || code[i-3].Index != p {
				return false
			}
			increased++
		case (in.Op == op.LocalSet || in.Op == op.LocalTee) && in.Index == n:
			one := int32(code[i-2].Value)
			if depth > 0 || !at(2, op.I32Const) || !at(3, op.LocalGet) || code[i-3].Index != n || !(at(1, op.I32Sub) && one == 1 || at(1, op.I32Add) && one == -1) {
				return false
			}
			decreased++
		}
	}
	return false
}
