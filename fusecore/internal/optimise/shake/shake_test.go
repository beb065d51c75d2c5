package shake_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/shake"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretext"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

func parse(t *testing.T, wat string) *corewasm.Module {
	t.Helper()
	wasm, err := wasmtime.Text(wat)
	if err != nil {
		t.Fatal(err)
	}
	return module(t, wasm)
}

// module decodes a valid module.
func module(t *testing.T, wasm []byte) *corewasm.Module {
	t.Helper()
	m, err := decode.Module(wasm, 0)
	if err == nil {
		err = validate.Module(t.Context(), m, validate.All)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shaken shakes a module, and decodes the result.
func shaken(t *testing.T, m *corewasm.Module) *corewasm.Module {
	t.Helper()
	d := draft.Of(m)
	if err := d.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := shake.Module(t.Context(), d, shake.Options{}); err != nil {
		t.Fatal(err)
	}
	out, err := d.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return module(t, encode.Module(out))
}

func TestModule(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"calls",
			`(module (import "m" "gone" (func $gone)) (import "m" "kept" (func $kept (param i32)))
				(func $run (export "run") (call $a)) (func $b (call $c)) (func $a (call $kept (i32.const 1))) (func $c (call $gone)))`,
			`(module (type (func)) (import "m" "kept" (func $kept (param i32)))
				(func $run (export "run") (call $a)) (func $a (call $kept (i32.const 1))))`},
		{"cycle",
			`(module (func $a (call $b)) (func $b (call $a)) (func $run (export "run")))`,
			`(module (func $run (export "run")))`},
		{"start", `(module (global (mut i32) (i32.const 0)) (func $a) (func $b (global.set 0 (i32.const 1))) (start $b))`,
			`(module (type (func)) (global (mut i32) (i32.const 0)) (func $b (global.set 0 (i32.const 1))) (start $b))`},
		{"empty start", `(module (func $a) (func $b) (start $b))`, `(module)`},
		{"unused table", `(module (table 3 funcref) (elem (i32.const 0) $b) (elem $p func $c) (elem declare func $d) (func $b) (func $c) (func $d))`,
			`(module)`},
		{"calls through a table", // of $b's type only, so that no call can run $c
			`(module (table 3 funcref) (elem (i32.const 0) $b $c $d) (func $a) (func $b) (func $c (param i32)) (func $d (param i32) (call $a))
				(func $run (export "run") (call_indirect (i32.const 0))))`,
			`(module (table 3 funcref) (elem (i32.const 0) $b 2 2) (func $b) (func $run (export "run") (call_indirect (i32.const 0)))
				(func (param i32) unreachable))`},
		{"references", // of $c there is one, but nothing calls by it
			`(module (table 3 funcref) (func $b (param i32) (call $a)) (func $c) (func $a) (elem declare func $b $c) (func $run (export "run")
				(table.set (i32.const 1) (ref.func $b)) (table.set (i32.const 2) (ref.func $c)) (call_indirect (param i32) (i32.const 0) (i32.const 0))))`,
			`(module (table 3 funcref) (func $b (param i32) (call $a)) (func $a) (elem declare func $b 3) (func $run (export "run")
				(table.set (i32.const 1) (ref.func $b)) (table.set (i32.const 2) (ref.func 3)) (call_indirect (param i32) (i32.const 0) (i32.const 0)))
				(func unreachable))`},
		{"tail calls",
			`(module (func $a) (func $b) (func $run (export "run") (return_call $b)))`,
			`(module (func $b) (func $run (export "run") (return_call $b)))`},
		{"locals",
			`(module (func $a) (func $b (param i64)) (func $run (export "run") (local i32 i32 i64) (call $b (local.get 2))))`,
			`(module (type (func)) (func $b (param i64)) (func $run (export "run") (local i32 i32 i64) (call $b (local.get 2))))`},
		{"all reachable",
			`(module (func $a (export "a")))`,
			`(module (func $a (export "a")))`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, want := shaken(t, parse(t, c.in)), parse(t, c.want)
			if diff := cmp.Diff(coretext.Module(want), coretext.Module(got)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(names(want), names(got)); diff != "" {
				t.Error("names: " + diff)
			}
		})
	}
}

func names(m *corewasm.Module) (out []string) {
	for f := range m.Count(corewasm.ExternFunc) {
		out = append(out, m.Names.Func(f))
	}
	return out
}

// TestExamples shakes the core modules of the examples. What stays is reachable, by a search of its own, and shaking
// again changes nothing.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../../../examples/*/*.core.wasm")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			wasm, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m := module(t, wasm)
			out := shaken(t, m)
			t.Logf("%d of %d functions", out.Count(corewasm.ExternFunc), m.Count(corewasm.ExternFunc))
			if again := shaken(t, out); !bytes.Equal(encode.Module(again), encode.Module(out)) {
				t.Error("shaking again removes more")
			}
			for f, n := range references(t, out) {
				if n == 0 {
					t.Errorf("nothing refers to function %d", f)
				}
			}
		})
	}
}

// references counts the references to each function from outside itself.
func references(t *testing.T, m *corewasm.Module) []int {
	t.Helper()
	refs := make([]int, m.Count(corewasm.ExternFunc))
	all, err := scan.Refs(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Code {
		for _, r := range all.Of(i) {
			named := r.Use() == corewasm.UseCall || r.Use() == corewasm.UseRefFunc
			if f := r.Index(); named && f != m.NumImported(corewasm.ExternFunc)+uint32(i) {
				refs[f]++
			}
		}
	}
	for i := range m.Exports {
		if e := &m.Exports[i]; e.Kind == corewasm.ExternFunc {
			refs[e.Index]++
		}
	}
	for i := range m.Elems {
		for k := range m.Elems[i].Funcs {
			refs[m.Elems[i].Func(k)]++
		}
	}
	if m.Start != nil {
		refs[*m.Start]++
	}
	return refs
}
