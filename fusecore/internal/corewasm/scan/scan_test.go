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
		{"calls, sorted and once", []byte{0x10, 5, 0x10, 2, 0x12, 9, 0x10, 5}, scan.Summary{Calls: list{2, 5, 9}}},
		{"ref.func is no call", []byte{0xd2, 3}, scan.Summary{RefFuncs: list{3}}},
		{"call_indirect", []byte{0x11, 4, 1}, scan.Summary{Indirect: true, Types: list{4}, Tables: list{1}, TablesRead: list{1}}},
		{"return_call_indirect", []byte{0x13, 4, 1}, scan.Summary{Indirect: true, Types: list{4}, Tables: list{1}, TablesRead: list{1}}},
		{"call_ref", []byte{0x14, 4}, scan.Summary{Indirect: true, Types: list{4}}},
		{"return_call_ref", []byte{0x15, 4}, scan.Summary{Indirect: true, Types: list{4}}},
		{"throw", []byte{0x08, 7}, scan.Summary{Throws: true, Tags: list{7}}},
		{"throw_ref", []byte{0x0a}, scan.Summary{Throws: true}},
		{"rethrow", []byte{0x09, 0}, scan.Summary{Throws: true}},
		{"legacy catch", []byte{0x07, 7}, scan.Summary{Tags: list{7}}},
		{"try_table", []byte{0x1f, 3, 2, 0, 6, 0, 2, 0}, scan.Summary{Tags: list{6}, Types: list{3}}},
		{"globals", []byte{0x23, 2, 0x24, 1, 0x23, 1}, scan.Summary{Globals: list{1, 2}, GlobalsSet: list{1}}},
		{"table.get and size", []byte{0x25, 2, 0xfc, 16, 3}, scan.Summary{Tables: list{2, 3}, TablesRead: list{2}}},
		{"table.set, grow, fill", []byte{0x26, 2, 0xfc, 15, 3, 0xfc, 17, 1}, scan.Summary{Tables: list{1, 2, 3}, TablesWritten: list{1, 2, 3}}},
		{"table.copy", []byte{0xfc, 14, 1, 2}, scan.Summary{Tables: list{1, 2}, TablesWritten: list{1}, TablesRead: list{2}}},
		{"table.init", []byte{0xfc, 12, 5, 2}, scan.Summary{Elems: list{5}, Tables: list{2}, TablesWritten: list{2}}},
		{"elem.drop", []byte{0xfc, 13, 5}, scan.Summary{Elems: list{5}}},
		{"accesses", []byte{0x28, 2, 0, 0x36, 0x42, 3, 0, 0xfd, 0x54, 0x40, 1, 0, 0}, scan.Summary{Mems: list{0, 1, 3}}},
		{"memory.grow", []byte{0x3f, 1, 0x40, 2}, scan.Summary{Mems: list{1, 2}, MemsGrown: list{2}}},
		{"memory.init and copy", []byte{0xfc, 8, 4, 1, 0xfc, 10, 2, 3, 0xfc, 9, 5}, scan.Summary{Datas: list{4, 5}, Mems: list{1, 2, 3}}},
		{"gc", []byte{0xfb, 0, 3, 0xfb, 9, 4, 1, 0xfb, 10, 5, 2, 0xfb, 17, 6, 7}, scan.Summary{Types: list{3, 4, 5, 6, 7}, Datas: list{1}, Elems: list{2}}},
		{"types", []byte{0xd0, 8, 0x1c, 1, 0x63, 9, 0x02, 0x64, 10, 0xfb, 24, 0, 0, 11, 0x6e}, scan.Summary{Types: list{8, 9, 10, 11}}},
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

func TestLocals(t *testing.T) {
	m := &corewasm.Module{Code: []corewasm.Body{{
		Locals: []corewasm.LocalRun{{Count: 1, Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: 6}}, {Count: 1, Type: corewasm.FuncRef}},
		Code:   []byte{0x0b},
	}}}
	got, err := scan.Func(m, 0)
	if err != nil || !cmp.Equal(got.Types, []uint32{6}) {
		t.Errorf("types %v, %v; want 6", got, err)
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
	if got, err := scan.Expr(corewasm.Expr{Bytes: []byte{0x23, 4, 0xd2, 1, 0x0b}}); err != nil || !cmp.Equal(got.Globals, []uint32{4}) || !cmp.Equal(got.RefFuncs, []uint32{1}) {
		t.Errorf("expression: %+v, %v", got, err)
	}
}
