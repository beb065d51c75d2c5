package constexpr

import (
	"slices"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

func code(bs ...byte) corewasm.Expr { return corewasm.Expr{Bytes: append(bs, byte(op.End))} }

func TestFold(t *testing.T) {
	i32, i64 := encode.I32Const, encode.I64Const
	for _, tc := range []struct {
		name     string
		in, want corewasm.Expr
	}{
		{"a constant", i32(-1), i32(-1)},
		{"add", code(0x41, 5, 0x41, 6, byte(op.I32Add)), i32(11)},
		{"sub", code(0x41, 5, 0x41, 6, byte(op.I32Sub)), i32(-1)},
		{"wraps", code(0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x41, 1, byte(op.I32Add)), i32(-1 << 31)},
		{"multiplication wraps", code(0x41, 0x80, 0x80, 0x04, 0x41, 0x80, 0x80, 0x04, byte(op.I32Mul)), i32(0)},
		{"i64", code(0x42, 0x80, 0x80, 0x04, 0x42, 0x80, 0x80, 0x04, byte(op.I64Mul)), i64(1 << 32)},
		{"nested", code(0x41, 2, 0x41, 3, 0x41, 4, byte(op.I32Mul), byte(op.I32Add)), i32(14)},
		{"reads a global", code(0x23, 0, 0x41, 1, byte(op.I32Add)), code(0x23, 0, 0x41, 1, byte(op.I32Add))},
		{"another type", code(0x43, 0, 0, 0x80, 0x3f), code(0x43, 0, 0, 0x80, 0x3f)},
	} {
		if got := Fold(tc.in); string(got.Bytes) != string(tc.want.Bytes) {
			t.Errorf("%s: %x, want %x", tc.name, got.Bytes, tc.want.Bytes)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   corewasm.Expr
		want uint64
		ok   bool
	}{
		{"i32 is unsigned", encode.I32Const(-1), 1<<32 - 1, true},
		{"i64", encode.I64Const(-1), 1<<64 - 1, true},
		{"another type", encode.F64Const(0), 0, false},
		{"more than a constant", code(0x41, 5, 0x41, 6, byte(op.I32Add)), 0, false},
		{"a global", code(0x23, 0), 0, false},
		{"not the shortest encoding", code(0x41, 0x85, 0x80, 0), 5, true},
		{"nothing", code(), 0, false},
		{"without the end", corewasm.Expr{Bytes: []byte{0x41, 5}}, 0, false},
		{"without the integer", code(0x41), 0, false},
		{"an integer that goes on", corewasm.Expr{Bytes: []byte{0x41, 0x80, 0x80}}, 0, false},
		{"a second end", code(0x41, 5, byte(op.End)), 0, false},
	} {
		if got, ok := Number(tc.in); got != tc.want || ok != tc.ok {
			t.Errorf("%s: %d, %v", tc.name, got, ok)
		}
	}
}

func TestAllocates(t *testing.T) {
	for _, tc := range []struct {
		name         string
		in           corewasm.Expr
		reads, makes bool
	}{
		{"a constant", encode.I32Const(0), false, false},
		{"a global", code(0x23, 0), true, false},
		{"ref.i31", code(0x41, 0, 0xfb, 0x1c), false, false},
		{"struct.new_default", code(0xfb, 0x01, 0), false, true},
	} {
		if ReadsGlobal(tc.in) != tc.reads || Allocates(tc.in) != tc.makes {
			t.Errorf("%s: reads a global: %v, allocates: %v", tc.name, ReadsGlobal(tc.in), Allocates(tc.in))
		}
	}
}

// TestIsShort checks that folding would not change what is short, and that every folded constant is short.
func TestIsShort(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 1<<31 - 1, -1 << 31} {
		for _, x := range []corewasm.Expr{encode.I32Const(int32(v)), encode.I64Const(v)} {
			if !IsShort(x) {
				t.Errorf("% x is not short", x.Bytes)
			}
			last := len(x.Bytes) - 2
			pad := byte(0)
			if v < 0 {
				pad = 0x7f
			}
			long := corewasm.Expr{Bytes: slices.Concat(x.Bytes[:last], []byte{x.Bytes[last] | 0x80, pad, byte(op.End)})}
			if IsShort(long) {
				t.Errorf("% x is short", long.Bytes)
			}
		}
	}
	for _, x := range []corewasm.Expr{{}, code(), code(0x41), code(0x23, 0), code(0x41, 1, 0x41, 1, 0x6a), code(0xd2, 1), code(0x41, 0x80)} {
		if IsShort(x) {
			t.Errorf("% x is short", x.Bytes)
		}
	}
}
