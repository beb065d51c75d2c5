package onememory_test

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
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
	m, err := decode.Module(wasm, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
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
