package validate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
)

// compare checks that a module is accepted exactly if decoding, and validation without the fast path, find no error, that
// its references are those that scan lists, and that errors of decoding do not depend on who reads the bodies. It reports
// whether the module is valid.
func compare(t *testing.T, data []byte) (valid bool) {
	t.Helper()
	strict, err := decode.ModuleWith(t.Context(), data, 0, decode.Options{CustomPageSizes: true})
	valid = err == nil && validate.Slowly(t.Context(), strict, validate.All) == nil
	called, accepted := false, false
	m, again := decode.ModuleWith(t.Context(), data, 0, decode.Options{CustomPageSizes: true, Accept: func(ctx context.Context, _ []byte, m *corewasm.Module) bool {
		called, accepted = true, validate.Accept(ctx, m, validate.All)
		return accepted
	}})
	if fmt.Sprint(err) != fmt.Sprint(again) {
		t.Fatalf("% x\ndecoding:                 %v\nwith another body check:  %v", data, err, again)
	}
	if called && accepted != valid {
		t.Fatalf("% x\naccepted: %v, valid: %v", data, accepted, valid)
	}
	if accepted {
		got, gotErr := scan.Refs(t.Context(), m)
		want, wantErr := scan.Refs(t.Context(), strict)
		if gotErr != nil || wantErr != nil || !reflect.DeepEqual(want, got) {
			t.Fatalf("% x\nreferences (-scan +accept):\n%s%v %v", data, cmp.Diff(want, got), wantErr, gotErr)
		}
	}
	return valid
}

// TestAccept damages bodies of frequent instructions in every way: by other bytes, truncation and insertion.
func TestAccept(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 1))
		var code []byte
		valid, invalid := 0, 0
		for range 150 {
			next := slices.Concat(code, frequent(r, nesting(code)+1))
			closed := slices.Concat(next, slices.Repeat([]byte{0x0b}, max(0, nesting(next))))
			for range 4 {
				damaged := slices.Clone(closed)
				at := max(0, len(damaged)-1-r.IntN(12))
				switch r.IntN(4) {
				case 0:
					damaged = slices.Insert(damaged, at, byte(r.UintN(256)))
				case 1:
					damaged = damaged[:at]
				case 2:
					if at < len(damaged) {
						damaged[at] = byte(r.UintN(256))
					}
				}
				if compare(t, encode.Module(base(damaged...))) {
					valid++
				} else {
					invalid++
				}
			}
			if compare(t, encode.Module(base(closed...))) && len(next) < 400 {
				code = next
			}
		}
		if valid < 30 || invalid < 30 {
			t.Errorf("seed %d: %d bodies are valid, and %d are not", seed, valid, invalid)
		}
	}
}

// TestAcceptIntegers accepts integers of every length at the beginning and at the end of a body, as decoding does.
func TestAcceptIntegers(t *testing.T) {
	for _, after := range [][]byte{nil, slices.Repeat([]byte{0x01}, 12)} {
		for length := range 11 {
			for _, last := range []byte{0, 1, 0x07, 0x08, 0x0f, 0x10, 0x3f, 0x40, 0x70, 0x77, 0x78, 0x7f} {
				for _, more := range []byte{0x80, 0xff} {
					n := append(slices.Repeat([]byte{more}, length), last)
					for _, code := range [][]byte{
						slices.Concat([]byte{0x41}, n, []byte{0x1a}),
						slices.Concat([]byte{0x42}, n, []byte{0x1a}),
						slices.Concat([]byte{0x20}, n, []byte{0x1a}),
						slices.Concat([]byte{0x23}, n, []byte{0x1a}),
						slices.Concat([]byte{0x10}, n),
						slices.Concat([]byte{0x41, 0, 0x11}, n, []byte{0}),
						slices.Concat([]byte{0x41, 0, 0x11, 0}, n),
						slices.Concat([]byte{0x41, 0, 0x28}, n, []byte{0, 0x1a}),
						slices.Concat([]byte{0x41, 0, 0x28, 2}, n, []byte{0x1a}),
						slices.Concat([]byte{0x02}, n, []byte{0x0b}),
						slices.Concat([]byte{0x0c}, n),
					} {
						compare(t, encode.Module(base(append(code, after...)...)))
					}
				}
			}
		}
	}
}

// FuzzAccept compares the two checks of any module.
func FuzzAccept(f *testing.F) {
	f.Add(encode.Module(base(0x41, 1, 0x04, 0x40, 0x10, 1, 0x1a, 0x05, 0x23, 1, 0x24, 1, 0x0b)))
	f.Add(encode.Module(base(0x02, 0x40, 0x41, 0, 0x28, 2, 0x80, 1, 0x0d, 0, 0x0b, 0x41, 0, 0x11, 0, 0)))
	f.Add(encode.Module(base(0x1f, 0x40, 1, 2, 0, 0x0b, 0x06, 0x40, 0x07, 0, 0x1a, 0x19, 0x0b, 0x06, 0x40, 0x18, 0, 0xd2, 1, 0x14, tToI32, 0x1a)))
	f.Fuzz(func(t *testing.T, data []byte) { compare(t, data) })
}
