package edit_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretest"
)

// shift maps the indices 0 to 99 to themselves plus by.
func shift(by uint32) []uint32 {
	s := make([]uint32, 100)
	for i := range s {
		s[i] = uint32(i) + by
	}
	return s
}

const (
	byFunc = 1000 * (iota + 1)
	byType
	byTable
	byMem
	byGlobal
	byTag
	byElem
	byData
)

// by is the amount by which the indices of each space move.
var by = [op.NumSpaces]uint32{
	op.SpaceFunc: byFunc, op.SpaceType: byType, op.SpaceTable: byTable, op.SpaceMem: byMem, op.SpaceGlobal: byGlobal,
	op.SpaceTag: byTag, op.SpaceElem: byElem, op.SpaceData: byData,
}

func shifted() *edit.Editor {
	e := new(edit.Editor)
	for s, n := range by {
		if n > 0 {
			e.Maps[s] = shift(n)
		}
	}
	return e
}

// spaces has the spaces of the two indices of an instruction, for each form of immediates with indices.
var spaces = map[op.Imm][2]uint32{
	op.Func: {byFunc}, op.Type: {byType}, op.TypeTable: {byType, byTable}, op.Global: {byGlobal}, op.Table: {byTable},
	op.TableTable: {byTable, byTable}, op.ElemTable: {byElem, byTable}, op.Elem: {byElem}, op.Mem: {byMem},
	op.MemMem: {byMem, byMem}, op.DataMem: {byData, byMem}, op.Data: {byData}, op.Memarg: {byMem}, op.MemargLane: {byMem},
	op.Tag: {byTag}, op.TypeType: {byType, byType}, op.TypeField: {byType}, op.TypeCount: {byType},
	op.TypeData: {byType, byData}, op.TypeElem: {byType, byElem},
}

func sample(o op.Op) op.Instr {
	return op.Instr{
		Op: o, Info: o.Get(), Index: 9, Index2: 7, Align: 1, Offset: 70000, Lane: 1, Flags: 1,
		Raw: []byte("0123456789abcdef"), Block: op.BlockSig{Form: op.BlockIndex, Index: 70},
		Heap: 90, Heap2: corewasm.HeapEq, Value: 5,
		Types:   []corewasm.ValType{corewasm.I32, corewasm.FuncRef, {Code: corewasm.CodeRef, Heap: 70}},
		Labels:  []uint32{1, 0, 200},
		Catches: []op.Catch{{Kind: op.CatchTag, Tag: 1, Label: 2}, {Kind: op.CatchAllRef, Label: 3}},
	}
}

// moved is what the sample must become under shifted.
func moved(o op.Op) op.Instr {
	in := sample(o)
	by := spaces[in.Info.Imm]
	in.Index += by[0]
	in.Index2 += by[1]
	in.Block.Index += byType
	in.Heap += byType
	in.Types[2].Heap += byType
	in.Catches[0].Tag += byTag
	return in
}

// TestEveryInstruction rewrites a body with every instruction, each between instructions that do not change.
func TestEveryInstruction(t *testing.T) {
	var code, want []byte
	for _, o := range coretest.Ops() {
		in, out := sample(o), moved(o)
		code = append(in.Append(code), byte(op.Nop))
		want = append(out.Append(want), byte(op.Nop))
	}
	got, err := shifted().Body([]byte("start"), &corewasm.Body{Code: code})
	if err != nil {
		t.Fatal(err)
	}
	rest, ok := bytes.CutPrefix(got, []byte("start"))
	if !ok {
		t.Fatalf("what was in the buffer is lost")
	}
	if !bytes.Equal(rest, want) {
		t.Errorf("instructions differ: %s", cmp.Diff(text(t, want), text(t, rest)))
	}
}

// TestOffsets checks that Offsets reports where instructions are in the result: what it does not report has moved with the
// instruction before.
func TestOffsets(t *testing.T) {
	var code []byte
	for _, o := range coretest.Ops() {
		in := sample(o)
		code = in.Append(code)
	}
	want, err := shifted().Body(nil, &corewasm.Body{Code: code})
	if err != nil {
		t.Fatal(err)
	}
	for _, decoded := range []bool{false, true} {
		e := shifted()
		if decoded {
			e.Labels = func(label, _ uint32) uint32 { return label }
		}
		now := map[int]int{}
		e.Offsets = func(old, new int) { now[old] = new }
		got, err := e.Body([]byte("before"), &corewasm.Body{Code: code})
		if got = got[len("before"):]; err != nil || !bytes.Equal(got, want) {
			t.Fatalf("another result (%v): %s", err, cmp.Diff(text(t, want), text(t, got)))
		}
		var at []int
		difference := 0
		for _, old := range starts(code)[:len(starts(code))-1] {
			if n, ok := now[old]; ok {
				difference = n - old
			}
			at = append(at, old+difference)
		}
		if d := cmp.Diff(starts(got)[:len(at)], at); d != "" {
			t.Errorf("offsets (-want +got): %s", d)
		}
		if !decoded && len(now) == len(at) {
			t.Error("every instruction is reported, and most have not changed")
		}
	}
}

// starts lists the offsets of the instructions in code, and its end.
func starts(code []byte) (at []int) {
	r := op.NewReader(code, 0)
	for r.Next() {
		at = append(at, r.In.Start)
	}
	return append(at, len(code))
}

// TestMovedCode moves code behind two parameters and into two blocks.
func TestMovedCode(t *testing.T) {
	var e edit.Editor
	e.Maps[op.SpaceLocal] = []uint32{2, 3}
	e.Labels = func(label, depth uint32) uint32 {
		if label < depth {
			return label
		}
		return label + 2
	}
	for _, tc := range []struct {
		name       string
		code, want []byte
	}{
		{"locals", []byte{0x20, 0, 0x22, 1, 0x0b}, []byte{0x20, 2, 0x22, 3, 0x0b}},
		{"a branch out of the function", []byte{0x0c, 0, 0x0b}, []byte{0x0c, 2, 0x0b}},
		{"branches in blocks", []byte{0x02, 0x40, 0x03, 0x40, 0x0d, 0, 0x0d, 1, 0x0d, 2, 0x0b, 0x0d, 0, 0x0d, 1, 0x0b, 0x0d, 0, 0x0b},
			[]byte{0x02, 0x40, 0x03, 0x40, 0x0d, 0, 0x0d, 1, 0x0d, 4, 0x0b, 0x0d, 0, 0x0d, 3, 0x0b, 0x0d, 2, 0x0b}},
		{"if and else", []byte{0x04, 0x40, 0x0c, 1, 0x05, 0x0c, 0, 0x0b, 0x0b}, []byte{0x04, 0x40, 0x0c, 3, 0x05, 0x0c, 0, 0x0b, 0x0b}},
		{"a table", []byte{0x02, 0x40, 0x0e, 1, 0, 1, 0x0b, 0x0b}, []byte{0x02, 0x40, 0x0e, 1, 0, 3, 0x0b, 0x0b}},
		{"a handler's label is outside of its block", []byte{0x1f, 0x40, 1, 2, 0, 0x0c, 0, 0x0b, 0x0b}, []byte{0x1f, 0x40, 1, 2, 2, 0x0c, 0, 0x0b, 0x0b}},
		{"so is that of delegate", []byte{0x06, 0x40, 0x0c, 0, 0x18, 0, 0x0b}, []byte{0x06, 0x40, 0x0c, 0, 0x18, 2, 0x0b}},
	} {
		got, err := e.Body(nil, &corewasm.Body{Code: tc.code})
		if err != nil || !bytes.Equal(got, tc.want) {
			t.Errorf("%s: got % x, %v; want % x", tc.name, got, err, tc.want)
		}
	}
}

// text decodes instructions for comparison.
func text(t *testing.T, code []byte) []string {
	var s []string
	r := op.NewReader(code, 0)
	for r.Next() {
		s = append(s, r.In.Info.Name+" "+strings.TrimSpace(string(hex(code[r.In.Start:r.Pos]))))
	}
	if r.Err != nil {
		t.Error(r.Err)
	}
	return s
}

func hex(b []byte) (s []byte) {
	for _, c := range b {
		s = append(s, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15], ' ')
	}
	return s
}

// TestIdentity checks that nothing changes without maps: indices in their shortest form keep every byte.
func TestIdentity(t *testing.T) {
	var code []byte
	for _, o := range coretest.Ops() {
		in := sample(o)
		code = in.Append(code)
	}
	got, err := new(edit.Editor).Body(nil, &corewasm.Body{Code: code})
	if err != nil || !bytes.Equal(got, code) {
		t.Errorf("changed without maps: %v", err)
	}
}

func TestMemarg(t *testing.T) {
	for _, tc := range []struct {
		name       string
		mems       []uint32
		code, want []byte
	}{
		{"short stays short", []uint32{0}, []byte{0x28, 2, 4}, []byte{0x28, 2, 4}},
		{"short becomes explicit", []uint32{3}, []byte{0x28, 2, 0x84, 0x01}, []byte{0x28, 0x42, 3, 0x84, 0x01}},
		{"explicit becomes short", []uint32{1, 0}, []byte{0x28, 0x42, 1, 4}, []byte{0x28, 2, 4}},
		{"explicit zero becomes short", []uint32{0}, []byte{0x28, 0x42, 0, 4}, []byte{0x28, 2, 4}},
		{"index grows", []uint32{0, 200}, []byte{0x36, 0x42, 1, 4}, []byte{0x36, 0x42, 0xc8, 0x01, 4}},
		{"padded alignment", []uint32{1}, []byte{0x28, 0x82, 0x00, 4}, []byte{0x28, 0x42, 1, 4}},
		{"lane", []uint32{1}, []byte{0xfd, 0x54, 0, 4, 7}, []byte{0xfd, 0x54, 0x40, 1, 4, 7}},
		{"memory.size", []uint32{1}, []byte{0x3f, 0}, []byte{0x3f, 1}},
	} {
		var e edit.Editor
		e.Maps[op.SpaceMem] = tc.mems
		got, err := e.Body(nil, &corewasm.Body{Code: tc.code})
		if err != nil || !bytes.Equal(got, tc.want) {
			t.Errorf("%s: got % x, %v; want % x", tc.name, got, err, tc.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		code []byte
		at   int64
		msg  string
	}{
		{"past the map", []byte{0x01, 0x10, 100}, 101, "function 100 is used"},
		{"removed", []byte{0x01, 0x24, 1}, 101, "global 1 is used"},
		{"removed memory 0", []byte{0x28, 2, 0}, 100, "memory 0 is used"},
		{"cut in a constant", []byte{0x01, 0x43, 0, 0}, 104, "unexpected end"},
		{"cut in an integer", []byte{0x41, 0x80}, 102, "unexpected end"},
		{"cut in an index", []byte{0x10, 0x80}, 100, "unexpected end"},
		{"unknown", []byte{0x27}, 100, "unknown instruction"},
	} {
		m := shifted()
		m.Maps[op.SpaceGlobal][1], m.Maps[op.SpaceMem][0] = edit.Removed, edit.Removed
		_, err := m.Body(nil, &corewasm.Body{Code: tc.code, Offset: 100})
		var e *diag.Error
		if !errors.As(err, &e) || e.Offset != tc.at || !strings.Contains(e.Error(), tc.msg) {
			t.Errorf("%s: got %v, want %q at %d", tc.name, err, tc.msg, tc.at)
		}
	}
}

func TestDefinitions(t *testing.T) {
	m := shifted()
	ref := func(h corewasm.HeapType) corewasm.ValType { return corewasm.ValType{Code: corewasm.CodeRef, Heap: h} }
	get := corewasm.Expr{Bytes: []byte{0x23, 1, 0x0b}}
	elem := &corewasm.Elem{Table: 1, Offset: get, Type: ref(5), UseExprs: true, Exprs: []corewasm.Expr{{Bytes: []byte{0xd2, 4, 0x0b}}}}
	e, err := m.Elem(elem)
	if err != nil || e.Table != byTable+1 || e.Type != ref(byType+5) || !bytes.Equal(e.Offset.Bytes, []byte{0x23, 0x89, 0x27, 0x0b}) ||
		!bytes.Equal(e.Exprs[0].Bytes, []byte{0xd2, 0xec, 0x07, 0x0b}) {
		t.Errorf("elem: %v %+v", err, e)
	}
	if !bytes.Equal(elem.Exprs[0].Bytes, []byte{0xd2, 4, 0x0b}) {
		t.Error("the input was changed")
	}
	b := &corewasm.Body{Locals: []corewasm.LocalRun{{Count: 1, Type: corewasm.I32}, {Count: 2, Type: ref(8)}}}
	l, err := m.Locals(b)
	if err != nil || l[1].Type != ref(byType+8) || b.Locals[1].Type != ref(8) {
		t.Errorf("locals: %v %v, input %v", err, l, b.Locals)
	}
}

// mixed is code with a typical mix of instructions: locals, constants, arithmetic, calls, accesses, blocks.
func mixed() []byte {
	one := []byte{
		0x20, 0x00, 0x41, 0xe4, 0x00, 0x6a, 0x21, 0x01, 0x20, 0x01, 0x28, 0x02, 0x10, 0x22, 0x02, 0x45, 0x04, 0x40, 0x20, 0x02,
		0x20, 0x01, 0x36, 0x02, 0x08, 0x0b, 0x02, 0x40, 0x03, 0x40, 0x20, 0x02, 0x41, 0x01, 0x6b, 0x22, 0x02, 0x0d, 0x00, 0x0b,
		0x0b, 0x20, 0x01, 0x10, 0x05, 0x21, 0x01, 0x23, 0x00, 0x41, 0x10, 0x6b, 0x24, 0x00, 0x42, 0x80, 0x80, 0x04, 0xa7, 0x1a,
		0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x1a,
	}
	return append(bytes.Repeat(one, 1000), 0x0b)
}

func BenchmarkBody(b *testing.B) {
	body := &corewasm.Body{Code: mixed()}
	dst := make([]byte, 0, 2*len(body.Code))
	run := func(name string, e *edit.Editor) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body.Code)))
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, err = e.Body(dst[:0], body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	var e edit.Editor
	e.Maps[op.SpaceFunc], e.Maps[op.SpaceType], e.Maps[op.SpaceGlobal] = shift(500), shift(100), shift(90)
	run("memory0", &e)
	e.Maps[op.SpaceMem] = shift(1)
	run("memory1", &e)
}
