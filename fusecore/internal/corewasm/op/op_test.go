package op_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretest"
)

const (
	gc   = op.Op(op.PrefixGC) << 16
	misc = op.Op(op.PrefixMisc) << 16
	simd = op.Op(op.PrefixSIMD) << 16
	atom = op.Op(op.PrefixAtomic) << 16
)

// TestTableSize pins the number of instructions per prefix: those of the core specification 3.0 with the threads and
// wide-arithmetic proposals and the five superseded exception instructions.
func TestTableSize(t *testing.T) {
	got := map[byte]int{}
	for _, o := range coretest.Ops() {
		got[o.Prefix()]++
	}
	want := map[byte]int{0: 199, op.PrefixGC: 31, op.PrefixMisc: 22, op.PrefixSIMD: 256, op.PrefixAtomic: 67}
	for p, n := range want {
		if got[p] != n {
			t.Errorf("prefix 0x%02x: %d instructions, want %d", p, got[p], n)
		}
	}
}

// TestSpotCodes checks entries at the ends of runs, since a missing or extra name shifts the rest.
func TestSpotCodes(t *testing.T) {
	for _, tc := range []struct {
		op   op.Op
		name string
	}{
		{0x1c, "select"}, {0x1f, "try_table"}, {0x3e, "i64.store32"}, {0x5a, "i64.ge_u"}, {0x66, "f64.ge"},
		{0x78, "i32.rotr"}, {0x8a, "i64.rotr"}, {0x98, "f32.copysign"}, {0xa6, "f64.copysign"},
		{0xbf, "f64.reinterpret_i64"}, {0xc4, "i64.extend32_s"}, {0xd6, "br_on_non_null"},
		{gc | 0x1e, "i31.get_u"}, {gc | 0x13, "array.init_elem"}, {misc | 17, "table.fill"}, {misc | 22, "i64.mul_wide_u"},
		{simd | 0x22, "f64x2.replace_lane"}, {simd | 0x4c, "f64x2.ge"}, {simd | 0x62, "i8x16.popcnt"},
		{simd | 0x73, "i8x16.sub_sat_u"}, {simd | 0x81, "i16x8.neg"}, {simd | 0x99, "i16x8.max_u"},
		{simd | 0x9f, "i16x8.extmul_high_i8x16_u"}, {simd | 0xba, "i32x4.dot_i16x8_s"},
		{simd | 0xdf, "i64x2.extmul_high_i32x4_u"}, {simd | 0xe3, "f32x4.sqrt"}, {simd | 0xef, "f64x2.sqrt"},
		{simd | 0xff, "f64x2.convert_low_i32x4_u"}, {simd | 0x112, "i16x8.relaxed_dot_i8x16_i7x16_s"},
		{atom | 0x1d, "i64.atomic.store32"}, {atom | 0x25, "i32.atomic.rmw.sub"}, {atom | 0x47, "i64.atomic.rmw32.xchg_u"},
		{atom | 0x4e, "i64.atomic.rmw32.cmpxchg_u"},
	} {
		if got := tc.op.String(); got != tc.name {
			t.Errorf("0x%x is %s, want %s", uint32(tc.op), got, tc.name)
		}
	}
	for _, o := range []op.Op{0x16, 0x27, 0xc5, 0xff, gc | 31, misc | 18, misc | 23, simd | 0x9a, simd | 0xe2, simd | 0x114, atom | 4, atom | 0x4f} {
		if in := o.Get(); in != nil {
			t.Errorf("0x%x is %s, want no instruction", uint32(o), in.Name)
		}
	}
}

// TestTypes checks that every type in the table consists of known letters.
func TestTypes(t *testing.T) {
	for _, o := range coretest.Ops() {
		in := o.Get()
		if strings.Trim(in.Params+in.Results, "ilfdva") != "" {
			t.Errorf("%s: bad type %q:%q", in.Name, in.Params, in.Results)
		}
		memory := in.Imm == op.Memarg || in.Imm == op.MemargLane
		if memory && (!in.Typed || !strings.HasPrefix(in.Params, "a")) {
			t.Errorf("%s: a memory access must take an address", in.Name)
		}
		if (in.Imm == op.Lane || in.Imm == op.MemargLane || in.Imm == op.Shuffle) != (in.Lanes != 0) {
			t.Errorf("%s: %d lanes", in.Name, in.Lanes)
		}
	}
}

// sample returns immediates whose fields all differ.
func sample(o op.Op) op.Instr {
	return op.Instr{
		Op: o, Info: o.Get(), Index: 300, Index2: 7, Align: 3, Offset: 1 << 40, Lane: 5, Flags: 2,
		Raw: []byte("0123456789abcdef"), Block: op.BlockSig{Form: op.BlockIndex, Index: 200}, Heap: corewasm.HeapEq, Heap2: 90,
		Types:   []corewasm.ValType{corewasm.I32, corewasm.FuncRef, {Code: corewasm.CodeRef, Heap: 70}},
		Labels:  []uint32{1, 0, 200},
		Catches: []op.Catch{{Kind: op.CatchTag, Tag: 1, Label: 2}, {Kind: op.CatchAllRef, Label: 3}},
	}
}

func value(in *op.Instr) uint64 {
	switch in.Info.Imm {
	case op.I32:
		return 0xffff_ffff_8000_0001 // sign-extended
	case op.F32:
		return 0x7fa0_0001
	}
	return 0xfff4_0000_0000_0001
}

// TestRoundTrip encodes every instruction, decodes it and compares. Every shorter prefix must be an error.
func TestRoundTrip(t *testing.T) {
	for _, o := range coretest.Ops() {
		in := sample(o)
		in.Value = value(&in)
		code := in.Append(nil)
		r := op.NewReader(code, 0)
		if !r.Next() {
			t.Errorf("%s: %v", o, r.Err)
			continue
		}
		if r.In.Op != o || r.Pos != len(code) {
			t.Errorf("%s: read as %s up to %d of %d", o, r.In.Op, r.Pos, len(code))
		}
		if again := r.In.Append(nil); !bytes.Equal(again, code) {
			t.Errorf("%s: % x became % x", o, code, again)
		}
		for n := 1; n < len(code); n++ {
			if s := op.NewReader(code[:n], 0); s.Next() {
				t.Errorf("%s: cut to % x it reads as %s", o, code[:n], s.In.Op)
			}
		}
	}
}

func TestFields(t *testing.T) {
	code := []byte{0x28, 0x42, 0x81, 0x01, 0x80, 0x08} // i32.load align=4, memory 129, offset 1024
	code = append(code, 0x0e, 0x02, 0x00, 0x01, 0x02)  // br_table 0 1 2
	code = append(code, 0x02, 0x64, 0x6b)              // block (result (ref struct))
	r := op.NewReader(code, 100)
	if !r.Next() || r.In.Align != 2 || r.In.Index != 129 || r.In.Offset != 1024 {
		t.Errorf("memarg: %+v %v", r.In, r.Err)
	}
	if !r.Next() || !slices.Equal(r.In.Labels, []uint32{0, 1, 2}) {
		t.Errorf("br_table: %v %v", r.In.Labels, r.Err)
	}
	want := op.BlockSig{Form: op.BlockValue, Value: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapStruct}}
	if !r.Next() || r.In.Block != want {
		t.Errorf("block: %+v %v", r.In.Block, r.Err)
	}
	if r.Next() || r.Err != nil {
		t.Errorf("after the end: %v", r.Err)
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		code []byte
		at   int64
		msg  string
	}{
		{"unknown opcode", []byte{0x01, 0x27}, 101, "unknown instruction 0x27"},
		{"unknown prefixed opcode", []byte{0xfd, 0xe2, 0x01}, 100, "unknown instruction 0xfd 0xe2"},
		{"sub-opcode out of range", []byte{0xfd, 0x80, 0x80, 0x04}, 100, "unknown instruction 0xfd"},
		{"negative block type", []byte{0x02, 0x80, 0x7f}, 101, "bad block type"},
		{"storage type as block type", []byte{0x02, 0x78}, 101, "unknown value type 0x78"},
		{"alignment", []byte{0x28, 0x80, 0x01, 0x00}, 101, "bad alignment flags"},
		{"labels do not fit", []byte{0x0e, 0xff, 0x01, 0x00}, 101, "255 labels cannot fit"},
		{"catch clause", []byte{0x1f, 0x40, 0x01, 0x04, 0x00}, 103, "unknown catch clause"},
		{"heap type", []byte{0xd0, 0x60}, 101, "unknown heap type"},
		{"cast flags", []byte{0xfb, 0x18, 0x04, 0x00, 0x6e, 0x6d}, 102, "bad cast flags"},
		{"fence", []byte{0xfe, 0x03, 0x01}, 102, "expected a zero byte"},
		{"continuation", []byte{0x01, 0xe0, 0x00}, 101, "the instruction 0xe0 belongs to the proposal stack-switching, which is not supported"},
		{"string", []byte{0xfb, 0x80, 0x01, 0x00}, 100, "the instruction 0xfb 0x80 belongs to the proposal stringref"},
		{"descriptor", []byte{0xfb, 0x22, 0x00}, 100, "the instruction 0xfb 0x22 belongs to the proposal custom-descriptors"},
		{"half", []byte{0xfd, 0xa0, 0x02}, 100, "the instruction 0xfd 0x120 belongs to the proposal half-precision"},
		{"discard", []byte{0xfc, 0x12, 0x00}, 100, "belongs to the proposal memory-control"},
		{"atomic global", []byte{0xfe, 0x4f, 0x00, 0x00}, 100, "the instruction 0xfe 0x4f belongs to the proposal shared-everything-threads"},
		{"continuation reference", []byte{0xd0, 0x68}, 101, "this type belongs to the proposal stack-switching"},
		{"overlong integer", []byte{0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, 101, "integer representation too long"},
	} {
		r := op.NewReader(tc.code, 100)
		for r.Next() {
		}
		var e *diag.Error
		if !errors.As(r.Err, &e) || e.Offset != tc.at || !strings.Contains(e.Error(), tc.msg) {
			t.Errorf("%s: %v, want %q at %d", tc.name, r.Err, tc.msg, tc.at)
		}
	}
}
