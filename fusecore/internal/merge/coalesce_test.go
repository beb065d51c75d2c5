package merge

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
)

func TestJoinedAcross(t *testing.T) {
	piece := func(at int64, s string) corewasm.Data {
		return corewasm.Data{Offset: encode.I64Const(at), Bytes: []byte(s)}
	}
	for _, tc := range []struct {
		name string
		gap  uint64
		in   []corewasm.Data
		want []corewasm.Data
	}{
		{"apart, by address", 0, []corewasm.Data{piece(9, "b"), piece(0, "a")}, []corewasm.Data{piece(0, "a"), piece(9, "b")}},
		{"touching", 0, []corewasm.Data{piece(2, "cd"), piece(0, "ab")}, []corewasm.Data{piece(0, "abcd")}},
		{"across a gap", 2, []corewasm.Data{piece(4, "cd"), piece(0, "ab"), piece(9, "e")}, []corewasm.Data{piece(0, "ab\x00\x00cd"), piece(9, "e")}},
		{"later bytes win", 0, []corewasm.Data{piece(1, "xyz"), piece(0, "ab"), piece(3, "d")}, []corewasm.Data{piece(0, "abyd")}},
		{"one inside another", 0, []corewasm.Data{piece(1, "x"), piece(0, "abcd"), piece(2, "y")}, []corewasm.Data{piece(0, "abyd")}},
		{"empty ones that may trap", 0, []corewasm.Data{piece(1<<16, ""), piece(4, "")}, []corewasm.Data{piece(4, ""), piece(1<<16, "")}},
		{"an empty one at the end of another", 0, []corewasm.Data{piece(2, ""), piece(0, "ab")}, []corewasm.Data{piece(0, "ab")}},
		{"the last address", 0, []corewasm.Data{piece(-1, "ab"), piece(0, "c")}, []corewasm.Data{piece(0, "c"), piece(-1, "ab")}},
		{"beyond the last address", 0, []corewasm.Data{piece(-2, "abc"), piece(-1, "d")}, []corewasm.Data{piece(-2, "abc"), piece(-1, "d")}},
	} {
		if got := joinedAcross(tc.in, byOffset(tc.in), tc.gap, 1<<32); !cmp.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
