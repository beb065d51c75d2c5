package worldsection

import (
	"context"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// section makes a section with a world, given as component text, and an encoding of strings.
func section(t *testing.T, decls string, encoding byte) []byte {
	t.Helper()
	b, err := wasmtime.Text(`(component (type (component (type (component ` + decls + `)) (export "a:b/w" (component (type 0))))) (export "w" (type 0)))`)
	if err != nil {
		t.Fatal(err)
	}
	custom := append(append(leb128.AppendU32(nil, uint32(len(encodingSection))), encodingSection...), 4, encoding)
	return append(append(append(b, 0), leb128.AppendU32(nil, uint32(len(custom)))...), custom...)
}

// TestRead reads two parts of a world that use one resource type.
func TestRead(t *testing.T) {
	const types = `(import "a:b/t" (instance $t (export "r" (type (sub resource))))) (alias export $t "r" (type $r))`
	a := section(t, types+`(import "f" (func (param "x" (own $r)))) (export "run" (func))`, 0)
	b := section(t, types+`(import "g" (func (param "x" (borrow $r)))) (export "run" (func)) (export "s" (func (result string)))`, 1)
	w, encoding, err := Read(context.Background(), [][]byte{a, b})
	if err != nil {
		t.Fatal(err)
	}
	if encoding != cabi.UTF16 {
		t.Errorf("the encoding is %v", encoding)
	}
	if got := world.Names(w.Imports) + " " + world.Names(w.Exports); got != `"a:b/t", "f", "g" "run", "s"` {
		t.Errorf("the world has %s", got)
	}
	r := w.Imports[0].Items[0].Resource
	for _, name := range []string{"f", "g"} {
		if p := world.Find(w.Imports, name).FuncType.Params[0].Type; p.Resource != r {
			t.Errorf("%s has another resource type than a:b/t", name)
		}
	}
}

// TestReadWritten reads the section that package coreabi writes.
func TestReadWritten(t *testing.T) {
	of := &world.World{Exports: []world.Item{stub.Func("f", nil, "x", stub.Prim(ctypes.String))}}
	b, err := coreabi.Section(of)
	if err != nil {
		t.Fatal(err)
	}
	w, encoding, err := Read(context.Background(), [][]byte{b})
	if err != nil || encoding != cabi.UTF8 {
		t.Fatal(encoding, err)
	}
	if f := world.Find(w.Exports, "f"); f == nil || f.FuncType.String() != "func(x: string)" {
		t.Errorf("%+v", w.Exports)
	}
}

func TestReadErrors(t *testing.T) {
	component, err := wasmtime.Text(`(component)`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		sections [][]byte
		want     string
	}{
		{"no component", [][]byte{{1, 2, 3}}, "custom section component-type"},
		{"no world", [][]byte{component}, "it does not export the type of a component that exports a world"},
		{"encoding", [][]byte{section(t, ``, 9)}, "no encoding of strings with number 9"},
		{"contradiction", [][]byte{section(t, `(import "x" (func))`, 0), section(t, `(import "x" (instance))`, 0)}, `two sections have different items "x"`},
	} {
		if _, _, err := Read(context.Background(), c.sections); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	w, encoding, err := Read(context.Background(), nil)
	if err != nil || encoding != cabi.UTF8 || len(w.Imports)+len(w.Exports) != 0 {
		t.Errorf("without sections: %v, %v, %v", w, encoding, err)
	}
}
