package share_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/share"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// instances returns the draft of a module with several instances of another one, which imports nothing but functions. All
// functions that it defines are exported: those of one instance after those of the one before. The imported functions stay
// the same for all, and so do the items of some spaces.
func instances(t *testing.T, wat string, n int, common ...op.Space) *draft.Module {
	t.Helper()
	wasm, err := wasmtime.Text(wat)
	if err != nil {
		t.Fatal(err)
	}
	a, err := decode.Module(wasm, 0)
	if err != nil {
		t.Fatal(err)
	}
	m := &corewasm.Module{Types: a.Types, Imports: a.Imports}
	d := &draft.Module{Module: m}
	imported := a.NumImported(corewasm.ExternFunc)
	for i := range n {
		ed := new(edit.Editor)
		place := func(s op.Space, have, own int) {
			if slices.Contains(common, s) {
				have = 0
			}
			for k := range own {
				ed.Maps[s] = append(ed.Maps[s], uint32(have+k))
			}
		}
		for f := range imported {
			ed.Maps[op.SpaceFunc] = append(ed.Maps[op.SpaceFunc], f)
		}
		place(op.SpaceFunc, int(imported)+len(m.Funcs), len(a.Funcs))
		place(op.SpaceGlobal, len(m.Globals), len(a.Globals))
		place(op.SpaceMem, len(m.Mems), len(a.Mems))
		place(op.SpaceTable, len(m.Tables), len(a.Tables))
		for f, typ := range a.Funcs {
			at := imported + uint32(len(m.Funcs))
			m.Exports = append(m.Exports, corewasm.Export{Name: string(rune('a'+i)) + string(rune('0'+f)), Index: at})
			m.Funcs = append(m.Funcs, typ)
			d.Bodies = append(d.Bodies, draft.Body{Source: int32(i), Index: int32(f)})
		}
		m.Globals, m.Mems, m.Tables = append(m.Globals, a.Globals...), append(m.Mems, a.Mems...), append(m.Tables, a.Tables...)
		d.Sources = append(d.Sources, draft.Source{Name: string(rune('a' + i)), Code: a, Edit: ed})
	}
	m.Index()
	return d
}

// shared shares functions, and returns the function behind each export.
func shared(t *testing.T, d *draft.Module) []uint32 {
	t.Helper()
	if err := d.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := share.Module(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	var out []uint32
	for i := range d.Exports {
		out = append(out, d.Exports[i].Index)
	}
	m, err := d.Write(t.Context())
	if err == nil {
		m, err = decode.Module(encode.Module(m), 0)
	}
	if err == nil {
		err = validate.Module(t.Context(), m, validate.All)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestInstances(t *testing.T) {
	type list = []uint32
	for _, tc := range []struct {
		name, wat string
		n         int
		common    []op.Space
		want      list // two instances: 0 to n-1, n to 2n-1
	}{
		{"numbers", `(module (func (param i32) (result i32) (local.get 0)))`, 2, nil, list{0, 0}},
		{"three instances", `(module (func (param i32) (result i32) (local.get 0)))`, 3, nil, list{0, 0, 0}},
		{"their own memories", `(module (memory 1) (func (result i32) (i32.load (i32.const 0))) (func))`, 2, nil, list{0, 1, 2, 1}},
		{"one memory", `(module (memory 1) (func (result i32) (i32.load (i32.const 0))) (func))`, 2, []op.Space{op.SpaceMem}, list{0, 1, 0, 1}},
		{"their own globals", `(module (global (mut i32) (i32.const 0)) (func (global.set 0 (i32.const 1))) (func (result i32) (global.get 0)))`, 2, nil, list{0, 1, 2, 3}},
		{"their own tables", `(module (table 1 funcref) (func (result i32) (table.size 0)) (func (call_indirect (i32.const 0))))`, 2, nil, list{0, 1, 2, 3}},
		{"calls of functions that are the same", `(module (func (call 1)) (func))`, 2, nil, list{0, 1, 0, 1}},
		{"calls of functions that are not", `(module (memory 1) (func (call 1)) (func (call 2)) (func (drop (memory.size))) (func))`, 2, nil, list{0, 1, 2, 3, 4, 5, 6, 3}},
		{"recursion", `(module (func (call 1)) (func (call 0)))`, 2, nil, list{0, 1, 0, 1}},
		{"recursion with a difference", `(module (memory 1) (func (call 1)) (func (call 0) (call 2)) (func (drop (memory.size))))`, 2, nil, list{0, 1, 2, 3, 4, 5}},
		{"calls of the host", `(module (import "m" "f" (func)) (func (call 0)))`, 2, nil, list{1, 1}},
		{"equal bodies of one instance are left to compilers", `(module (func) (func))`, 2, nil, list{0, 1, 0, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, shared(t, instances(t, tc.wat, tc.n, tc.common...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestGenerated checks generated functions: of two with the same type and body one is left, unless they only trap, or are
// functions of their own on purpose.
func TestGenerated(t *testing.T) {
	d := instances(t, `(module (func (param i32) (result i32) (local.get 0)) (func (param i32) (result i32) (local.get 0)) (func unreachable) (func unreachable)
		(func (param i32) (result i32) (local i32) (local.get 0)) (func (param i64) (result i64) (local.get 0)) (func) (func))`, 1)
	d.Sources[0].Generated = true
	d.Sources[0].Outlined = make([]bool, 8)
	d.Sources[0].Outlined[7] = true
	if diff := cmp.Diff([]uint32{0, 0, 2, 3, 4, 5, 6, 7}, shared(t, d)); diff != "" {
		t.Error(diff)
	}
}
