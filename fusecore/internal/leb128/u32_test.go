package leb128_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// TestU32 checks every length of an integer, with and without bytes behind it.
func TestU32(t *testing.T) {
	for _, v := range []uint32{0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x1fffff, 0x200000, 0xfffffff, 0x10000000, 0xffffffff} {
		want := binary.AppendUvarint(nil, uint64(v))
		got := leb128.AppendU32([]byte{9}, v)
		if !bytes.Equal(got[1:], want) || got[0] != 9 {
			t.Errorf("%#x is encoded as %x, want %x", v, got[1:], want)
		}
		for extra := range 4 {
			b := append(bytes.Clone(want), make([]byte, extra)...)
			if back, n, err := leb128.U32(b); back != v || n != len(want) || err != nil {
				t.Errorf("%x: %#x of %d bytes, %v", b, back, n, err)
			}
		}
		for n := range want {
			if _, _, err := leb128.U32(want[:n]); err != leb128.ErrEnd {
				t.Errorf("%x: %v", want[:n], err)
			}
		}
	}
	// Encodings need not be the shortest.
	for _, b := range [][]byte{{0x81, 0}, {0x81, 0x80, 0}, {0x81, 0x80, 0x80, 0}, {0x81, 0x80, 0x80, 0x80, 0}} {
		if v, n, err := leb128.U32(b); v != 1 || n != len(b) || err != nil {
			t.Errorf("%x: %d of %d bytes, %v", b, v, n, err)
		}
	}
	if _, _, err := leb128.U32([]byte{0x81, 0x80, 0x80, 0x80, 0x10}); err != leb128.ErrTooBig {
		t.Errorf("33 bits: %v", err)
	}
}
