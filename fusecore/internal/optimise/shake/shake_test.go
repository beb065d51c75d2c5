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
		{"references to several functions that cannot be called", // of which those of one type are one
			`(module (table 4 funcref) (elem (i32.const 0) $b $c $d $e) (func $b (param i32)) (func $c (param i64)) (func $d (param i32) (drop (i32.const 1)))
				(func $e) (func $run (export "run") (call_indirect (i32.const 0))))`,
			`(module (type (func (param i32))) (type (func (param i64))) (type (func)) (table 4 funcref) (elem (i32.const 0) 2 3 2 $e) (func $e) (func $run (export "run") (call_indirect (i32.const 0)))
				(func (param i32) unreachable) (func (param i64) unreachable))`},
		{"references that code reads from a table", // call it with any type that any function calls with
			`(module (table $t 1 funcref) (table $u 1 funcref) (elem (table $t) (i32.const 0) func $b) (func $b (param i32)) (func $run (export "run")
				(table.copy $u $t (i32.const 0) (i32.const 0) (i32.const 1)) (call_indirect $u (param i32) (i32.const 0) (i32.const 0))))`,
			`(module (table $t 1 funcref) (table $u 1 funcref) (elem (table $t) (i32.const 0) func $b) (func $b (param i32)) (func $run (export "run")
				(table.copy $u $t (i32.const 0) (i32.const 0) (i32.const 1)) (call_indirect $u (param i32) (i32.const 0) (i32.const 0))))`},
		{"references that code reads from a table that it has called from before",
			`(module (table $t 1 funcref) (table $u 1 funcref) (elem (table $t) (i32.const 0) func $b) (func $b (param i32)) (func $run (export "run")
				(call $then) (call_indirect $t (i32.const 0))) (func $then (call $late)) (func $late (table.copy $u $t (i32.const 0) (i32.const 0) (i32.const 1))
				(call_indirect $u (param i32) (i32.const 0) (i32.const 0))))`,
			`(module (table $t 1 funcref) (table $u 1 funcref) (elem (table $t) (i32.const 0) func $b) (func $b (param i32)) (func $run (export "run")
				(call $then) (call_indirect $t (i32.const 0))) (func $then (call $late)) (func $late (table.copy $u $t (i32.const 0) (i32.const 0) (i32.const 1))
				(call_indirect $u (param i32) (i32.const 0) (i32.const 0))))`},
		{"types of calls through another table",
			`(module (table $t 1 funcref) (table $u 1 funcref) (elem (table $t) (i32.const 0) func $b) (func $b (param i32)) (func $run (export "run")
				(call_indirect $t (i32.const 0)) (call $v)) (func $v (call_indirect $u (param i32) (i32.const 0) (i32.const 0))))`,
			`(module (type (func (param i32))) (type (func)) (table $t 1 funcref) (table $u 1 funcref) (elem (table $t) (i32.const 0) func 2)
				(func $run (export "run") (call_indirect $t (i32.const 0)) (call $v))
				(func $v (call_indirect $u (param i32) (i32.const 0) (i32.const 0))) (func (param i32) (unreachable)))`},
		{"exported table",
			`(module (table (export "t") 1 funcref) (elem (i32.const 0) $b) (func $b (call $c)) (func $c) (func $d))`,
			`(module (table (export "t") 1 funcref) (elem (i32.const 0) $b) (func $b (call $c)) (func $c))`},
		{"references that leave the module",
			`(module (elem declare func $b) (func $b) (func $run (export "run") (result funcref) (ref.func $b)))`,
			`(module (elem declare func $b) (func $b) (func $run (export "run") (result funcref) (ref.func $b)))`},
		{"subtypes", // a call with a supertype runs a function, one with a subtype does not
			`(module (type $s (sub (func))) (type $t (sub $s (func))) (type $u (sub $t (func))) (table 2 funcref) (elem (i32.const 0) $b $c)
				(func $b (type $u)) (func $c (type $s) (call $d)) (func $d) (func $run (export "run") (call_indirect (type $t) (i32.const 0))))`,
			`(module (type $s (sub (func))) (type $t (sub $s (func))) (type $u (sub $t (func))) (table 2 funcref) (elem (i32.const 0) $b 2)
				(func $b (type $u)) (func $run (export "run") (call_indirect (type $t) (i32.const 0))) (func (type $s) (unreachable)))`},
		{"subtypes of calls that are found after the references",
			`(module (type $s (sub (func))) (type $t (sub $s (func))) (type $u (sub $t (func))) (table 1 funcref) (elem declare func $b)
				(func $b (type $u)) (func $run (export "run") (table.set (i32.const 0) (ref.func $b)) (call $late))
				(func $late (call_indirect (type $s) (i32.const 0))))`,
			`(module (type $s (sub (func))) (type $t (sub $s (func))) (type $u (sub $t (func))) (table 1 funcref) (elem declare func $b)
				(func $b (type $u)) (func $run (export "run") (table.set (i32.const 0) (ref.func $b)) (call $late))
				(func $late (call_indirect (type $s) (i32.const 0))))`},
		{"equal types", // as if they were one
			`(module (type $s (func (param i64))) (type $t (func (param i64))) (table 1 funcref) (elem (i32.const 0) $b)
				(func $b (type $s)) (func $run (export "run") (call_indirect (type $t) (i64.const 0) (i32.const 0))))`,
			`(module (type $s (func (param i64))) (type $t (func (param i64))) (table 1 funcref) (elem (i32.const 0) $b)
				(func $b (type $s)) (func $run (export "run") (call_indirect (type $t) (i64.const 0) (i32.const 0))))`},
		{"call_ref",
			`(module (type $t (func (param i64))) (elem declare func $b $c) (func $b (type $t)) (func $c (param i32)) (func $run (export "run")
				(drop (ref.func $c)) (call_ref $t (i64.const 0) (ref.func $b))))`,
			`(module (type $t (func (param i64))) (type (func (param i32))) (elem declare func $b 2) (func $b (type $t)) (func $run (export "run")
				(drop (ref.func 2)) (call_ref $t (i64.const 0) (ref.func $b))) (func (param i32) (unreachable)))`},
		{"memories and data",
			`(module (memory $a 1) (memory $b 1) (data (memory $a) (i32.const 0) "a") (data (memory $b) (i32.const 0) "b") (data $p "p") (data $q "q") (data $r "r")
				(func (export "run") (memory.init $b $p (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $q)))`,
			`(module (memory $b 1) (data (memory $b) (i32.const 0) "b") (data $p "p") (data $q "")
				(func (export "run") (memory.init $b $p (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $q)))`},
		{"a segment that instantiation has applied, to what goes", // is empty in bodies
			`(module (memory $a 1) (memory $b 1) (data $d (memory $a) (i32.const 0) "a")
				(func (export "run") (memory.init $b $d (i32.const 0) (i32.const 0) (i32.const 1))))`,
			`(module (memory $b 1) (data $d "") (func (export "run") (memory.init $b $d (i32.const 0) (i32.const 0) (i32.const 1))))`},
		{"segments that trap",
			`(module (memory $a 1) (memory $b 0 5) (table $t 1 funcref) (table $u 1 funcref) (data (memory $b) (i32.const 0) "b")
				(data (memory $a) (i32.const 65535) "a") (elem (table $t) (i32.const 0) func $f) (elem (table $u) (i32.const 1) func $f) (func $f))`,
			`(module (type (func)) (memory $b 0 5) (table $u 1 funcref) (data (memory $b) (i32.const 0) "b") (elem (table $u) (i32.const 1) func 0)
				(func (unreachable)))`},
		{"element segments",
			`(module (table 4 funcref) (elem $p func $f) (elem $q func $g) (elem $r func $g) (func $f) (func $g) (func (export "run")
				(table.init $p (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $q) (call_indirect (i32.const 0))))`,
			`(module (table 4 funcref) (elem $p func $f) (elem $q func) (func $f) (func (export "run")
				(table.init $p (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $q) (call_indirect (i32.const 0))))`},
		{"globals", // with what their initial values name
			`(module (global $a i32 (i32.const 1)) (global $b i32 (global.get $a)) (global $c funcref (ref.func $f)) (global $d i32 (i32.const 2)) (func $f)
				(func (export "run") (result i32) (global.get $b)))`,
			`(module (type (func (result i32))) (global $a i32 (i32.const 1)) (global $b i32 (global.get $a)) (func (export "run") (result i32) (global.get $b)))`},
		{"a global that could trap",
			`(module (type $a (array i8)) (global (ref $a) (array.new_default $a (i32.const 1000000000))) (global (ref $a) (array.new_fixed $a 0)))`,
			`(module (type $a (array i8)) (global (ref $a) (array.new_default $a (i32.const 1000000000))))`},
		{"tags",
			`(module (tag $a (param i32)) (tag $b (param i64)) (func (export "run") (throw $b (i64.const 1))))`,
			`(module (type (func (param i64))) (type (func)) (tag $b (type 0)) (func (export "run") (throw $b (i64.const 1))))`},
		{"recursion groups", // stay whole
			`(module (type $z (struct)) (rec (type $a (struct (field (ref null $b)))) (type $b (array (ref null $c))) (type $c (struct)))
				(type $d (struct (field (ref null $a)))) (func (export "run") (param (ref null $a))))`,
			`(module (rec (type $a (struct (field (ref null $b)))) (type $b (array (ref null $c))) (type $c (struct)))
				(type (func (param (ref null $a)))) (func (export "run") (param (ref null $a))))`},
		{"types of locals and blocks",
			`(module (type $z (struct)) (type $a (struct (field i32))) (type $b (func (result i32 i32))) (func (export "run") (local (ref null $a))
				(block (type $b) (i32.const 1) (i32.const 2)) drop drop))`,
			`(module (type $a (struct (field i32))) (type $b (func (result i32 i32))) (func (export "run") (local (ref null $a))
				(block (type $b) (i32.const 1) (i32.const 2)) drop drop))`},
		{"imports of the surroundings", // which may see them
			`(module (import "m" "t" (table 1 funcref)) (import "m" "m" (memory 1)) (import "m" "f" (func $gone)) (elem (i32.const 0) $f) (data (i32.const 0) "x") (func $f))`,
			`(module (import "m" "t" (table 1 funcref)) (import "m" "m" (memory 1)) (elem (i32.const 0) $f) (data (i32.const 0) "x") (func $f))`},
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
