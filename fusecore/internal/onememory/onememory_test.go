package onememory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

func parse(t testing.TB, wat string) *corewasm.Module {
	t.Helper()
	wasm, err := wasmtime.Text(wat)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, wasm)
}

// single returns the module with one memory, which is valid.
func single(t testing.TB, m *corewasm.Module, o onememory.Options) ([]byte, *onememory.Layout) {
	t.Helper()
	r, err := onememory.Module(t.Context(), m, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	wasm := encode.Module(r.Module)
	out, err := decode.Module(wasm, 0)
	if err == nil {
		err = validate.Module(t.Context(), out, validate.All)
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := out.Count(corewasm.ExternMem); n != 1 {
		t.Fatalf("%d memories", n)
	}
	return wasm, r.Layout
}

func TestRegions(t *testing.T) {
	m := parse(t, `(module
  (memory $a (export "memory") 1) (memory $b 1) (memory $c 1 3)
  (data (memory $b) (i32.const 16) "hello")
  (func (export "load") (param i32) (result i32) (i32.load $b offset=4 (local.get 0)))
  (func (export "grow b") (param i32) (result i32) (memory.grow $b (local.get 0)))
  (func (export "grow c") (param i32) (result i32) (memory.grow $c (local.get 0)))
  (func (export "size b") (result i32) (memory.size $b))
  (func (export "copy") (param i32 i32 i32) (result i32)
    (memory.copy $a $b (local.get 0) (local.get 1) (local.get 2)) (i32.load (local.get 0))))`)
	wasm, _ := single(t, m, onememory.Options{Bottom: 0})
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	in, err := e.LoadCore(wasm, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	const failed = 0xffffffff
	for _, c := range []struct {
		name string
		args []uint64
		want uint64
		trap bool
	}{
		{"load", []uint64{12}, 0x6c6c6568, false},
		{"load", []uint64{65528}, 0, false}, {"load", []uint64{65529}, 0, true},
		{"size b", nil, 1, false}, {"grow b", []uint64{1}, 1, false}, {"size b", nil, 2, false},
		{"load", []uint64{65529}, 0, false}, {"load", []uint64{131064}, 0, false}, {"load", []uint64{131065}, 0, true}, {"load", []uint64{0xfffffffc}, 0, true},
		{"grow c", []uint64{1}, 1, false}, {"grow c", []uint64{3}, failed, false}, {"grow c", []uint64{1}, 2, false},
		{"copy", []uint64{0, 16, 5}, 0x6c6c6568, false},
		{"copy", []uint64{65533, 16, 4}, 0, true}, {"copy", []uint64{0, 131070, 3}, 0, true},
	} {
		res, err := in.Call(c.name, c.args...)
		if trap := kind(err) == "out of bounds memory access"; trap != c.trap || err == nil && res[0] != c.want {
			t.Errorf("%s%v = %v, %v, expected %v, a trap: %v", c.name, c.args, res, err, c.want, c.trap)
		}
	}
}

// TestSegments checks where active segments are applied, and that one that is not in bounds traps.
func TestSegments(t *testing.T) {
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	for _, tc := range []struct {
		name, segment string
		trap          bool
	}{
		{"at the end", `(data (memory $b) (i32.const 65531) "hello")`, false},
		{"one too far", `(data (memory $b) (i32.const 65532) "hello")`, true},
		{"empty at the end", `(data (memory $b) (i32.const 65536) "")`, false},
		{"empty behind the end", `(data (memory $b) (i32.const 65537) "")`, true},
		{"below zero", `(data (memory $b) (i32.const -1) "hello")`, true},
		{"a sum", `(data (memory $b) (offset (i32.add (i32.const 65530) (i32.const 1))) "hello")`, false},
	} {
		for _, bottom := range []int{0, 1} {
			m := parse(t, fmt.Sprintf(`(module (memory $a 1) (memory $b 1) (memory $c 1) %s
  (func (export "last") (result i32) (i32.load8_u $b (i32.const 65535)))
  (func (export "dropped") (memory.init $b 0 (i32.const 0) (i32.const 0) (i32.const 1)))
  (func (export "use") (result i32) (i32.add (i32.load $a (i32.const 0)) (i32.load $c (i32.const 0)))))`, tc.segment))
			wasm, l := single(t, m, onememory.Options{Bottom: bottom})
			in, err := e.LoadCore(wasm, nil)
			if tc.trap != (err != nil) || err != nil && !strings.Contains(err.Error(), "out of bounds") {
				t.Errorf("%s in %v: %v, a trap: %v", tc.name, l, err, tc.trap)
			}
			if err != nil {
				continue
			}
			last, err := in.Call("last")
			if want := uint64(map[bool]byte{false: 'o'}[strings.Contains(tc.name, "empty")]); err != nil || last[0] != want {
				t.Errorf("%s in %v: %v, %v", tc.name, l, last, err)
			}
			if use, err := in.Call("use"); err != nil || use[0] != 0 {
				t.Errorf("%s in %v: another memory has %v, %v", tc.name, l, use, err)
			}
			if _, err := in.Call("dropped"); kind(err) != "out of bounds memory access" {
				t.Errorf("%s: the segment is still there: %v", tc.name, err)
			}
			in.Close()
		}
	}
}

// TestImported checks that a module whose memories are imported imports one, with all that fills it at first.
func TestImported(t *testing.T) {
	m := parse(t, `(module (memory $a (import "m" "a") 1) (memory $b 2) (memory $c 1 1)
  (data (memory $b) (i32.const 8) "b") (data (memory $c) (i32.const 65536) "c")
  (func (export "use") (i32.store $a (i32.const 0) (i32.load $b (i32.const 0))) (i32.store $c (i32.const 0) (i32.const 0))))`)
	held := []corewasm.Data{{Mem: 0, Offset: encode.I32Const(16), Bytes: []byte("a")}}
	r, err := onememory.Module(t.Context(), m, held, onememory.Options{Bottom: 0})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range r.Data {
		at, _ := constexpr.Number(d.Offset)
		got = append(got, fmt.Sprintf("%s at %#x", d.Bytes, at))
	}
	if want := "[a at 0x10 b at " + fmt.Sprintf("%#x]", r.Layout.Regions[slices.IndexFunc(r.Layout.Regions, func(g onememory.Region) bool { return g.Memory == 1 })].Base+8); fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	if len(r.Module.Mems) != 0 || r.Module.NumImported(corewasm.ExternMem) != 1 || r.Module.Imports[0].Mem != r.Memory || r.Memory.Limits.Min != 4 {
		t.Errorf("%+v, %+v", r.Module.Imports, r.Memory)
	}
	if len(r.Module.Data) != 1 { // the one that traps
		t.Errorf("%d segments", len(r.Module.Data))
	}
}

// TestLayout checks the order of memories, and how each is checked.
func TestLayout(t *testing.T) {
	for _, tc := range []struct {
		name   string
		wat    string
		bottom int
		limit  uint64
		want   string
	}{
		{"nothing grows: the most used one is on top", `(memory $a 1) (memory $b 2) (memory $c 1)
  (func (drop (i32.load $b (i32.const 0))) (drop (i32.load $b (i32.const 0))) (drop (i32.load $c (i32.const 0))))`, -1, 0,
			"2 at 0x0 by code, constant base; 0 at 0x10000 by code, constant base; 1 at 0x20000 by the engine"},
		{"one grows: it is on top", `(memory $a 1) (memory $b 2) (memory $c 1)
  (func (drop (i32.load $b (i32.const 0))) (drop (memory.grow $a (i32.const 1))))`, -1, 0,
			"1 at 0x0 by code, constant base; 2 at 0x20000 by code, constant base; 0 at 0x30000 by the engine"},
		{"loops count more", `(memory $a 1) (memory $b 1)
  (func (drop (i32.load $a (i32.const 0))) (drop (i32.load $a (i32.const 0))) (loop (drop (i32.load $b (i32.const 0)))))`, -1, 0,
			"0 at 0x0 by code, constant base; 1 at 0x10000 by the engine"},
		{"a small maximum is reserved", `(memory $a 1 3) (memory $b 1)
  (func (drop (memory.grow $b (i32.const 1))) (drop (memory.grow $a (i32.const 1))))`, -1, 0,
			"0 at 0x0 by code, constant base; 1 at 0x30000 by the engine"},
		{"a great maximum is not", `(memory $a 1 9000) (memory $b 1)
  (func (drop (i32.load $b (i32.const 0))) (drop (memory.grow $b (i32.const 1))) (drop (memory.grow $a (i32.const 1))))`, -1, 0,
			"1 at 0x0 by code, constant base; 0 at 0x110000 by code, moving base"},
		{"a reserve", `(memory $a 1) (memory $b 1)
  (func (drop (memory.grow $b (i32.const 1))) (drop (memory.grow $a (i32.const 1))) (drop (i32.load $a (i32.const 0))))`, -1, 1 << 20,
			"1 at 0x0 by code, constant base; 0 at 0x100000 by the engine"},
		{"the bottom grows", `(memory $a 1) (memory $b 1) (memory $c 2)
  (func (drop (memory.grow $b (i32.const 1))) (drop (i32.load $a (i32.const 0))) (drop (memory.grow $c (i32.const 1))))`, 1, 0,
			"1 at 0x0 by code, constant base; 0 at 0x110000 by code, moving base; 2 at 0x120000 by code, moving base"},
		{"the bottom does not grow", `(memory $a 1) (memory $b 1) (memory $c 2)
  (func (drop (i32.load $b (i32.const 0))) (drop (memory.grow $a (i32.const 1))) (drop (memory.grow $c (i32.const 1))))`, 1, 0,
			"1 at 0x0 by code, constant base; 0 at 0x10000 by code, constant base; 2 at 0x120000 by code, moving base"},
	} {
		_, l := single(t, parse(t, "(module "+tc.wat+")"), onememory.Options{Bottom: tc.bottom, Reserve: tc.limit})
		var got []string
		for _, r := range l.Regions {
			got = append(got, fmt.Sprintf("%d at %#x %v", r.Memory, r.Base, r.Check))
		}
		if s := strings.Join(got, "; "); s != tc.want {
			t.Errorf("%s: %s, want %s (%s)", tc.name, s, tc.want, l.Why)
		}
	}
}

// TestRefused checks the errors about memories that cannot be parts of one.
func TestRefused(t *testing.T) {
	for _, tc := range []struct {
		wat, want string
		reserve   uint64
	}{
		{`(memory 1) (memory i64 1)`, "wide: it has a memory with 64-bit addresses, which cannot be a part of one memory (build it for wasm32, or fuse without a single memory)", 0},
		{`(memory 1) (memory 1 1 shared)`, "wide: it has a memory that threads share, which cannot be a part of one memory (build it without threads, or fuse without a single memory)", 0},
		{`(memory 1) (memory 1) (func (drop (i32.atomic.load 1 (i32.const 0))))`, "wide: it has atomic instructions, which cannot be a part of one memory (build it without threads, or fuse without a single memory)", 0},
		{`(memory 40000) (memory 40000)`, "the memories of all components begin with 80000 pages together, 14465 more than one memory can have (fuse without a single memory, or build components with smaller memories)", 0},
		{`(global (import "g" "g") i32) (memory 1) (memory 1) (data (memory 1) (global.get 0) "x")`,
			"a data segment is at an offset that is not constant, which a single memory does not support (build the component without position-independent code, or fuse without a single memory)", 0},
		{`(memory 1) (memory 1) (memory 1) (func (drop (memory.grow 0 (i32.const 1))) (drop (memory.grow 1 (i32.const 1))) (drop (memory.grow 2 (i32.const 1))))`,
			"the memories of all components cannot each grow to 3145728000 bytes in one memory of 65535 pages (reserve less, or nothing: then memories move when others grow)", 3000 << 20},
	} {
		names := func(mem uint32) string { return []string{"plain", "wide"}[mem] }
		_, err := onememory.Module(t.Context(), parse(t, "(module "+tc.wat+")"), nil, onememory.Options{Bottom: 0, Reserve: tc.reserve, Name: names})
		if err == nil || strings.TrimPrefix(err.Error(), "component ") != tc.want {
			t.Errorf("%s: %v\nwant %s", tc.wat, err, tc.want)
		}
	}
}

// TestGrownIsZero checks that what a memory gains is zero where another one was before it moved.
func TestGrownIsZero(t *testing.T) {
	wasm, l := single(t, parse(t, `(module (memory $a 1) (memory $b 1)
  (func (export "run") (param i32) (result i32)
    (memory.fill $b (i32.const 0) (i32.const 255) (i32.const 65536))
    (drop (memory.grow $b (i32.const 0))) (drop (memory.grow $a (i32.const 20)))
    (i32.or (i32.load8_u $a (local.get 0)) (i32.eqz (i32.load8_u $b (i32.const 9))))))`), onememory.Options{Bottom: 0})
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	in, err := e.LoadCore(wasm, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for a := l.Regions[1].Base; a < 21<<16; a += 4096 {
		if res, err := in.Call("run", a); err != nil || res[0] != 0 {
			t.Errorf("%#x: %v, %v, %v", a, res, err, l)
		}
	}
}
