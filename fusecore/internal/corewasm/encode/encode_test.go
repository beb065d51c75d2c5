package encode_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretest"
)

func ref(h corewasm.HeapType) corewasm.ValType {
	return corewasm.ValType{Code: corewasm.CodeRef, Heap: h}
}

// full returns a module that uses every section and every form of segment.
func full() *corewasm.Module {
	i32 := corewasm.I32
	fn := corewasm.SubType{Final: true, Kind: corewasm.CompFunc}
	zero, max, start, dataCount := encode.I32Const(0), uint64(9), uint32(1), uint32(3)
	null := encode.RefNull(corewasm.HeapFunc)
	limits := corewasm.Limits{Min: 1, Max: max, HasMax: true}
	return &corewasm.Module{
		Name: "m",
		Types: []corewasm.RecGroup{
			{Types: []corewasm.SubType{fn}},
			{Types: []corewasm.SubType{
				{Kind: corewasm.CompStruct, Fields: []corewasm.FieldType{{Storage: ref(2), Mutable: true}, {Storage: corewasm.ValType{Code: corewasm.CodeI8}}}},
				{Final: true, Supers: []uint32{1}, Kind: corewasm.CompStruct, Fields: []corewasm.FieldType{
					{Storage: ref(2), Mutable: true}, {Storage: corewasm.ValType{Code: corewasm.CodeI8}},
				}},
			}},
			{},
			{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompArray, Fields: []corewasm.FieldType{{Storage: corewasm.F64}}}}},
			{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: []corewasm.ValType{i32, corewasm.FuncRef}}}}},
		},
		Imports: []corewasm.Import{
			{Module: "a", Name: "f", Kind: corewasm.ExternFunc, Func: 0},
			{Module: "a", Name: "t", Kind: corewasm.ExternTable, Table: corewasm.TableType{Elem: corewasm.ExtRef, Limits: limits}},
			{Module: "a", Name: "m", Kind: corewasm.ExternMem, Mem: corewasm.MemType{Limits: corewasm.Limits{Min: 1, Is64: true}, PageSizeLog2: 16}},
			{Module: "a", Name: "g", Kind: corewasm.ExternGlobal, Global: corewasm.GlobalType{Type: i32}},
			{Module: "a", Name: "e", Kind: corewasm.ExternTag, Tag: 4},
		},
		Funcs: []uint32{0, 0},
		Tables: []corewasm.Table{
			{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1}}},
			{Type: corewasm.TableType{Elem: corewasm.FuncRef, Limits: limits}, Init: &null},
		},
		Mems:    []corewasm.MemType{{Limits: corewasm.Limits{Min: 1, Max: max, HasMax: true, Shared: true}, PageSizeLog2: 16}},
		Tags:    []uint32{4},
		Globals: []corewasm.Global{{Type: corewasm.GlobalType{Type: i32, Mutable: true}, Init: coretest.GlobalGet(0)}},
		Exports: []corewasm.Export{{Name: "x", Kind: corewasm.ExternFunc, Index: 1}, {Name: "mem", Kind: corewasm.ExternMem, Index: 1}},
		Start:   &start,
		Elems: []corewasm.Elem{
			{Table: 1, Offset: zero, Type: ref(corewasm.HeapFunc), Funcs: []uint32{0, 2}},
			{Mode: corewasm.SegPassive, Type: ref(corewasm.HeapFunc), Funcs: []uint32{1}},
			{Mode: corewasm.SegDeclarative, Type: ref(corewasm.HeapFunc), Funcs: []uint32{2}},
			{Table: 1, Offset: zero, Type: corewasm.FuncRef, UseExprs: true, Exprs: []corewasm.Expr{null, coretest.RefFunc(2)}},
			{Mode: corewasm.SegPassive, Type: ref(0), UseExprs: true, Exprs: []corewasm.Expr{coretest.RefFunc(1)}},
			{Mode: corewasm.SegDeclarative, Type: corewasm.FuncRef, UseExprs: true, Exprs: []corewasm.Expr{null}},
		},
		DataCount: &dataCount,
		Code: []corewasm.Body{
			{Code: []byte{0x0b}},
			{Locals: []corewasm.LocalRun{{Count: 3, Type: i32}, {Count: 1, Type: ref(1)}}, Code: []byte{0x01, 0x0b}},
		},
		Data: []corewasm.Data{
			{Offset: encode.I64Const(1), Bytes: []byte("abc")},
			{Mem: 1, Offset: zero, Bytes: []byte("d")},
			{Mode: corewasm.SegPassive, Bytes: []byte("")},
		},
		Customs: []corewasm.Custom{{Name: "producers", Bytes: []byte{1, 2}}, {Name: "z", Bytes: nil}},
		Names:   corewasm.Names{Funcs: []string{2: "two", 0: "zero"}},
	}
}

// TestRoundTrip decodes an encoded module and compares it with the original, except for offsets.
func TestRoundTrip(t *testing.T) {
	m := full()
	data := encode.Module(m)
	got, err := decode.Module(data, 0)
	if err != nil {
		t.Fatal(err)
	}
	opts := []cmp.Option{
		cmpopts.IgnoreUnexported(corewasm.Module{}), cmpopts.EquateEmpty(),
		cmpopts.IgnoreFields(corewasm.Module{}, "Offset", "CodeOffset", "Size", "Refs", "TypeBytes"), cmpopts.IgnoreFields(corewasm.Import{}, "Offset"),
		cmpopts.IgnoreFields(corewasm.Export{}, "Offset"), cmpopts.IgnoreFields(corewasm.Expr{}, "Offset"),
		cmpopts.IgnoreFields(corewasm.Elem{}, "Pos"),
		cmpopts.IgnoreFields(corewasm.Body{}, "Offset"),
	}
	if d := cmp.Diff(m, got, opts...); d != "" {
		t.Errorf("decoded module differs (-want +got):\n%s", d)
	}
	if again := encode.Module(got); !bytes.Equal(again, data) {
		t.Error("encoding again produces other bytes")
	}
}

func TestEmpty(t *testing.T) {
	if got := encode.Module(&corewasm.Module{}); string(got) != "\x00asm\x01\x00\x00\x00" {
		t.Errorf("got % x", got)
	}
}

// TestDataCount checks when the data count section is written.
func TestDataCount(t *testing.T) {
	one := uint32(1)
	active := corewasm.Data{Offset: encode.I32Const(0)}
	for _, tc := range []struct {
		name  string
		code  []byte
		data  corewasm.Data
		count *uint32
		want  bool
	}{
		{"active", []byte{0x0b}, active, nil, false},
		{"active and dropped", []byte{0xfc, 0x09, 0x00, 0x0b}, active, nil, true},
		{"active and used for an array", []byte{0xfb, 0x09, 0x00, 0x00, 0x0b}, active, nil, true},
		{"passive", []byte{0x0b}, corewasm.Data{Mode: corewasm.SegPassive}, nil, true},
		{"input had one", []byte{0x0b}, active, &one, true},
	} {
		m := &corewasm.Module{
			Types:     []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc}}}},
			Funcs:     []uint32{0},
			Mems:      []corewasm.MemType{{PageSizeLog2: 16}},
			Code:      []corewasm.Body{{Code: tc.code}},
			Data:      []corewasm.Data{tc.data},
			DataCount: tc.count,
		}
		got, err := decode.Module(encode.Module(m), 0)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if (got.DataCount != nil) != tc.want {
			t.Errorf("%s: data count section is there: %v, want %v", tc.name, got.DataCount != nil, tc.want)
		}
	}
}

func TestExpressions(t *testing.T) {
	for _, tc := range []struct {
		name string
		got  corewasm.Expr
		want []byte
	}{
		{"i32", encode.I32Const(-1), []byte{0x41, 0x7f, 0x0b}},
		{"i64", encode.I64Const(128), []byte{0x42, 0x80, 0x01, 0x0b}},
		{"f32", encode.F32Const(1), []byte{0x43, 0, 0, 0x80, 0x3f, 0x0b}},
		{"f64", encode.F64Const(math.Copysign(0, -1)), []byte{0x44, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x0b}},
		{"v128", encode.V128Const([16]byte{15: 9}), append(append([]byte{0xfd, 0x0c}, make([]byte, 15)...), 9, 0x0b)},
		{"ref.null", encode.RefNull(corewasm.HeapExtern), []byte{0xd0, 0x6f, 0x0b}},
	} {
		if !bytes.Equal(tc.got.Bytes, tc.want) {
			t.Errorf("%s: % x, want % x", tc.name, tc.got.Bytes, tc.want)
		}
	}
}
