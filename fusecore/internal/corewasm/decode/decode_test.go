package decode_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

var preamble = []byte("\x00asm\x01\x00\x00\x00")

// module puts sections after the preamble.
func module(sections ...[]byte) []byte {
	return append(bytes.Clone(preamble), bytes.Join(sections, nil)...)
}

// sec makes a section with a one-byte size.
func sec(id byte, content ...byte) []byte { return append([]byte{id, byte(len(content))}, content...) }

// vec makes a section that is a vector of parts.
func vec(id byte, parts ...[]byte) []byte {
	return sec(id, append([]byte{byte(len(parts))}, bytes.Join(parts, nil)...)...)
}

var (
	voidType = []byte{0x60, 0, 0}
	i32Zero  = []byte{0x41, 0, 0x0b}
)

// body makes a function body without locals.
func body(code ...byte) []byte { return append([]byte{byte(len(code) + 1), 0}, code...) }

// inFunc makes a module with one memory, one table and one function with the given instructions.
func inFunc(code ...byte) []byte {
	return module(vec(1, voidType), vec(3, []byte{0}), vec(4, []byte{0x70, 0, 0}), vec(5, []byte{0, 0}), vec(10, body(code...)))
}

// codeAt is the offset of the first instruction in inFunc.
const codeAt = 8 + 6 + 4 + 6 + 5 + 5

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		data []byte
		at   int64
		msg  string
	}{
		{"empty", nil, 0, "not a core module"},
		{"bad magic", []byte("\x00asn\x01\x00\x00\x00"), 3, "not a core module"},
		{"bad version", []byte("\x00asm\x02\x00\x00\x00"), 4, "version 1"},
		{"component", []byte("\x00asm\x0d\x00\x01\x00"), 4, "this is a component"},
		{"unknown section", module(sec(14)), 8, "unknown section 14"},
		{"section too long", module([]byte{1, 5, 0}), 10, "expected 5 bytes, 1 are left"},
		{"section not consumed", module(sec(1, 0, 0)), 11, "1 bytes left over at the end of the type section"},
		{"section twice", module(vec(1, voidType), vec(1, voidType)), 14, "out of order or twice"},
		{"order", module(vec(5, []byte{0, 1}), vec(4, []byte{0x70, 0, 0})), 13, "table section out of order"},
		{"tag after global", module(vec(1, voidType), vec(6), vec(13)), 17, "tag section out of order"},
		{"vector does not fit", module(sec(1, 0xff, 0xff, 0xff, 0x7f)), 10, "cannot fit"},
		{"unknown type form", module(vec(1, []byte{0x5c})), 11, "unknown type 0x5c"},
		{"continuation type", module(vec(1, []byte{0x5d, 0})), 11, "this type belongs to the proposal stack-switching, which is not supported (build the module without stack-switching)"},
		{"shared type", module(vec(1, []byte{0x65, 0x5f, 0})), 11, "belongs to the proposal shared-everything-threads"},
		{"descriptor", module(vec(1, []byte{0x4d, 1, 0x5f, 0})), 11, "belongs to the proposal custom-descriptors"},
		{"exact reference", module(vec(1, []byte{0x60, 1, 0x64, 0x62, 0, 0})), 14, "belongs to the proposal custom-descriptors"},
		{"string reference", module(vec(1, []byte{0x60, 1, 0x67, 0})), 13, "belongs to the proposal stringref"},
		{"exact import", module(vec(1, voidType), vec(2, []byte{0, 1, 'f', 0x20, 0})), 20, "belongs to the proposal custom-descriptors"},
		{"compact imports", module(vec(2, []byte{1, 'm', 0, 0x7f, 0})), 14, "belongs to the proposal compact-import-section"},
		{"unknown value type", module(vec(1, []byte{0x60, 1, 0x78, 0})), 13, "unknown value type 0x78"},
		{"type index outside of group", module(vec(1, []byte{0x60, 1, 0x64, 1, 0})), 13, "type index 1 is out of range"},
		{"supertype out of range", module(vec(1, []byte{0x50, 1, 1, 0x60, 0, 0})), 13, "type index 1 is out of range"},
		{"mutability", module(vec(1, []byte{0x5e, 0x7f, 4})), 13, "bad mutability"},
		{"shared global", module(vec(6, []byte{0x7f, 2, 0x41, 0, 0x0b})), 12, "belongs to the proposal shared-everything-threads"},
		{"import name", module(vec(2, []byte{1, 0xff, 0, 0, 0})), 12, "not valid UTF-8"},
		{"import kind", module(vec(2, []byte{0, 0, 5, 0})), 13, "unknown kind of import 0x05"},
		{"function type", module(vec(1, []byte{0x5f, 0}), vec(3, []byte{0})), 16, "type 0 is not a function type"},
		{"table element", module(vec(4, []byte{0x7f, 0, 0})), 11, "expected a reference type, found i32"},
		{"table flags", module(vec(4, []byte{0x70, 8, 0})), 12, "bad flags 0x08 of table limits"},
		{"shared table", module(vec(4, []byte{0x70, 2, 0})), 12, "a shared table belongs to the proposal shared-everything-threads"},
		{"memory flags", module(vec(5, []byte{16, 0})), 11, "bad flags 0x10 of memory limits"},
		{"memory too large", module(vec(5, []byte{0, 0x81, 0x80, 0x04})), 12, "at most 65536 pages"},
		{"memory maximum", module(vec(5, []byte{1, 2, 1})), 13, "maximum 1 is less than minimum 2"},
		{"shared without maximum", module(vec(5, []byte{2, 2})), 11, "shared memory must have a maximum"},
		{"custom page size", module(vec(5, []byte{8, 1, 0})), 11, "a memory with a custom page size belongs to the proposal custom-page-sizes"},
		{"memory64 too large", module(vec(5, []byte{4, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40})), 12, "at most 281474976710656 pages"},
		{"tag attribute", module(vec(1, voidType), vec(13, []byte{1, 0})), 17, "bad tag attribute"},
		{"global initialiser", module(vec(6, []byte{0x7f, 0, 0x20, 0, 0x0b})), 13, "local.get is not a constant"},
		{"global initialiser reads itself", module(vec(6, []byte{0x7f, 0, 0x23, 0, 0x0b})), 13, "global index 0 is out of range"},
		{"expression without end", module(vec(6, []byte{0x7f, 0, 0x41, 0})), 15, "without an end"},
		{"export twice", module(vec(5, []byte{0, 0}), vec(7, []byte{1, 'a', 2, 0}, []byte{1, 'a', 2, 0})), 20, `duplicate export name "a"`},
		{"export index", module(vec(7, []byte{1, 'a', 0, 0})), 14, "func index 0 is out of range"},
		{"export kind", module(vec(7, []byte{1, 'a', 9, 0})), 13, "unknown kind of export"},
		{"start", module(sec(8, 0)), 10, "function index 0 is out of range"},
		{"element flags", module(vec(9, []byte{8})), 11, "bad flags 8"},
		{"element without table", module(vec(9, append([]byte{0}, append(i32Zero, 0)...))), 11, "without a table"},
		{"element kind", module(vec(9, []byte{1, 1, 0})), 12, "bad element kind"},
		{"element function", module(vec(9, []byte{1, 0, 1, 0})), 14, "func index 0 is out of range"},
		{"functions without code", module(vec(1, voidType), vec(3, []byte{0})), 18, "1 functions are declared, 0 have code"},
		{"code without functions", module(vec(10, body(0x0b))), 10, "0 functions are declared, 1 have code"},
		{"data count", module(sec(12, 2), vec(11, []byte{1, 0})), 13, "data count is 2, but there are 1"},
		{"data count without data", module(sec(12, 2)), 11, "data count is 2, but there are 0"},
		{"data without memory", module(vec(11, append([]byte{0}, append(i32Zero, 0)...))), 11, "without a memory"},
		{"data flags", module(vec(11, []byte{3})), 11, "bad flags 3"},
		{"data too long", module(vec(11, []byte{1, 9, 0})), 13, "expected 9 bytes, 1 are left"},
	} {
		t.Run(tc.name, func(t *testing.T) { wantError(t, tc.data, tc.at, tc.msg) })
	}
}

// wantError decodes with base 1000 and expects an error at an offset in the file.
func wantError(t *testing.T, data []byte, at int64, msg string) {
	t.Helper()
	_, err := decode.Module(data, 1000)
	var e *diag.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an error", err)
	}
	if e.Offset != 1000+at || !strings.Contains(e.Error(), msg) {
		t.Errorf("got offset %d: %v; want %d: %q", e.Offset-1000, e, at, msg)
	}
}

func TestBodyErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		code []byte
		at   int64 // relative to the first instruction
		msg  string
	}{
		{"no end", []byte{0x01}, 1, "ends inside of a block"},
		{"block not closed", []byte{0x02, 0x40, 0x0b}, 3, "ends inside of a block"},
		{"code after end", []byte{0x0b, 0x01}, 1, "1 bytes left over"},
		{"else outside of if", []byte{0x05, 0x0b}, 0, "else does not belong"},
		{"second else", []byte{0x04, 0x40, 0x05, 0x05, 0x0b, 0x0b}, 3, "else does not belong"},
		{"catch outside of try", []byte{0x19, 0x0b}, 0, "catch_all does not belong"},
		{"delegate outside of try", []byte{0x02, 0x40, 0x18, 0, 0x0b}, 2, "delegate does not belong"},
		{"label", []byte{0x0c, 1, 0x0b}, 0, "label index 1 is out of range: there are 1"},
		{"br_table label", []byte{0x02, 0x40, 0x0e, 1, 2, 0, 0x0b, 0x0b}, 2, "label index 2 is out of range"},
		{"local", []byte{0x20, 0, 0x0b}, 0, "local index 0 is out of range"},
		{"global", []byte{0x23, 0, 0x0b}, 0, "global index 0"},
		{"function", []byte{0x10, 1, 0x0b}, 0, "function index 1"},
		{"type of call_indirect", []byte{0x11, 1, 0, 0x0b}, 0, "type index 1"},
		{"table of call_indirect", []byte{0x11, 0, 1, 0x0b}, 0, "table index 1"},
		{"memory of load", []byte{0x28, 0x42, 1, 0, 0x0b}, 0, "memory index 1"},
		{"block type", []byte{0x02, 1, 0x0b, 0x0b}, 0, "type index 1"},
		{"heap type", []byte{0xd0, 1, 0x0b}, 0, "type index 1"},
		{"tag", []byte{0x08, 0, 0x0b}, 0, "tag index 0"},
		{"catch tag", []byte{0x1f, 0x40, 1, 0, 0, 0, 0x0b, 0x0b}, 0, "tag index 0"},
		{"catch label is outside of its block", []byte{0x1f, 0x40, 1, 2, 1, 0x0b, 0x0b}, 0, "label index 1 is out of range: there are 1"},
		{"data without count", []byte{0xfc, 0x09, 0, 0x0b}, 0, "without a data count section"},
		{"elem", []byte{0xfc, 0x0d, 0, 0x0b}, 0, "element segment index 0"},
		{"unknown instruction", []byte{0x01, 0xff, 0x0b}, 1, "unknown instruction 0xff"},
	} {
		t.Run(tc.name, func(t *testing.T) { wantError(t, inFunc(tc.code...), codeAt+tc.at, tc.msg) })
	}
}

// TestFirstError checks that of many invalid bodies, checked in parallel, the first is reported.
func TestFirstError(t *testing.T) {
	const n = 4000
	m := &corewasm.Module{Types: []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc}}}}}
	good := append(bytes.Repeat([]byte{0x01}, 200), 0x0b)
	bad := append(bytes.Repeat([]byte{0x01}, 200), 0x05)
	for i := range n {
		m.Funcs = append(m.Funcs, 0)
		code := good
		if i >= 1234 {
			code = bad
		}
		m.Code = append(m.Code, corewasm.Body{Code: code})
	}
	data := encode.Module(m)
	for range 20 {
		_, err := decode.Module(data, 0)
		var e *diag.Error
		if !errors.As(err, &e) || e.Item != "code 1234" || !strings.Contains(e.Msg, "else does not belong") {
			t.Fatalf("got %v, want an error in code 1234", err)
		}
	}
}

func TestLocalsLimit(t *testing.T) {
	one := func(n ...byte) []byte {
		b := append(append([]byte{1}, n...), 0x7f, 0x0b)
		return module(vec(1, voidType), vec(3, []byte{0}), vec(10, append([]byte{byte(len(b))}, b...)))
	}
	if _, err := decode.Module(one(0xd0, 0x86, 0x03), 0); err != nil {
		t.Errorf("50000 locals: %v", err)
	}
	wantError(t, one(0xd1, 0x86, 0x03), 8+6+4+2+1+1+1, "too many locals")
}

func TestCustomPageSize(t *testing.T) {
	data := module(vec(5, []byte{8, 5, 0}))
	m, err := decode.ModuleWith(t.Context(), data, 0, decode.Options{CustomPageSizes: true})
	if err != nil {
		t.Fatal(err)
	}
	if m.Mems[0].PageSizeLog2 != 0 || m.Mems[0].Limits.Min != 5 {
		t.Errorf("got %+v", m.Mems[0])
	}
	if got := encode.Module(m); !bytes.Equal(got, data) {
		t.Errorf("encoded % x, want % x", got, data)
	}
}

func TestNames(t *testing.T) {
	good := sec(0, append([]byte("\x04name"), 0, 2, 1, 'm', 1, 7, 2, 0, 1, 'f', 9, 1, 'g')...)
	m, err := decode.Module(module(vec(1, voidType), vec(3, []byte{0}), vec(10, body(0x0b)), good), 0)
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "m" || len(m.Names.Funcs) != 1 || m.Names.Funcs[0] != "f" {
		t.Errorf("name %q, functions %v; want m and only function 0", m.Name, m.Names.Funcs)
	}
	bad := sec(0, append([]byte("\x04name"), 0, 2, 1, 'm', 1, 9, 2, 0, 1, 'f')...)
	m, err = decode.Module(module(bad), 0)
	if err != nil || m.Name != "" || m.Names.Funcs != nil || len(m.Customs) != 0 {
		t.Errorf("a bad name section must be dropped: %v, name %q, %v", err, m.Name, m.Names.Funcs)
	}
}

// TestTrustBodies decodes a module whose body calls a function that does not exist and has no end.
func TestTrustBodies(t *testing.T) {
	data := encode.Module(&corewasm.Module{
		Types: []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc}}}},
		Funcs: []uint32{0},
		Code:  []corewasm.Body{{Locals: []corewasm.LocalRun{{Count: 1, Type: corewasm.I32}}, Code: []byte{0x10, 0x05}}},
	})
	if _, err := decode.Module(data, 0); err == nil {
		t.Error("no error about the body")
	}
	m, err := decode.ModuleWith(t.Context(), data, 0, decode.Options{TrustBodies: true})
	if err != nil || len(m.Code) != 1 || len(m.Code[0].Locals) != 1 || !bytes.Equal(m.Code[0].Code, []byte{0x10, 0x05}) {
		t.Errorf("trusted: %v, %+v", err, m)
	}
}
