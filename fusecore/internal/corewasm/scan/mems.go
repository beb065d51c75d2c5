// This file implements counting the uses of memories.

package scan

import (
	"context"
	"sync/atomic"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// MemUses returns m.MemUses, or counts the uses if decoding has not. In a malformed body, the instructions before the
// error count.
func MemUses(m *corewasm.Module) []uint32 {
	if m.MemUses != nil {
		return m.MemUses
	}
	uses := make([]atomic.Uint32, m.Count(corewasm.ExternMem))
	_ = corewasm.EachBody(context.Background(), m.Code, func() func(int) error {
		body := make([]uint32, len(uses))
		return func(i int) error {
			clear(body)
			countMems(m.Code[i].Code, body)
			for mem, n := range body {
				if n > 0 {
					uses[mem].Add(n)
				}
			}
			return nil
		}
	})
	out := make([]uint32, len(uses))
	for i := range uses {
		out[i] = uses[i].Load()
	}
	return out
}

// Classes of first bytes for countMems: how to step over the immediates of the most frequent instructions.
const (
	stepFull byte = iota // decode
	stepNone             // no immediates
	stepInt              // one LEB128 integer
	stepMemarg
)

var steps = func() (t [256]byte) {
	for b := range t {
		in := op.One(byte(b))
		switch {
		case in.Name == "":
		case in.Imm == op.None:
			t[b] = stepNone
		case in.Imm == op.Label || in.Imm == op.Local || in.Imm == op.I32 || in.Imm == op.I64 || in.Imm == op.Func || in.Imm == op.Global:
			t[b] = stepInt
		case in.Imm == op.Memarg:
			t[b] = stepMemarg
		}
	}
	return t
}()

// countMems adds the uses of memories in a body's code.
func countMems(code []byte, uses []uint32) {
	r := op.NewReader(code, 0)
	count := func(s op.Space, i uint32) {
		if s == op.SpaceMem && int64(i) < int64(len(uses)) {
			uses[i]++
		}
	}
	for p := 0; p < len(code); {
		switch steps[code[p]] {
		case stepNone:
			p++
			continue
		case stepMemarg:
			// The short form, with memory 0 and an alignment of one byte, is followed by an offset.
			if p+1 < len(code) && code[p+1] < 0x40 && len(uses) > 0 {
				uses[0]++
				p = afterInt(code, p+2)
				continue
			}
		case stepInt:
			p = afterInt(code, p+1)
			continue
		}
		r.Pos = p
		if !r.Next() {
			return
		}
		r.In.EachIndex(count)
		p = r.Pos
	}
}

// afterInt steps over a LEB128 integer.
func afterInt(code []byte, p int) int {
	for p < len(code) && code[p] >= 0x80 {
		p++
	}
	return p + 1
}
