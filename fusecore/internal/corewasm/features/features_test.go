package features_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/features"
)

// TestOf has a module for every feature.
func TestOf(t *testing.T) {
	body := func(code string) func(*corewasm.Module) {
		return func(m *corewasm.Module) {
			b, err := hex.DecodeString(code)
			if err != nil {
				t.Fatal(err)
			}
			m.Types = []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc}}}}
			m.Funcs, m.Code = []uint32{0}, []corewasm.Body{{Code: b}}
		}
	}
	memory := func(types ...corewasm.MemType) func(*corewasm.Module) {
		return func(m *corewasm.Module) { m.Mems = types }
	}
	global := func(t corewasm.ValType, init string) func(*corewasm.Module) {
		return func(m *corewasm.Module) {
			m.Globals = []corewasm.Global{{Type: corewasm.GlobalType{Type: t}, Init: corewasm.Expr{Bytes: []byte(init)}}}
		}
	}
	elem := corewasm.Elem{Mode: corewasm.SegPassive, Type: corewasm.ValType{Code: corewasm.CodeRef, Heap: corewasm.HeapFunc}, Funcs: []uint32{0}}
	for name, x := range map[string]struct {
		edit func(*corewasm.Module)
		want string
	}{
		"nothing":        {func(*corewasm.Module) {}, ""},
		"bulk memory":    {body("fc0a0000" + "0b"), "bulk-memory"},
		"sign extension": {body("c0" + "c4" + "0b"), "sign-ext"},
		"not":            {body("bf" + "0b"), ""},
		"truncation":     {body("fc07" + "0b"), "nontrapping-fptoint"},
		"table":          {body("fc1000" + "1a0b"), "reference-types"},
		"table.get":      {body("2500" + "1a0b"), "reference-types"},
		"block type":     {body("0200" + "0b0b"), "multivalue"},
		"tables":         {func(m *corewasm.Module) { m.Tables = make([]corewasm.Table, 2) }, "reference-types"},
		"one table": {func(m *corewasm.Module) {
			m.Tables = []corewasm.Table{{Type: corewasm.TableType{Elem: corewasm.FuncRef}}}
		}, ""},
		"imported mutable global": {func(m *corewasm.Module) {
			m.Imports = []corewasm.Import{{Kind: corewasm.ExternGlobal, Global: corewasm.GlobalType{Type: corewasm.I32, Mutable: true}}}
		}, "mutable-globals"},
		"exported mutable global": {func(m *corewasm.Module) {
			m.Globals = []corewasm.Global{{Type: corewasm.GlobalType{Type: corewasm.I32, Mutable: true}, Init: corewasm.Expr{Bytes: []byte("\x41\x00\x0b")}}}
			m.Exports = []corewasm.Export{{Kind: corewasm.ExternGlobal}}
		}, "mutable-globals"},
		"results": {func(m *corewasm.Module) {
			m.Types = []corewasm.RecGroup{{Types: []corewasm.SubType{{Final: true, Kind: corewasm.CompFunc, Func: corewasm.FuncType{Results: []corewasm.ValType{corewasm.I32, corewasm.I32}}}}}}
		}, "multivalue"},
		"vector":         {body("fd0c00000000000000000000000000000000" + "1a0b"), "simd128"},
		"relaxed vector": {body("fd80020b"), "relaxed-simd simd128"},
		"atomic":         {body("fe03000b"), "atomics"},
		"tail call":      {body("12000b"), "tail-call"},
		"exception":      {body("1f4001020000" + "0b0b"), "exception-handling"},
		"struct":         {body("fb0000" + "1a0b"), "gc"},
		"call_ref":       {body("14000b"), "gc"},
		"wide":           {body("fc130b"), "wide-arithmetic"},
		"one memory":     {memory(corewasm.MemType{PageSizeLog2: 16}), ""},
		"memories":       {memory(corewasm.MemType{PageSizeLog2: 16}, corewasm.MemType{PageSizeLog2: 16}), "multimemory"},
		"memory64":       {memory(corewasm.MemType{PageSizeLog2: 16, Limits: corewasm.Limits{Is64: true}}), "memory64"},
		"shared":         {memory(corewasm.MemType{PageSizeLog2: 16, Limits: corewasm.Limits{Shared: true}}), "atomics"},
		"small pages":    {memory(corewasm.MemType{}), "custom-page-sizes"},
		"constant":       {global(corewasm.I32, "\x41\x00\x0b"), ""},
		"sum":            {global(corewasm.I32, "\x41\x00\x41\x00\x6a\x0b"), "extended-const"},
		"global":         {global(corewasm.I32, "\x23\x00\x0b"), "gc"},
		"exnref":         {global(corewasm.ValType{Code: corewasm.CodeRefNull, Heap: corewasm.HeapExn}, "\xd0\x69\x0b"), "exception-handling gc reference-types"},
		"functions":      {func(m *corewasm.Module) { body("0b")(m); m.Elems = []corewasm.Elem{elem} }, ""},
		"externref":      {global(corewasm.ExtRef, "\xd0\x6f\x0b"), "reference-types"},
	} {
		m := &corewasm.Module{}
		x.edit(m)
		m.Index()
		if text := strings.Join(features.Of(m), " "); text != x.want {
			t.Errorf("%s: %q, want %q", name, text, x.want)
		}
	}
}
