package validate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretest"
)

var (
	i32, i64 = corewasm.I32, corewasm.I64
	funcRef  = corewasm.FuncRef
	i8       = corewasm.ValType{Code: corewasm.CodeI8}
)

type vals = []corewasm.ValType

func ref(h corewasm.HeapType) corewasm.ValType {
	return corewasm.ValType{Code: corewasm.CodeRef, Heap: h}
}

func fn(params, results vals) corewasm.SubType {
	return corewasm.SubType{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Params: params, Results: results}}
}

func structOf(fields ...corewasm.FieldType) corewasm.SubType {
	return corewasm.SubType{Kind: corewasm.CompStruct, Fields: fields}
}

func arrayOf(f corewasm.FieldType) corewasm.SubType {
	return corewasm.SubType{Final: true, Kind: corewasm.CompArray, Fields: []corewasm.FieldType{f}}
}

func lone(types ...corewasm.SubType) (gs []corewasm.RecGroup) {
	for _, t := range types {
		gs = append(gs, corewasm.RecGroup{Types: []corewasm.SubType{t}})
	}
	return gs
}

// Types of the modules that base returns.
const (
	tVoid   = 0 // func
	tToI32  = 1 // func (result i32)
	tI32    = 2 // func (param i32)
	tStruct = 3 // struct (field i32) (field (mut i8)) (field (ref 3))
	tBytes  = 4 // array (mut i8)
	tRefs   = 5 // array funcref
	tSub    = 6 // sub 3 with a further i64
	tPair   = 7 // func (param i32 i64) (result i32 i64)
)

// base returns a module whose function 0 has type tVoid, an i32 and a (ref 3) local, and the given code before the end.
func base(code ...byte) *corewasm.Module {
	fields := []corewasm.FieldType{{Storage: i32}, {Storage: i8, Mutable: true}, {Storage: ref(3)}}
	sub := structOf(append(fields[:3:3], corewasm.FieldType{Storage: i64})...)
	sub.Supers = []uint32{tStruct}
	null := encode.RefNull(corewasm.HeapFunc)
	count := uint32(1)
	return &corewasm.Module{
		Types: lone(fn(nil, nil), fn(nil, vals{i32}), fn(vals{i32}, nil), structOf(fields...),
			arrayOf(corewasm.FieldType{Storage: i8, Mutable: true}), arrayOf(corewasm.FieldType{Storage: funcRef}),
			sub, fn(vals{i32, i64}, vals{i32, i64})),
		Funcs: []uint32{tVoid, tToI32, tI32, tPair},
		Tables: []corewasm.Table{
			{Type: corewasm.TableType{Elem: funcRef, Limits: corewasm.Limits{Min: 1}}},
			{Type: corewasm.TableType{Elem: corewasm.ExtRef, Limits: corewasm.Limits{Min: 1, Is64: true}}},
		},
		Mems: []corewasm.MemType{
			{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}, {Limits: corewasm.Limits{Min: 1, Is64: true}, PageSizeLog2: 16},
		},
		Tags: []uint32{tI32},
		Globals: []corewasm.Global{
			{Type: corewasm.GlobalType{Type: i32}, Init: encode.I32Const(0)},
			{Type: corewasm.GlobalType{Type: i64, Mutable: true}, Init: encode.I64Const(0)},
		},
		Exports: []corewasm.Export{{Name: "f", Index: 1}},
		Elems:   []corewasm.Elem{{Mode: corewasm.SegPassive, Type: funcRef, UseExprs: true, Exprs: []corewasm.Expr{null}}},
		Code: []corewasm.Body{
			{Locals: []corewasm.LocalRun{{Count: 1, Type: i32}, {Count: 1, Type: ref(tStruct)}}, Code: append(code, 0x0b)},
			{Code: []byte{0x41, 0, 0x0b}},
			{Code: []byte{0x0b}},
			{Code: []byte{0x20, 0, 0x20, 1, 0x0b}},
		},
		Data:      []corewasm.Data{{Mode: corewasm.SegPassive}},
		DataCount: &count,
	}
}

func check(t *testing.T, m *corewasm.Module, features validate.Features) (*corewasm.Module, error) {
	t.Helper()
	got, err := decode.Module(encode.Module(m), 0)
	if err != nil {
		t.Fatalf("the test's module does not decode: %v", err)
	}
	return got, validate.Module(t.Context(), got, features)
}

// TestBodies checks function bodies. at is the position of the invalid instruction and msg a part of the error; both
// are meaningless if the body is valid (msg empty).
func TestBodies(t *testing.T) {
	for _, tc := range []struct {
		name string
		code []byte
		at   int64
		msg  string
	}{
		{"numbers", []byte{0x41, 1, 0x41, 2, 0x6a, 0x1a}, 0, ""},
		{"operand type", []byte{0x41, 1, 0x42, 2, 0x6a, 0x1a}, 4, "i32.add: type mismatch: expected i32, found i64"},
		{"empty stack", []byte{0x41, 1, 0x6a, 0x1a}, 2, "i32.add: type mismatch: expected i32, but the stack is empty"},
		{"left over", []byte{0x41, 1}, 2, "end: type mismatch: 1 operands are left"},
		{"unreachable operands", []byte{0x00, 0x6a, 0x1a}, 0, ""},
		{"unreachable, known operand", []byte{0x00, 0x42, 1, 0x6a, 0x1a}, 3, "i32.add: type mismatch"},
		{"block result", []byte{0x02, 0x7f, 0x42, 1, 0x0b, 0x1a}, 4, "end: type mismatch: expected i32, found i64"},
		{"block may not take from outside", []byte{0x41, 1, 0x02, 0x40, 0x1a, 0x0b}, 4, "drop: type mismatch"},
		{"numbers from outside of a block", []byte{0x41, 1, 0x41, 1, 0x02, 0x40, 0x6a, 0x1a, 0x0b, 0x1a, 0x1a}, 6, "i32.add: type mismatch"},
		{"block parameters", []byte{0x41, 1, 0x42, 2, 0x02, tPair, 0x0b, 0x1a, 0x1a}, 0, ""},
		{"if needs else for results", []byte{0x41, 1, 0x04, 0x7f, 0x41, 1, 0x0b, 0x1a}, 6, "without else"},
		{"loop label takes parameters", []byte{0x03, 0x7f, 0x0c, 0, 0x0b, 0x1a}, 0, ""},
		{"br_table arity", []byte{0x02, 0x40, 0x02, 0x7f, 0x41, 1, 0x41, 0, 0x0e, 1, 1, 0, 0x0b, 0x1a, 0x0b}, 8, "label 1 takes 0 operands, the default label 1"},
		{"return", []byte{0x0f, 0x6a, 0x1a}, 0, ""},
		{"call", []byte{0x42, 1, 0x10, 2}, 2, "call: type mismatch: expected i32, found i64"},
		{"call_indirect", []byte{0x41, 1, 0x41, 0, 0x11, tI32, 0}, 0, ""},
		{"call_indirect through externref", []byte{0x42, 0, 0x11, tVoid, 1}, 2, "table 1 holds (ref null extern), not functions"},
		{"call_indirect of a struct", []byte{0x41, 0, 0x11, tStruct, 0}, 2, "type 3 is not a function type"},
		{"return_call results", []byte{0x12, 1}, 0, "the callee returns"},
		{"call_ref", []byte{0xd2, 1, 0x14, tToI32, 0x1a}, 0, ""},
		{"call_ref of another type", []byte{0xd2, 1, 0x14, tVoid}, 2, "expected (ref null 0), found (ref 1)"},
		{"undeclared function", []byte{0xd2, 2, 0x1a}, 0, "function 2 is not declared"},
		{"select mixes types", []byte{0x41, 1, 0x42, 1, 0x41, 1, 0x1b, 0x1a}, 6, "operands must be of one type, found i32 and i64"},
		{"select of references", []byte{0xd0, 0x70, 0xd0, 0x70, 0x41, 1, 0x1b, 0x1a}, 6, "found a reference"},
		{"select with type", []byte{0xd0, 0x70, 0xd0, 0x70, 0x41, 1, 0x1c, 1, 0x70, 0x1a}, 0, ""},
		{"select with two types", []byte{0x00, 0x1c, 2, 0x70, 0x70}, 1, "2 types are given"},
		{"local before set", []byte{0x20, 1, 0x1a}, 0, "local 1 of (ref 3) is read before it is set"},
		{"local set", []byte{0x00, 0x21, 1, 0x20, 1, 0x1a}, 0, ""},
		{"local set in an ended block", []byte{0x02, 0x40, 0x00, 0x21, 1, 0x0b, 0x20, 1, 0x1a}, 6, "read before it is set"},
		{"immutable global", []byte{0x41, 1, 0x24, 0}, 2, "global 0 is immutable"},
		{"alignment", []byte{0x41, 1, 0x28, 3, 0, 0x1a}, 2, "alignment must be at most 2^2, found 2^3"},
		{"atomic alignment", []byte{0x41, 1, 0xfe, 0x10, 1, 0, 0x1a}, 2, "alignment must be 2^2, found 2^1"},
		{"offset", []byte{0x41, 1, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a}, 2, "offset 4294967296 does not fit"},
		{"offset in memory64", []byte{0x42, 1, 0x28, 0x42, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a}, 0, ""},
		{"address of memory64", []byte{0x41, 1, 0x28, 0x42, 1, 0, 0x1a}, 2, "expected i64, found i32"},
		{"memory.copy between sizes", []byte{0x42, 1, 0x41, 1, 0x41, 1, 0xfc, 10, 1, 0}, 0, ""},
		{"table.init of another type", []byte{0x42, 1, 0x41, 1, 0x41, 1, 0xfc, 12, 0, 1}, 6, "the segment holds (ref null func), the table (ref null extern)"},
		{"table64", []byte{0xd0, 0x6f, 0x42, 1, 0xfc, 15, 1, 0x1a}, 0, ""},
		{"lane", []byte{0x00, 0xfd, 0x1b, 4, 0x1a}, 1, "lane 4 is out of range: there are 4"},
		{"memory lane", []byte{0x00, 0xfd, 0x57, 0, 0, 2, 0x1a}, 1, "lane 2 is out of range: there are 2"},
		{"shuffle lane", append(append([]byte{0x00, 0xfd, 0x0d}, make([]byte, 15)...), 32, 0x1a), 1, "lane 32 is out of range: there are 32"},
		{"throw", []byte{0x42, 1, 0x08, 0}, 2, "throw: type mismatch: expected i32, found i64"},
		{"try_table", []byte{0x02, 0x7f, 0x1f, 0x40, 1, 0, 0, 0, 0x0b, 0x41, 1, 0x0b, 0x1a}, 0, ""},
		{"try_table label", []byte{0x1f, 0x40, 1, 0, 0, 0, 0x0b}, 0, "the clause passes (func (result i32)), its label expects (func)"},
		{"legacy try", []byte{0x06, 0x40, 0x07, 0, 0x1a, 0x19, 0x09, 0, 0x0b}, 0, ""},
		{"rethrow outside of catch", []byte{0x02, 0x40, 0x09, 0, 0x0b}, 2, "label 0 is not a catch clause"},
		{"struct.get", []byte{0x00, 0xfb, 2, tStruct, 0, 0x45, 0x1a}, 0, ""},
		{"struct.get of packed", []byte{0x00, 0xfb, 2, tStruct, 1, 0x1a}, 1, "wrong form"},
		{"struct.get_s of unpacked", []byte{0x00, 0xfb, 3, tStruct, 0, 0x1a}, 1, "wrong form"},
		{"struct.set immutable", []byte{0x00, 0xfb, 5, tStruct, 0}, 1, "field 0 is immutable"},
		{"struct field", []byte{0x00, 0xfb, 2, tStruct, 3, 0x1a}, 1, "field index 3 is out of range: there are 3"},
		{"struct without default", []byte{0xfb, 1, tStruct, 0x1a}, 0, "field 2 of (ref 3) has no default"},
		{"subtype as operand", []byte{0xd0, tSub, 0xfb, 2, tStruct, 0, 0x1a}, 0, ""},
		{"supertype as operand", []byte{0xd0, tStruct, 0xfb, 2, tSub, 0, 0x1a}, 2, "expected (ref null 6), found (ref null 3)"},
		{"array.new_data", []byte{0x41, 0, 0x41, 0, 0xfb, 9, tBytes, 0, 0x1a}, 0, ""},
		{"array.new_data of references", []byte{0x41, 0, 0x41, 0, 0xfb, 9, tRefs, 0, 0x1a}, 4, "cannot be filled from a data segment"},
		{"array.new_fixed count", []byte{0x00, 0xfb, 8, tBytes, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a}, 1, "at most 10000 are supported"},
		{"array.set immutable", []byte{0x00, 0xfb, 14, tRefs}, 1, "array type 5 is immutable"},
		{"ref.test in another hierarchy", []byte{0xd0, 0x70, 0xfb, 20, 0x6b, 0x1a}, 2, "expected (ref null any), found (ref null func)"},
		{"br_on_cast", []byte{0x02, 0x63, tSub, 0xd0, tStruct, 0xfb, 24, 3, 0, tStruct, tSub, 0x1a, 0xd0, tSub, 0x0b, 0x1a}, 0, ""},
		{"br_on_cast upwards", []byte{0x02, 0x6b, 0xd0, tSub, 0xfb, 24, 3, 0, tSub, tStruct, 0x0b, 0x1a}, 4, "(ref null 3) does not match (ref null 6)"},
		{"br_on_null", []byte{0x02, 0x40, 0xd0, tVoid, 0xd5, 0, 0x14, tVoid, 0x0b}, 0, ""},
		{"br_on_non_null label", []byte{0x02, 0x40, 0xd0, tVoid, 0xd6, 0, 0x0b}, 4, "must take (ref 0) last"},
		{"convert keeps nullness", []byte{0xd0, 0x6f, 0xfb, 26, 0xfb, 15, 0x1a}, 4, "expected (ref null array), found (ref null any)"},
	} {
		m, err := check(t, base(tc.code...), validate.All)
		var e *diag.Error
		switch {
		case tc.msg == "" && err != nil:
			t.Errorf("%s: valid, but: %v", tc.name, err)
		case tc.msg == "":
		case !errors.As(err, &e):
			t.Errorf("%s: got %v, want an error", tc.name, err)
		case e.Offset != m.Code[0].Offset+tc.at || e.Item != "function 0" || !strings.Contains(e.Msg, tc.msg):
			t.Errorf("%s: got %v at %d, want %q at %d", tc.name, e, e.Offset-m.Code[0].Offset, tc.msg, tc.at)
		}
	}
}

// TestModules checks rules outside of bodies.
func TestModules(t *testing.T) {
	zero := encode.I32Const(0)
	for _, tc := range []struct {
		name   string
		change func(*corewasm.Module)
		msg    string
	}{
		{"unchanged", func(*corewasm.Module) {}, ""},
		{"two supertypes", func(m *corewasm.Module) { m.Types[tSub].Types[0].Supers = []uint32{tStruct, tStruct} }, "2 supertypes"},
		{"supertype after", func(m *corewasm.Module) { m.Types[tSub].Types[0].Supers = []uint32{tSub} }, "not defined before"},
		{"final supertype", func(m *corewasm.Module) { m.Types[tStruct].Types[0].Final = true }, "the supertype is final"},
		{"no subtype", func(m *corewasm.Module) { m.Types[tSub].Types[0].Fields[1].Mutable = false }, "does not match its supertype"},
		{"global type", func(m *corewasm.Module) { m.Globals[0].Init = encode.I64Const(0) }, "expected i32, found i64"},
		{"global reads mutable", func(m *corewasm.Module) {
			m.Globals = append(m.Globals, corewasm.Global{Type: corewasm.GlobalType{Type: i64}, Init: coretest.GlobalGet(1)})
		}, "global 1 is mutable"},
		{"global reads an earlier one", func(m *corewasm.Module) {
			m.Globals = append(m.Globals, corewasm.Global{Type: corewasm.GlobalType{Type: i32}, Init: coretest.GlobalGet(0)})
		}, ""},
		{"table needs initialiser", func(m *corewasm.Module) { m.Tables[0].Type.Elem = ref(corewasm.HeapFunc) }, "needs an initialiser"},
		{"table initialiser", func(m *corewasm.Module) { m.Tables[0].Init = &zero }, "expected (ref null func), found i32"},
		{"start type", func(m *corewasm.Module) { f := uint32(1); m.Start = &f }, "function 1 must have neither"},
		{"tag results", func(m *corewasm.Module) { m.Tags[0] = tToI32 }, "must have no results"},
		{"element type", func(m *corewasm.Module) {
			m.Elems = append(m.Elems, corewasm.Elem{Table: 1, Offset: encode.I64Const(0), Type: ref(corewasm.HeapFunc), Funcs: []uint32{0}})
		}, "do not fit table 1"},
		{"element offset", func(m *corewasm.Module) {
			m.Elems = append(m.Elems, corewasm.Elem{Offset: encode.I64Const(0), Type: ref(corewasm.HeapFunc), Funcs: []uint32{0}})
		}, "expected i32, found i64"},
		{"element expression", func(m *corewasm.Module) { m.Elems[0].Exprs[0] = encode.RefNull(corewasm.HeapExtern) }, "found (ref null extern)"},
		{"data offset", func(m *corewasm.Module) { m.Data[0] = corewasm.Data{Mem: 1, Offset: zero} }, "expected i64, found i32"},
		{"expression with two values", func(m *corewasm.Module) { m.Globals[0].Init.Bytes = []byte{0x41, 0, 0x41, 0, 0x0b} }, "1 operands are left"},
	} {
		m := base()
		tc.change(m)
		if _, err := check(t, m, validate.All); (err == nil) != (tc.msg == "") || err != nil && !strings.Contains(err.Error(), tc.msg) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.msg)
		}
	}
}

func TestFeatures(t *testing.T) {
	shared := func(m *corewasm.Module) {
		m.Mems[0].Limits = corewasm.Limits{Min: 1, Max: 1, HasMax: true, Shared: true}
	}
	for _, tc := range []struct {
		name   string
		need   validate.Features
		code   []byte
		change func(*corewasm.Module)
	}{
		{"shared memory", validate.Threads, nil, shared},
		{"atomic", validate.Threads, []byte{0xfe, 3, 0}, nil},
		{"atomic access", validate.Threads, []byte{0x41, 0, 0xfe, 0x10, 2, 0, 0x1a}, nil},
		{"legacy try", validate.LegacyExceptions, []byte{0x06, 0x40, 0x19, 0x0b}, nil},
		{"wide arithmetic", validate.WideArithmetic, []byte{0x42, 0, 0x42, 0, 0xfc, 21, 0x1a, 0x1a}, nil},
		{"relaxed SIMD is core", validate.Core3, []byte{0x00, 0xfd, 0x80, 0x02, 0x1a}, nil},
	} {
		m := base(tc.code...)
		if tc.change != nil {
			tc.change(m)
		}
		if _, err := check(t, m, tc.need); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if _, err := check(t, m, validate.All&^tc.need); tc.need != 0 && (err == nil || !strings.Contains(err.Error(), "not enabled")) {
			t.Errorf("%s: got %v without the feature", tc.name, err)
		}
	}
}

// TestTypeEquality checks that types are equal exactly if their recursion groups are.
func TestTypeEquality(t *testing.T) {
	self := func(h corewasm.HeapType) corewasm.SubType { return structOf(corewasm.FieldType{Storage: ref(h)}) }
	group := func(ts ...corewasm.SubType) corewasm.RecGroup { return corewasm.RecGroup{Types: ts} }
	for _, tc := range []struct {
		name  string
		types []corewasm.RecGroup
		equal bool // the last type and type 0
	}{
		{"same", []corewasm.RecGroup{group(self(0)), group(self(1))}, true},
		{"refers to the other", []corewasm.RecGroup{group(self(0)), group(self(0))}, false},
		{"other group size", []corewasm.RecGroup{group(self(0)), group(self(2), self(1))}, false},
		{"same position", []corewasm.RecGroup{group(self(1), self(0)), group(self(3), self(2)), group(fn(nil, nil))}, false},
		{"through an equal type", []corewasm.RecGroup{group(self(0), fn(vals{ref(0)}, nil)), group(self(2), fn(vals{ref(2)}, nil))}, false},
		{"finality", []corewasm.RecGroup{group(fn(nil, nil)), group(corewasm.SubType{Kind: corewasm.CompFunc})}, false},
	} {
		last := uint32(0)
		for _, g := range tc.types {
			last += uint32(len(g.Types))
		}
		last--
		n := len(tc.types)
		m := &corewasm.Module{Types: append(tc.types, group(fn(vals{ref(corewasm.HeapType(last))}, vals{ref(0)}))), Funcs: []uint32{last + 1}}
		m.Code = []corewasm.Body{{Code: []byte{0x20, 0, 0x0b}}}
		if _, err := check(t, m, validate.Core3); (err == nil) != tc.equal {
			t.Errorf("%s (%d groups): %v", tc.name, n, err)
		}
	}
}

// TestOperandLimit checks that calls with many results cannot make the checker's stack large.
func TestOperandLimit(t *testing.T) {
	many := make(vals, 1000)
	for i := range many {
		many[i] = i64
	}
	calls := func(n int) *corewasm.Module {
		code := make([]byte, 0, 2*n+2)
		for range n {
			code = append(code, 0x10, 1)
		}
		return &corewasm.Module{
			Types: lone(fn(nil, nil), fn(nil, many)),
			Funcs: []uint32{0, 1},
			Code:  []corewasm.Body{{Code: append(code, 0x00, 0x0b)}, {Code: []byte{0x00, 0x0b}}},
		}
	}
	if _, err := check(t, calls(1000), validate.Core3); err != nil {
		t.Errorf("a million operands: %v", err)
	}
	if _, err := check(t, calls(1100), validate.Core3); err == nil || !strings.Contains(err.Error(), "too many operands") {
		t.Errorf("got %v, want too many operands", err)
	}
}

// TestFirstError checks that of many invalid bodies the first is reported, whatever the order in which they are
// checked.
func TestFirstError(t *testing.T) {
	m := base()
	for i := range 5000 {
		code := make([]byte, 100)
		for k := range code {
			code[k] = 0x01
		}
		if i >= 777 {
			code[50] = 0x1a
		}
		m.Funcs = append(m.Funcs, tVoid)
		m.Code = append(m.Code, corewasm.Body{Code: append(code, 0x0b)})
	}
	for range 10 {
		_, err := check(t, m, validate.Core3)
		var e *diag.Error
		if want := fmt.Sprintf("function %d", 4+777); !errors.As(err, &e) || e.Item != want {
			t.Fatalf("got %v, want an error in %s", err, want)
		}
	}
}
