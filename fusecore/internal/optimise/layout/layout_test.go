package layout_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/layout"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// laidOut gives the items of a module new indices. It returns these and the module, which is valid.
func laidOut(t *testing.T, wat string) (*draft.Places, *corewasm.Module) {
	t.Helper()
	wasm, err := wasmtime.Text(wat)
	if err != nil {
		t.Fatal(err)
	}
	m, err := decode.Module(wasm, 0)
	if err != nil {
		t.Fatal(err)
	}
	d := draft.Of(m)
	if err := d.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	places, err := layout.Module(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	out, err := d.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := encode.Module(out)
	if len(now) > len(wasm) {
		t.Errorf("the module has grown from %d to %d bytes", len(wasm), len(now))
	}
	if out, err = decode.Module(now, 0); err == nil {
		err = validate.Module(t.Context(), out, validate.All)
	}
	if err != nil {
		t.Fatal(err)
	}
	return places, out
}

// many repeats a text with the numbers up to n.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// types returns a module with 100 types without parameters, and more.
func types(more string) string {
	out := "(module "
	for i := range 100 {
		out += fmt.Sprintf("(type $t%d (func (result%s))) ", i, strings.Repeat(" i32", i))
	}
	return out + more + ")"
}

// TestOrder checks that the items with the most uses have the indices of one byte, and that all others keep their order.
func TestOrder(t *testing.T) {
	for _, tc := range []struct {
		name, wat string
		space     op.Space
		want      map[uint32]uint32 // new indices of some items
	}{
		{"functions", `(module ` + many(200, `(func $f%d) `) + `(func (export "run") (call $f199) (call $f199) (call $f150)))`,
			op.SpaceFunc, map[uint32]uint32{0: 0, 125: 125, 150: 126, 199: 127, 126: 128, 149: 151, 151: 152, 200: 200}},
		{"imports come first", `(module ` + many(200, `(import "m" "f%d" (func $f%[1]d)) `) + `(func $g) (func (export "run") (call $f199) (call $g) (call $g)))`,
			op.SpaceFunc, map[uint32]uint32{0: 0, 126: 126, 199: 127, 127: 128, 200: 200}},
		{"elements count", `(module (table 2 funcref) (elem (i32.const 0) $f140 $f140) ` + many(200, `(func $f%d) `) + `)`,
			op.SpaceFunc, map[uint32]uint32{126: 126, 140: 127, 127: 128}},
		{"few", `(module ` + many(100, `(func $f%d) `) + `(func (export "run") (call $f99)))`, op.SpaceFunc, nil},
		{"globals", `(module ` + many(200, `(global $g%d i32 (i32.const 0)) `) + `(func (export "run") (result i32) (global.get $g180)))`,
			op.SpaceGlobal, map[uint32]uint32{126: 126, 180: 127, 127: 128}},
		{"globals that read others", `(module ` + many(199, `(global $g%d i32 (i32.const 0)) `) + `(global $last i32 (global.get $g198))
			(func (export "run") (result i32) (global.get $last)))`, op.SpaceGlobal, nil},
		{"types", types(`(func (export "run") (block (type $t90) (unreachable)) (unreachable))`),
			op.SpaceType, map[uint32]uint32{0: 0, 90: 1, 1: 2, 89: 90, 91: 91}},
		{"types that refer to others", types(`(type $r (func (param (ref $t1)))) (type $s (func (param f32)))
			(func (export "run") (unreachable) (block (type $r) (unreachable)) (unreachable))`),
			op.SpaceType, map[uint32]uint32{0: 0, 99: 99, 100: 101, 101: 100}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			places, _ := laidOut(t, tc.wat)
			if (places[tc.space] == nil) != (tc.want == nil) {
				t.Fatalf("the order is %v", places[tc.space])
			}
			for old, want := range tc.want {
				if got := places[tc.space][old]; got != want {
					t.Errorf("item %d has index %d now, want %d", old, got, want)
				}
			}
		})
	}
}
