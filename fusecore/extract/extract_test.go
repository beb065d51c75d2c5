package extract

import (
	"bytes"
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

// TestAllowed checks that a module without features may use the baseline.
func TestAllowed(t *testing.T) {
	m := &corewasm.Module{Mems: []corewasm.MemType{{PageSizeLog2: 16}, {PageSizeLog2: 16}}}
	m.Index()
	if got, want := allowed(m), append(slices.Clone(baseline), "multimemory"); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("%v, want %v", got, want)
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

// TestUnitVersion reads versions of units of 32 and 64 bits, also of damaged ones.
func TestUnitVersion(t *testing.T) {
	small := []byte("\x0c\x00\x00\x00\x04\x00__________")
	long := []byte("\xff\xff\xff\xff\x0c\x00\x00\x00\x00\x00\x00\x00\x05\x00__________")
	for _, x := range []struct {
		info []byte
		want int
	}{
		{nil, 0}, {small, 4}, {long, 5}, {slices.Concat(small, long), 5}, {slices.Concat(long, small), 5}, {slices.Concat(small, small[:5]), 4},
		{[]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03\x00____"), 3},
	} {
		if got := unitVersion(x.info); got != x.want {
			t.Errorf("%x: %d, want %d", x.info, got, x.want)
		}
	}
}
