package scan_test

import (
	"bytes"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

// module returns a module with memories, tables and bodies.
func module(mems, tables int, bodies ...[]byte) *corewasm.Module {
	m := &corewasm.Module{Mems: make([]corewasm.MemType, mems), Tables: make([]corewasm.Table, tables)}
	for _, b := range bodies {
		m.Code = append(m.Code, corewasm.Body{Code: b})
	}
	m.Index()
	return m
}

func TestRefs(t *testing.T) {
	type list = []corewasm.Ref
	ref := corewasm.NewRef
	for _, tc := range []struct {
		name         string
		code         []byte
		want         list
		mems, tables []uint32
	}{
		{"calls, in order", []byte{0x10, 5, 0x10, 2, 0x12, 9, 0x10, 5, 0x10, 0x81, 0x01, 0x0b},
			list{ref(corewasm.UseCall, 5), ref(corewasm.UseCall, 2), ref(corewasm.UseCall, 9), ref(corewasm.UseReturnCall, 9),
				ref(corewasm.UseCall, 5), ref(corewasm.UseCall, 129)}, nil, nil},
		{"ref.func", []byte{0xd2, 3, 0x1a, 0x0b}, list{ref(corewasm.UseRefFunc, 3)}, nil, nil},
		{"call_indirect, once for each table", []byte{0x11, 4, 1, 0x13, 4, 1, 0x11, 2, 2},
			list{ref(corewasm.UseIndirect, 4), ref(corewasm.UseTableCall, 1), ref(corewasm.UseIndirect, 4), ref(corewasm.UseIndirect, 2),
				ref(corewasm.UseTableCall, 2)}, nil, []uint32{0, 2, 1, 0}},
		{"call_ref", []byte{0x14, 4, 0x15, 5}, list{ref(corewasm.UseIndirect, 4), ref(corewasm.UseIndirect, 5)}, nil, nil},
		{"globals", []byte{0x23, 2, 0x24, 1, 0x23, 0x80, 0x01}, list{ref(corewasm.UseGlobal, 2), ref(corewasm.UseGlobalSet, 1), ref(corewasm.UseGlobal, 128)}, nil, nil},
		{"tables", []byte{0x25, 2, 0xfc, 16, 3, 0x26, 2, 0xfc, 15, 3, 0xfc, 17, 1, 0xfc, 14, 1, 2, 0xfc, 12, 5, 2, 0xfc, 13, 5},
			list{ref(corewasm.UseTable, 2), ref(corewasm.UseTable, 3), ref(corewasm.UseTableWrite, 2), ref(corewasm.UseTableWrite, 3),
				ref(corewasm.UseTableWrite, 1), ref(corewasm.UseElem, 5), ref(corewasm.UseElemDrop, 5)}, nil, []uint32{0, 2, 4, 2}},
		{"accesses", []byte{0x28, 2, 0, 0x36, 0x42, 3, 0, 0xfd, 0x54, 0x40, 1, 0, 0, 0x28, 2, 0x80, 0x01, 0x28, 2, 5, 0x0b},
			list{ref(corewasm.UseMem, 3), ref(corewasm.UseMem, 1), ref(corewasm.UseMem, 0)}, []uint32{3, 1, 0, 1}, nil},
		{"memory instructions", []byte{0x3f, 1, 0x40, 2, 0xfc, 8, 4, 1, 0xfc, 10, 2, 3, 0xfc, 9, 5},
			list{ref(corewasm.UseMem, 1), ref(corewasm.UseMem, 2), ref(corewasm.UseData, 4), ref(corewasm.UseMem, 3), ref(corewasm.UseDataDrop, 5)},
			[]uint32{0, 2, 2, 1}, nil},
		{"blocks and constants", []byte{0x02, 0x40, 0x03, 0x7f, 0x04, 6, 0x02, 0x63, 7, 0x41, 0x80, 0x80, 0x04, 0x43, 0x10, 1, 2, 3,
			0x44, 0x10, 1, 2, 3, 4, 5, 6, 7, 0x0e, 1, 0x10, 1, 0x0b},
			list{ref(corewasm.UseType, 6), ref(corewasm.UseType, 7)}, nil, nil},
	} {
		got, err := scan.Refs(t.Context(), module(4, 4, tc.code, tc.code))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		for i := range 2 {
			if d := cmp.Diff(tc.want, got.Of(i)); d != "" {
				t.Errorf("%s (-want +got):\n%s", tc.name, d)
			}
		}
		double := func(counts []uint32) []uint32 {
			out := make([]uint32, 4)
			for i, n := range counts {
				out[i] = 2 * n
			}
			return out
		}
		if d := cmp.Diff([][]uint32{double(tc.mems), double(tc.tables)}, [][]uint32{got.Mems, got.Tables}); d != "" {
			t.Errorf("%s: counts (-want +got):\n%s", tc.name, d)
		}
		slow, err := scan.Decoded(module(4, 4, tc.code, tc.code))
		if d := cmp.Diff(slow, got, cmpopts.EquateEmpty()); d != "" || err != nil {
			t.Errorf("%s: every instruction decoded, and not (%v):\n%s", tc.name, err, d)
		}
	}
}

// TestBatches lists bodies that are read in several batches.
func TestBatches(t *testing.T) {
	m := module(1, 1)
	for i := range 5000 {
		b := slices.Concat(bytes.Repeat([]byte{0x01}, 50+i%100), []byte{0x10, byte(i % 100), 0x28, 2, 0, 0x0b})
		m.Code = append(m.Code, corewasm.Body{Code: b})
	}
	refs, err := scan.Refs(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Code {
		want := []corewasm.Ref{corewasm.NewRef(corewasm.UseCall, uint32(i%100)), corewasm.NewRef(corewasm.UseMem, 0)}
		if got := refs.Of(i); !slices.Equal(got, want) {
			t.Fatalf("body %d: %v, want %v", i, got, want)
		}
	}
	if refs.Mems[0] != 5000 {
		t.Errorf("%d accesses, want 5000", refs.Mems[0])
	}
}

// TestOnce checks that the bodies of a decoded module are listed once.
func TestOnce(t *testing.T) {
	m := module(0, 0, []byte{0x10, 1, 0x0b})
	m.Refs = new(corewasm.RefsOnce)
	first, err := scan.Refs(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := scan.Refs(t.Context(), m)
	if err != nil || again != first {
		t.Errorf("listed twice (%v)", err)
	}
	var calls atomic.Int32
	if refs, _ := m.Refs.Get(func() (*corewasm.Refs, error) { calls.Add(1); return nil, nil }); refs != first || calls.Load() != 0 {
		t.Error("the list is made again")
	}
}

func TestErrors(t *testing.T) {
	for name, code := range map[string][]byte{
		"an unknown instruction":             {0x27, 0, 0, 0, 0, 0},
		"a constant that is cut off":         {0x44, 0, 0, 0, 0, 0, 0},
		"an index that no module can have":   {0x10, 0x80, 0x80, 0x80, 0x40, 0x0b},
		"a global that no module can have":   {0x23, 0x80, 0x80, 0x80, 0x40, 0x0b},
		"a type that no module can have":     {0x11, 0x80, 0x80, 0x80, 0x40, 0, 0x0b},
		"an index that is too long":          {0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x0b},
		"an index whose end is missing":      {0x0b, 0x10, 0x80, 0x80, 0x80},
		"an integer whose end is missing":    {0x41, 0x80, 0x80, 0x80},
		"an access whose offset is cut off":  {0x28, 2, 0x80, 0x80, 0x80},
		"an access that has only a memory":   {0x28, 0x42, 0, 0x80},
		"a block type that is not complete":  {0x0b, 0x0b, 0x02},
		"a branch table whose end is missng": {0x0e, 0x05, 0x00, 0x00, 0x00},
	} {
		if _, err := scan.Refs(t.Context(), module(1, 1, []byte{0x0b}, code)); err == nil {
			t.Errorf("%s is not an error", name)
		}
	}
	if got, err := scan.Expr(corewasm.Expr{Bytes: []byte{0x23, 4, 0xd2, 3, 0xd2, 1, 0xd2, 3, 0x0b}}); err != nil || !cmp.Equal(got, []uint32{1, 3}) {
		t.Errorf("expression: %v, %v", got, err)
	}
	if _, err := scan.Expr(corewasm.Expr{Bytes: []byte{0x27}}); err == nil {
		t.Error("an unknown instruction in an expression is not an error")
	}
}

// FuzzRefs compares with the references of instructions that are all decoded. Integers that are too long are only an error
// where they are indices.
func FuzzRefs(f *testing.F) {
	f.Add([]byte{0x02, 0x40, 0x20, 0, 0x28, 2, 0x80, 0x01, 0x10, 0x81, 0x01, 0x36, 0x41, 1, 3, 0xfc, 10, 0, 1, 0x0b})
	f.Add([]byte{0x11, 1, 0, 0x24, 0, 0x44, 1, 2, 3, 4, 5, 6, 7, 8, 0x0e, 1, 2, 3, 0x41, 0xff, 0x7f, 0x12, 1, 0xd2, 4, 0x0b})
	f.Fuzz(func(t *testing.T, code []byte) {
		m := module(2, 2, code, []byte{0x0b}, code)
		want, bad := scan.Decoded(m)
		got, err := scan.Refs(t.Context(), m)
		if bad != nil {
			return
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" || err != nil {
			t.Errorf("every instruction decoded, and not (%v):\n%s", err, d)
		}
	})
}
