package decode_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretest"
)

// TestLateTypes decodes a type section that is long enough to stay encoded, and requests its types in any order.
func TestLateTypes(t *testing.T) {
	m := &corewasm.Module{}
	for i := range 1000 {
		var g corewasm.RecGroup
		for k := range i % 4 {
			s := corewasm.SubType{Final: k == 1, Kind: corewasm.CompFunc}
			s.Func.Params = make([]corewasm.ValType, i%5)
			for p := range s.Func.Params {
				s.Func.Params[p] = corewasm.I64
			}
			if k == 2 {
				s = corewasm.SubType{Kind: corewasm.CompStruct, Fields: []corewasm.FieldType{{Storage: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapType(i)}}}}
			}
			g.Types = append(g.Types, s)
		}
		m.Types = append(m.Types, g)
	}
	m.Index()
	wasm := encode.Module(m)
	got, err := decode.Module(wasm, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got.LateTypes == nil || got.Types != nil {
		t.Fatal("the types were decoded at once")
	}
	if got.NumTypes() != m.NumTypes() || got.NumGroups() != m.NumGroups() {
		t.Errorf("%d types in %d groups, want %d in %d", got.NumTypes(), got.NumGroups(), m.NumTypes(), m.NumGroups())
	}
	for k := range uint32(m.NumTypes()) {
		i := k * 7919 % uint32(m.NumTypes())
		first := got.SubTypeAt(i)
		if d := cmp.Diff(m.SubTypeAt(i), first, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("type %d: %s", i, d)
		}
		if got.SubTypeAt(i) != first {
			t.Fatalf("type %d is another one the second time", i)
		}
	}
	if got.SubTypeAt(uint32(m.NumTypes())) != nil {
		t.Error("there is a type behind the last one")
	}
	if again := encode.Module(got); !bytes.Equal(again, wasm) {
		t.Error("encoding again produces other bytes")
	}
}

// TestLateGlobals decodes a global section that is long enough to stay encoded.
func TestLateGlobals(t *testing.T) {
	m := &corewasm.Module{}
	for i := range 2000 {
		g := corewasm.Global{Type: corewasm.GlobalType{Type: corewasm.I32, Mutable: i%3 == 0}, Init: encode.I32Const(int32(i))}
		if i%7 == 0 {
			g.Type.Type, g.Init = corewasm.FuncRef, encode.RefNull(corewasm.HeapFunc)
		}
		m.Globals = append(m.Globals, g)
	}
	wasm := encode.Module(m)
	got, err := decode.Module(wasm, 100)
	if err != nil {
		t.Fatal(err)
	}
	if got.LateGlobals == nil || got.Globals != nil || got.NumGlobals() != len(m.Globals) {
		t.Fatalf("%d globals, or they were decoded at once", got.NumGlobals())
	}
	for i, want := range m.Globals {
		g := got.GlobalAt(i)
		if at := int(g.Init.Offset) - 100; at < 0 || !bytes.HasPrefix(wasm[at:], want.Init.Bytes) {
			t.Fatalf("global %d has offset %d", i, g.Init.Offset)
		}
		if d := cmp.Diff(want, g, cmpopts.IgnoreFields(corewasm.Expr{}, "Offset")); d != "" {
			t.Fatalf("global %d: %s", i, d)
		}
	}
	if again := encode.Module(got); !bytes.Equal(again, wasm) {
		t.Error("encoding again produces other bytes")
	}
	// Initializers can only read earlier globals.
	last := &m.Globals[len(m.Globals)-1]
	last.Init = coretest.GlobalGet(uint32(len(m.Globals) - 1))
	if _, err := decode.Module(encode.Module(m), 0); err == nil || !strings.Contains(err.Error(), "global index 1999 is out of range: there are 1999") {
		t.Errorf("a global that reads itself: %v", err)
	}
}

// TestLateData decodes data sections that are long enough to stay encoded, and some of which cannot.
func TestLateData(t *testing.T) {
	const n = 300
	segments := func(order func(i int) int) []corewasm.Data {
		list := make([]corewasm.Data, n)
		for i := range list {
			k := order(i)
			list[i] = corewasm.Data{Offset: encode.I32Const(int32(k*100 - 20)), Bytes: bytes.Repeat([]byte{byte(k)}, k%80+1)}
		}
		return list[1:] // the first one is at -20
	}
	ascending := func(i int) int { return i }
	changed := func(change func(list []corewasm.Data)) []corewasm.Data {
		list := segments(ascending)
		change(list)
		return list
	}
	wide := func(b ...byte) corewasm.Expr { return corewasm.Expr{Bytes: append([]byte{0x41}, append(b, 0x0b)...)} }
	for _, tc := range []struct {
		name string
		data []corewasm.Data
		late int // runs, or 0
	}{
		{"ascending", segments(ascending), 1},
		{"in two runs", segments(func(i int) int { return (i + n/3) % n }), 2},
		{"one run around another", segments(func(i int) int {
			switch {
			case i >= 250:
				return i
			case i >= 100: // these lie in the middle of the first run
				return i - 50
			case i >= 50:
				return i + 150
			}
			return i
		}), 4},
		{"descending", segments(func(i int) int { return n - i }), 0},
		{"at high addresses", changed(func(list []corewasm.Data) { list[n-2].Offset = encode.I32Const(-1) }), 1},
		{"passive", changed(func(list []corewasm.Data) { list[77].Mode, list[77].Offset = corewasm.SegPassive, corewasm.Expr{} }), 0},
		{"of another memory", changed(func(list []corewasm.Data) { list[77].Mem = 1 }), 0},
		{"empty", changed(func(list []corewasm.Data) { list[77].Bytes = nil }), 0},
		{"overlapping", changed(func(list []corewasm.Data) { list[77].Bytes = make([]byte, 101) }), 0},
		{"touching", changed(func(list []corewasm.Data) { list[77].Bytes = make([]byte, 100) }), 1},
		{"of two types", changed(func(list []corewasm.Data) { list[n-2].Offset = encode.I64Const(100 * n) }), 0},
		{"a long zero", changed(func(list []corewasm.Data) { list[0].Offset = wide(0x80, 0x00) }), 0},
		{"a long negative number", changed(func(list []corewasm.Data) { list[n-2].Offset = wide(0xff, 0x7f) }), 0},
		{"a global", changed(func(list []corewasm.Data) { list[77].Offset = coretest.GlobalGet(0) }), 0},
		{"a sum", changed(func(list []corewasm.Data) {
			list[0].Offset = corewasm.Expr{Bytes: []byte{0x41, 1, 0x41, 2, 0x6a, 0x0b}}
		}), 0},
		{"few", segments(ascending)[:63], 0},
	} {
		page := corewasm.MemType{Limits: corewasm.Limits{Min: 1}, PageSizeLog2: 16}
		m := &corewasm.Module{Mems: []corewasm.MemType{page, page}, Data: tc.data, DataCount: new(uint32),
			Imports: []corewasm.Import{{Kind: corewasm.ExternGlobal, Global: corewasm.GlobalType{Type: corewasm.I32}}}}
		*m.DataCount = uint32(len(tc.data))
		m.Index()
		wasm := encode.Module(m)
		got, err := decode.Module(wasm, 100)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		runs := 0
		if l := got.LateData; l != nil {
			runs = len(l.Runs)
			var end uint64
			for _, r := range l.Ascending().Runs {
				if r.Start < end || r.End <= r.Start {
					t.Errorf("%s: a run from %d to %d behind %d", tc.name, r.Start, r.End, end)
				}
				end = r.End
			}
			if l.End() != end || got.Data != nil {
				t.Errorf("%s: the last end is %d, want %d", tc.name, l.End(), end)
			}
		}
		if runs != tc.late || got.NumData() != len(tc.data) {
			t.Errorf("%s: %d segments in %d runs, want %d in %d", tc.name, got.NumData(), runs, len(tc.data), tc.late)
		}
		k := 0
		for i, d := range got.AllData() {
			if at := int(d.Offset.Offset) - 100; i != k || d.Mode == corewasm.SegActive && !bytes.HasPrefix(wasm[at:], d.Offset.Bytes) {
				t.Fatalf("%s: segment %d has index %d and offset %d", tc.name, k, i, d.Offset.Offset)
			}
			if want := tc.data[k]; d.Mode != want.Mode || d.Mem != want.Mem || !bytes.Equal(d.Offset.Bytes, want.Offset.Bytes) || !bytes.Equal(d.Bytes, want.Bytes) {
				t.Fatalf("%s: segment %d is %v, want %v", tc.name, i, d, want)
			}
			k++
		}
		if k != len(tc.data) || !bytes.Equal(encode.Module(got), wasm) {
			t.Errorf("%s: %d segments, or encoding again produces other bytes", tc.name, k)
		}
	}
	m := &corewasm.Module{Data: segments(ascending)}
	m.Index()
	if _, err := decode.Module(encode.Module(m), 0); err == nil || !strings.Contains(err.Error(), "active data segment without a memory") {
		t.Errorf("without a memory: %v", err)
	}
	m.Mems = []corewasm.MemType{{}}
	wasm := encode.Module(m)
	for cut := 1; cut < 100; cut++ {
		if _, err := decode.Module(wasm[:len(wasm)-cut], 0); err == nil {
			t.Errorf("a data section without its last %d bytes is accepted", cut)
		}
	}
}
