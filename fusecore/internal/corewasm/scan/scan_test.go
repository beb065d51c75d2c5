package scan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
)

func TestFunc(t *testing.T) {
	type list = []uint32
	for _, tc := range []struct {
		name string
		code []byte
		want scan.Summary
	}{
		{"calls, sorted and once", []byte{0x10, 5, 0x10, 2, 0x12, 9, 0x10, 5}, scan.Summary{Funcs: list{2, 5, 9}}},
		{"ref.func", []byte{0xd2, 3}, scan.Summary{Funcs: list{3}}},
		{"call_indirect", []byte{0x11, 4, 1}, scan.Summary{Indirect: true, Tables: list{1}}},
		{"return_call_indirect", []byte{0x13, 4, 1}, scan.Summary{Indirect: true, Tables: list{1}}},
		{"call_ref", []byte{0x14, 4}, scan.Summary{Indirect: true}},
		{"return_call_ref", []byte{0x15, 4}, scan.Summary{Indirect: true}},
		{"globals", []byte{0x23, 2, 0x24, 1, 0x23, 1}, scan.Summary{GlobalsSet: list{1}}},
		{"table.get and size", []byte{0x25, 2, 0xfc, 16, 3}, scan.Summary{Tables: list{2, 3}}},
		{"table.set, grow, fill", []byte{0x26, 2, 0xfc, 15, 3, 0xfc, 17, 1}, scan.Summary{Tables: list{1, 2, 3}, TablesWritten: list{1, 2, 3}}},
		{"table.copy", []byte{0xfc, 14, 1, 2}, scan.Summary{Tables: list{1, 2}, TablesWritten: list{1}}},
		{"table.init", []byte{0xfc, 12, 5, 2}, scan.Summary{Tables: list{2}, TablesWritten: list{2}}},
		{"accesses", []byte{0x28, 2, 0, 0x36, 0x42, 3, 0, 0xfd, 0x54, 0x40, 1, 0, 0}, scan.Summary{Mems: list{0, 1, 3}}},
		{"memory.grow", []byte{0x3f, 1, 0x40, 2}, scan.Summary{Mems: list{1, 2}}},
		{"memory.init and copy", []byte{0xfc, 8, 4, 1, 0xfc, 10, 2, 3, 0xfc, 9, 5}, scan.Summary{Mems: list{1, 2, 3}}},
	} {
		m := &corewasm.Module{Code: []corewasm.Body{{Code: tc.code}}}
		got, err := scan.Func(m, 0)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if d := cmp.Diff(&tc.want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, d)
		}
	}
}

func TestErrors(t *testing.T) {
	m := &corewasm.Module{Code: []corewasm.Body{{Code: []byte{0x27}}}}
	if _, err := scan.Func(m, 0); err == nil {
		t.Error("an unknown instruction must be an error")
	}
	for _, i := range []int{-1, 1} {
		if _, err := scan.Func(m, i); err == nil {
			t.Errorf("function %d does not exist, but there is no error", i)
		}
	}
	if got, err := scan.Expr(corewasm.Expr{Bytes: []byte{0x23, 4, 0xd2, 1, 0x0b}}); err != nil || !cmp.Equal(got.Funcs, []uint32{1}) {
		t.Errorf("expression: %+v, %v", got, err)
	}
}
