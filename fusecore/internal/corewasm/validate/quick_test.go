package validate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
)

// frequent returns a random instruction, of which the operands may be wrong. depth is the number of labels.
func frequent(r *rand.Rand, depth int) []byte {
	small := func(n int) byte { return byte(r.IntN(n)) }
	// An integer in one to five bytes.
	integer := func() []byte {
		out := bytes.Repeat([]byte{0x80}, r.IntN(5))
		return append(out, small(8))
	}
	block := func(o byte) []byte {
		return []byte{o, []byte{0x40, 0x40, 0x7f, 0x7e, 0x7d, 0x7c, tVoid, tI32, 0x70}[r.IntN(9)]}
	}
	numeric := func() []byte { return []byte{0x45 + small(0xc5-0x45)} }
	kinds := []func() []byte{
		func() []byte { return slices.Concat([]byte{0x41 + small(2)}, integer()) },
		func() []byte { return []byte{0x43, 0, 0, 0x10, 0x0b} },
		func() []byte { return []byte{0x44, 0, 0, 0, 0x10, 0x0b, 0x10, 0, 0} },
		func() []byte { return []byte{0x20, small(2)} },
		func() []byte { return []byte{0x21 + small(2), small(2)} },
		func() []byte { return []byte{0x23, 0} },
		func() []byte { return slices.Concat([]byte{0x28 + small(0x3f-0x28), small(4)}, integer()) },
		func() []byte { return slices.Concat([]byte{0x28 + small(0x3f-0x28), 0x42, 1}, integer()) },
		func() []byte { return []byte{0x10, small(4)} },
		func() []byte { return []byte{0x1a + small(2)} },
		func() []byte { return block(0x02 + small(3)) },
		func() []byte { return block(0x04) },
		func() []byte { return []byte{0x05} },
		func() []byte { return []byte{0x0b} },
		func() []byte { return []byte{0x0c + small(2), small(depth)} },
		func() []byte { return []byte{[]byte{0x00, 0x0f, 0x01}[small(3)]} },
		func() []byte { return []byte{0xd0, 0x70} },
		numeric, numeric, numeric,
	}
	return kinds[r.IntN(len(kinds))]()
}

// TestQuickly builds bodies of frequent instructions, one after the other, and checks every step with and without the fast
// path: the errors are the same. What is valid stays.
func TestQuickly(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 0))
		var code []byte
		valid := 0
		for range 400 {
			depth := nesting(code)
			next := slices.Concat(code, frequent(r, depth+1))
			// Unreachable code closes the blocks with any operands.
			closed := slices.Concat(next, []byte{0x00, 0x01, 0x01, 0x01}, bytes.Repeat([]byte{0x0b}, max(0, nesting(next))))
			m, err := decode.Module(encode.Module(base(closed...)), 0)
			if err != nil {
				continue
			}
			quick, slow := validate.Module(t.Context(), m, validate.All), validate.Slowly(t.Context(), m, validate.All)
			if fmt.Sprint(quick) != fmt.Sprint(slow) {
				t.Fatalf("seed %d: % x\nwith the fast path:    %v\nwithout the fast path: %v", seed, closed, quick, slow)
			}
			if slow == nil && len(next) < 400 {
				code = next
				valid++
			}
		}
		if valid < 20 {
			t.Errorf("seed %d: only %d instructions are valid", seed, valid)
		}
	}
}

// nesting returns the number of blocks that code leaves open.
func nesting(code []byte) (depth int) {
	for r := op.NewReader(code, 0); r.Next(); {
		switch {
		case r.In.Info.Imm == op.BlockType:
			depth++
		case r.In.Op == op.End:
			depth--
		}
	}
	return depth
}
