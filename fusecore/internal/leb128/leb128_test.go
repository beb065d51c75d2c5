package leb128_test

import (
	"bytes"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// TestAppendSized appends contents of lengths around those at which the encoded length grows, with guesses that are too
// low, right and too high, to buffers with and without room.
func TestAppendSized(t *testing.T) {
	lengths := []int{0, 1, 127, 128, 129, 16383, 16384, 1<<21 - 1, 1 << 21}
	for _, n := range lengths {
		content := make([]byte, n)
		for i := range content {
			content[i] = byte(i*7 + i>>8)
		}
		want := append(leb128.AppendU32([]byte("head"), uint32(n)), content...)
		for _, guess := range lengths {
			for _, spare := range []int{0, n + 4, n + 100} {
				b := append(make([]byte, 0, 4+spare), "head"...)
				b = leb128.AppendSized(b, guess, func(b []byte) []byte { return append(b, content...) })
				if !bytes.Equal(b, want) {
					t.Errorf("%d bytes with a guess of %d and %d bytes to spare are wrong", n, guess, spare)
				}
			}
		}
	}
}

func TestSize(t *testing.T) {
	for shift := range 64 {
		for _, v := range []uint64{1<<shift - 1, 1 << shift} {
			if got, want := leb128.Size(v), len(leb128.AppendU64(nil, v)); got != want {
				t.Errorf("Size(%d) is %d, want %d", v, got, want)
			}
		}
	}
}
