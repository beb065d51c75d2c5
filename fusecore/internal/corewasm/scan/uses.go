// This file implements counting the uses of memories and tables.

package scan

import (
	"context"
	"sync/atomic"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Uses returns m.Uses, or counts the uses if decoding has not. In a malformed body, the instructions before the error
// count.
func Uses(m *corewasm.Module) *corewasm.Uses {
	if m.Uses != nil {
		return m.Uses
	}
	c := NewCounter(m.Count(corewasm.ExternMem), m.Count(corewasm.ExternTable))
	_ = corewasm.EachBody(context.Background(), m.Code, func() func(int) error {
		mems := make([]uint32, len(c.mems))
		return func(i int) error {
			clear(mems)
			count(m.Code[i].Code, mems, c)
			for mem, n := range mems {
				if n > 0 {
					c.mems[mem].Add(n)
				}
			}
			return nil
		}
	})
	return c.Uses()
}

// Counter counts uses in several bodies concurrently.
type Counter struct{ mems, tables []atomic.Uint32 }

// NewCounter returns a counter for a number of memories and tables.
func NewCounter(mems, tables uint32) *Counter {
	return &Counter{make([]atomic.Uint32, mems), make([]atomic.Uint32, tables)}
}

// Add adds n uses of an item of a space. Uses of other items than memories and tables, and of indices out of range, do not
// count.
func (c *Counter) Add(s op.Space, i, n uint32) {
	of := c.mems
	if s == op.SpaceTable {
		of = c.tables
	}
	if (s == op.SpaceMem || s == op.SpaceTable) && int64(i) < int64(len(of)) {
		of[i].Add(n)
	}
}

// Uses returns the sums.
func (c *Counter) Uses() *corewasm.Uses {
	load := func(of []atomic.Uint32) []uint32 {
		out := make([]uint32, len(of))
		for i := range of {
			out[i] = of[i].Load()
		}
		return out
	}
	return &corewasm.Uses{Mems: load(c.mems), Tables: load(c.tables)}
}

// Classes of first bytes for count: how to step over the immediates of the most frequent instructions.
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

// count adds the uses of memories in a body's code to mems, and those of tables to c.
func count(code []byte, mems []uint32, c *Counter) {
	r := op.NewReader(code, 0)
	use := func(s op.Space, i uint32) {
		if s != op.SpaceMem {
			c.Add(s, i, 1)
		} else if int64(i) < int64(len(mems)) {
			mems[i]++
		}
	}
	for p := 0; p < len(code); {
		switch steps[code[p]] {
		case stepNone:
			p++
			continue
		case stepMemarg:
			// The short form, with memory 0 and an alignment of one byte, is followed by an offset.
			if p+1 < len(code) && code[p+1] < 0x40 && len(mems) > 0 {
				mems[0]++
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
		r.In.EachIndex(use)
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
