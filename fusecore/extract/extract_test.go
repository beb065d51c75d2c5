package extract

import (
	"bytes"
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// fused fuses an example.
func fused(t *testing.T, o fusecore.FuseOptions) File {
	t.Helper()
	input := func(name string) fusecore.Input {
		b, err := os.ReadFile("../../examples/three/" + name + ".wasm")
		if err != nil {
			t.Fatal(err)
		}
		return fusecore.Input{Name: name, Bytes: b}
	}
	r, err := fusecore.Fuse(t.Context(), fusecore.Graph{Root: input("root"), Deps: []fusecore.Input{input("words"), input("stats")}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return File{"three.wasm", r.Bytes()}
}

// core hands out the only fused module.
func core(t *testing.T, f File) (number int, wasm []byte) {
	t.Helper()
	all, err := Modules(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	number = slices.IndexFunc(all, func(m Module) bool { return m.Fused })
	if number < 0 || slices.ContainsFunc(all[number+1:], func(m Module) bool { return m.Fused }) {
		t.Fatalf("not one fused module: %+v", all)
	}
	var b bytes.Buffer
	if _, err := all[number].WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return number, b.Bytes()
}

// TestSame checks that a module that nothing has changed makes the same file again.
func TestSame(t *testing.T) {
	for name, o := range map[string]fusecore.FuseOptions{
		"component": {}, "stripped": {Strip: fusecore.StripAll}, "one memory": {Memory: fusecore.SingleMemory},
		"module": {Emit: fusecore.EmitModule}, "module without names": {Emit: fusecore.EmitModule, Strip: fusecore.StripNames},
	} {
		t.Run(name, func(t *testing.T) {
			f := fused(t, o)
			n, wasm := core(t, f)
			out, err := Replace(t.Context(), f, map[int]File{n: {"core.wasm", wasm}})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), f.Bytes) {
				t.Errorf("%d bytes have become others, %d", len(f.Bytes), len(out.Bytes()))
			}
		})
	}
}

// TestWorldStays checks that a bare module keeps its world when a tool drops it.
func TestWorldStays(t *testing.T) {
	f := fused(t, fusecore.FuseOptions{Emit: fusecore.EmitModule})
	_, wasm := core(t, f)
	m := decoded(t, wasm)
	m.Customs = nil
	out, err := Replace(t.Context(), f, map[int]File{0: {"core.wasm", encode.Module(m)}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range decoded(t, out.Bytes()).Customs {
		names = append(names, x.Name)
	}
	if got := strings.Join(names, " "); got != "component-type producers" {
		t.Errorf("custom sections: %s", got)
	}
}

func decoded(t *testing.T, wasm []byte) *corewasm.Module {
	t.Helper()
	m, err := coredecode.Module(wasm, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestRefusals changes a module in every way that does not fit.
func TestRefusals(t *testing.T) {
	f := fused(t, fusecore.FuseOptions{})
	n, wasm := core(t, f)
	change := func(edit func(*corewasm.Module)) []byte {
		m := decoded(t, wasm)
		edit(m)
		m.Index()
		return encode.Module(m)
	}
	other := fused(t, fusecore.FuseOptions{Emit: fusecore.EmitModule})
	for want, b := range map[string][]byte{
		"this is not a core module": f.Bytes,
		"unexpected end":            wasm[:len(wasm)/2],
		`export "f0": the module lacks this func, which the one that it replaces exports`: change(func(m *corewasm.Module) { m.Exports = m.Exports[1:] }),
		`export "f0": the module that it replaces exports this as a func, not a memory`: change(func(m *corewasm.Module) {
			m.Exports[0].Kind, m.Exports[0].Index = corewasm.ExternMem, 0
		}),
		`export "f0": the module that it replaces exports this func with another type`: change(func(m *corewasm.Module) {
			ft := *m.FuncTypeOf(m.Exports[0].Index)
			for f := range m.Count(corewasm.ExternFunc) {
				if t := m.FuncTypeOf(f); len(t.Params) != len(ft.Params) {
					m.Exports[0].Index = f
					return
				}
			}
		}),
		`the module that it replaces does not import this`:                  change(func(m *corewasm.Module) { m.Imports[0].Name = "other" }),
		`the module that it replaces imports this memory with another type`: change(func(m *corewasm.Module) { m.Imports[0].Mem.Limits.Min++ }),
		`the module that it replaces imports this as a memory, not a global`: change(func(m *corewasm.Module) {
			im := m.Imports[0]
			im.Kind, im.Global.Type = corewasm.ExternGlobal, corewasm.I32
			*m = corewasm.Module{Imports: []corewasm.Import{im}}
		}),
		"type mismatch": change(func(m *corewasm.Module) {
			m.Code[0].Code = []byte{0x0b}
			m.Code[len(m.Code)-1].Code = []byte{0x6a, 0x0b}
		}),
		`lacks this func, which the one that`: other.Bytes,
	} {
		_, err := Replace(t.Context(), f, map[int]File{n: {"core.wasm", b}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "core.wasm: ") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Replace(t.Context(), f, map[int]File{9: {"core.wasm", wasm}}); err == nil || !strings.Contains(err.Error(), "there is no core module 9") {
		t.Error(err)
	}
}

// TestFeatures has a module for every feature beyond the baseline.
func TestFeatures(t *testing.T) {
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
		"plain":          {body("fc0a0000" + "c0" + "0b"), ""},
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
		"exnref":         {global(corewasm.ValType{Code: corewasm.CodeRefNull, Heap: corewasm.HeapExn}, "\xd0\x69\x0b"), "exception-handling gc"},
		"functions":      {func(m *corewasm.Module) { body("0b")(m); m.Elems = []corewasm.Elem{elem} }, ""},
		"externref":      {global(corewasm.ExtRef, "\xd0\x6f\x0b"), ""},
	} {
		m := &corewasm.Module{}
		x.edit(m)
		m.Index()
		got := slices.DeleteFunc(features(m), func(f string) bool { return slices.Contains(baseline, f) })
		if text := strings.Join(got, " "); text != x.want {
			t.Errorf("%s: %q, want %q", name, text, x.want)
		}
	}
}

func TestEncodeFeatures(t *testing.T) {
	if got := encodeFeatures([]string{"gc", "simd128"}); string(got) != "\x02+\x02gc+\x07simd128" {
		t.Errorf("%q", got)
	}
	if b := customSection("n", []byte("xy")); string(b) != "\x00\x04\x01nxy" {
		t.Errorf("%q", b)
	}
	if size, _, err := leb128.U32(customSection("n", make([]byte, 300))[1:]); err != nil || size != 302 {
		t.Error(size, err)
	}
}
