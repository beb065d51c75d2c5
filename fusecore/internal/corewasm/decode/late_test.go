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
