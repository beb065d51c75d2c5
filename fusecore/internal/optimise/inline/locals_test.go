package inline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/inline"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// unset are callees that leave their local $v zero for some arguments $x, and write it for others. They read it in any case.
// SET stands for writing $v.
var unset = []struct{ name, body string }{
	{"if", `(if (local.get $x) (then SET))`},
	{"if within if", `(if (local.get $x) (then (if (i32.and (local.get $x) (i32.const 2)) (then SET))))`},
	{"then", `(if (local.get $x) (then SET) (else (nop)))`},
	{"else", `(if (local.get $x) (then (nop)) (else SET))`},
	{"then, by tee", `(if (local.get $x) (then SET (drop (local.tee $v (local.get $v)))))`},
	{"br", `(block (if (local.get $x) (then (br 1))) SET)`},
	{"br out of else", `(block (if (local.get $x) (then SET) (else (br 1))))`},
	{"br_if", `(block (br_if 0 (local.get $x)) SET)`},
	{"br_if over a block", `(block (block (br_if 1 (local.get $x))) SET)`},
	{"br_if to the end", `(block (br_if 0 (local.get $x)) SET (br 0))`},
	{"br_table", `(block (block (br_table 1 0 (local.get $x))) SET)`},
	{"br_table by default", `(block (block (br_table 0 1 (local.get $x))) SET)`},
	{"br_on_null", `(block (drop (br_on_null 0 (table.get $t (local.get $x)))) SET)`},
	{"br_on_non_null", `(drop (block (result (ref func)) (br_on_non_null 0 (table.get $t (local.get $x))) SET (ref.func $d)))`},
	{"br_on_cast", `(drop (block (result funcref) (br_on_cast 0 funcref (ref $d) (table.get $t (local.get $x))) SET))`},
	{"br_on_cast_fail", `(drop (block (result funcref) (br_on_cast_fail 0 funcref (ref $d) (table.get $t (local.get $x))) SET))`},
	{"catch", `(block (try_table (catch $e 0) (if (local.get $x) (then (throw $e))) SET))`},
	{"catch after writing", `(block (try_table (catch $e 0) (if (local.get $x) (then SET (throw $e)))))`},
	{"catch of a call's", `(block (try_table (catch $e 0) (call $throws (local.get $x)) SET))`},
	{"catch of a host's", `(block (try_table (catch $e 0) (call_indirect $u (param i32) (local.get $x) (i32.const 0)) SET))`},
	{"catch_ref", `(drop (block (result exnref) (try_table (catch_ref $e 0) (call $throws (local.get $x)) SET) (ref.null exn)))`},
	{"catch_all", `(block (try_table (catch_all 0) (call $throws (local.get $x)) SET))`},
	{"catch_all_ref", `(drop (block (result exnref) (try_table (catch_all_ref 0) (call $throws (local.get $x)) SET) (ref.null exn)))`},
	{"catch by the second handler", `(block (block (try_table (catch $other 0) (catch_all 1) (call $throws (local.get $x)) SET)))`},
	{"loop that reads first", `(loop (local.set $a (i32.add (i32.mul (local.get $a) (i32.const 3)) (local.get $v))) SET
		(br_if 0 (local.tee $x (i32.shr_u (local.get $x) (i32.const 1)))))`},
	{"loop that writes in some iterations", `(loop (if (i32.and (local.get $x) (i32.const 2)) (then SET))
		(br_if 0 (local.tee $x (i32.shr_u (local.get $x) (i32.const 1)))))`},
	{"loop that is left before", `(block (loop (br_if 1 (i32.eqz (local.get $x))) SET (local.set $x (i32.const 0)) (br 0)))`},
	{"br to a loop", `(loop (if (local.get $x) (then SET (local.set $x (i32.const 0)) (br 1))))`},
	{"unreachable code", `(block (br_if 0 (local.get $x)) SET (br 0) (drop (local.get $v)) (local.set $v (i32.const 4)))`},
	{"unreachable code that writes", `(block (if (local.get $x) (then (br 1) SET) (else SET)))`},
	{"trap", `(if (local.get $x) (then SET) (else (if (i32.gt_u (local.get $x) (i32.const 9)) (then (unreachable) SET))))`},
	{"throw", `(if (local.get $x) (then SET) (else (if (i32.gt_u (local.get $x) (i32.const 9)) (then (throw $e)))))`},
	{"return", `(if (local.get $x) (then SET (return (local.get $v))))`},
	{"return before", `(if (local.get $x) (then (return (local.get $v)))) SET`},
	{"br out of the body", `(if (local.get $x) (then (br 1 (local.get $v)))) SET`},
	{"br_if out of the body", `(drop (br_if 0 (local.get $v) (local.get $x))) SET`},
}

// callers call $f with the bytes from 0 to $n - 1 of the memory, several times in one function, and combine the results.
var callers = []struct{ name, funcs, call string }{
	{"loop", ``, `(call $f (i32.load8_u (local.get $i)))`},
	{"loop, callee of a callee", `(func $g (param i32) (result i32) (call $f (local.get 0)))`, `(call $g (i32.load8_u (local.get $i)))`},
	{"one after the other", `(func $g (param i32 i32) (result i32) (i32.add (i32.mul (call $f (local.get 0)) (i32.const 5)) (call $f (local.get 1))))`,
		`(call $g (i32.load8_u (local.get $i)) (i32.load8_u offset=1 (local.get $i)))`},
	{"after another callee with the same locals", `(func $h (param i32) (result i32) (local i32 i32 i32) (local.set 1 (i32.load8_u (local.get 0)))
			(local.set 2 (i32.load8_u (local.get 1))) (local.set 3 (i32.load8_u (local.get 2)))
			(i32.add (i32.mul (local.get 3) (i32.mul (local.get 2) (local.get 1))) (i32.add (local.get 3) (i32.add (local.get 2) (local.get 1)))))
		(func $g (param i32) (result i32) (i32.add (call $h (local.get 0)) (call $f (local.get 0))))`,
		`(call $g (i32.load8_u (local.get $i)))`},
}

// TestLocals checks that locals of inlined bodies are zero at the start of each copy, however often it is executed, where
// they can be read before they are written.
func TestLocals(t *testing.T) {
	e := wasmtime.New(wasmtime.Options{Timeout: 20 * time.Second})
	defer e.Close()
	for _, u := range unset {
		for _, set := range []string{`(local.set $v (i32.add (local.get $x) (i32.const 100)))`, `(local.set $v (i32.const 77))`} {
			f := `(func $f (param $x i32) (result i32) (local $a i32) (local $v i32) (local.set $a (i32.load8_u (local.get $x)))` +
				strings.ReplaceAll(u.body, "SET", set) + `(i32.add (i32.mul (local.get $a) (i32.const 1000)) (local.get $v)))`
			for _, c := range callers {
				t.Run(fmt.Sprintf("%s/%s/%s", u.name, set[len("(local.set $v (i32."):][:3], c.name), func(t *testing.T) {
					playLocals(t, e, f, c.funcs, c.call)
				})
			}
		}
	}
}

// TestLocalsOfTypes is TestLocals for locals of other types, and for more locals than are told apart.
func TestLocalsOfTypes(t *testing.T) {
	e := wasmtime.New(wasmtime.Options{Timeout: 20 * time.Second})
	defer e.Close()
	for _, l := range []struct{ typ, set, get string }{
		{"i64", `(i64.const -2)`, `(i32.wrap_i64 (local.get $v))`},
		{"f32", `(f32.const -2)`, `(i32.reinterpret_f32 (local.get $v))`},
		{"f64", `(f64.const -2)`, `(i32.trunc_sat_f64_s (local.get $v))`},
		{"v128", `(v128.const i32x4 1 2 3 4)`, `(i32x4.extract_lane 3 (local.get $v))`},
		{"funcref", `(ref.func $d)`, `(ref.is_null (local.get $v))`},
		{"externref", `(extern.convert_any (ref.i31 (i32.const 1)))`, `(ref.is_null (local.get $v))`},
		{"(ref null $d)", `(ref.func $d)`, `(ref.is_null (local.get $v))`},
		{"i32", `(i32.const 5)`, `(local.get $v)`},
	} {
		for _, before := range []int{0, 1, 62, 63, 64, 65} { // locals that come first, and are written
			f := `(func $f (param $x i32) (result i32)` + strings.Repeat(" (local i32)", before) + ` (local $v ` + l.typ + `)`
			for i := range before {
				f += fmt.Sprintf(` (local.set %d (local.get $x))`, 1+i)
			}
			f += `(if (local.get $x) (then (local.set $v ` + l.set + `))) ` + l.get + `)`
			for _, c := range callers {
				t.Run(fmt.Sprintf("%s/%d/%s", l.typ, before, c.name), func(t *testing.T) { playLocals(t, e, f, c.funcs, c.call) })
			}
		}
	}
}

// TestCopies checks that bodies read the values that calls would give them.
func TestCopies(t *testing.T) {
	e := wasmtime.New(wasmtime.Options{Timeout: 20 * time.Second})
	defer e.Close()
	const load = `(i32.load8_u (local.get $i))`
	for _, c := range []struct{ name, funcs, call string }{
		{"an argument that is a local of another copy", // which the second one uses as well
			`(func $f (param i32) (result i32) (local i32) (local.set 1 (i32.add (local.get 0) (i32.const 3))) (i32.store8 offset=99 (i32.const 0) (local.get 1)) (local.get 1))
			(func $g (param i32) (result i32) (local i32) (local.set 1 (i32.load8_u (i32.const 3)))
				(i32.add (i32.mul (local.get 1) (local.get 1)) (i32.mul (local.get 0) (i32.const 7))))`,
			`(call $g (call $f ` + load + `))`},
		{"a second argument read twice, after one that stays the same",
			`(func $f (param i32 i32) (result i32) (i32.add (i32.mul (local.get 1) (i32.add (local.get 1) (i32.const 5))) (local.get 0)))`,
			`(call $f (i32.const 4) (i32.mul (local.get $i) (local.get $i)))`},
		{"a copy of a local that is written again",
			`(func $f (param i32) (result i32) (local i32 i32) (local.set 1 (local.get 0)) (i32.store8 offset=99 (i32.const 0) (i32.const 1))
				(local.set 2 (local.get 1)) (local.set 1 (i32.load8_u (i32.const 6))) (i32.add (i32.mul (local.get 2) (i32.const 9)) (local.get 1)))`,
			`(call $f ` + load + `)`},
		{"a copy of a parameter that is written",
			`(func $f (param i32) (result i32) (local i32) (i32.store8 offset=99 (i32.const 0) (local.get 0))
				(local.set 1 (local.get 0)) (local.set 0 (i32.load8_u (i32.const 6))) (i32.add (i32.mul (local.get 1) (i32.const 9)) (local.get 0)))`,
			`(call $f ` + load + `)`},
		{"a global that is written before it is read",
			`(func $f (param i32) (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (i32.add (local.get 0) (i32.mul (global.get $g) (i32.const 0))))
			(func $g (param i32 i32) (result i32) (global.set $g (local.get 1)) (i32.add (i32.mul (local.get 0) (i32.const 3)) (local.get 1)))`,
			`(call $g (global.get $g) (call $f ` + load + `))`},
		{"a caller's local that is written after the argument has been read",
			`(func $f (param i32 i32) (result i32) (i32.sub (i32.mul (local.get 0) (i32.const 3)) (local.get 1)))`,
			`(call $f (local.get $h) (local.tee $h ` + load + `))`},
	} {
		t.Run(c.name, func(t *testing.T) { playLocals(t, e, "", c.funcs, c.call) })
	}
}

// playLocals compares a function with its form in which $f and all others are inlined. It first checks that the results of
// calls of $f depend on the arguments.
func playLocals(t *testing.T, e *wasmtime.Engine, f, funcs, call string) {
	t.Helper()
	wat := `(module (type $d (func)) (tag $e) (tag $other) (global $g (mut i32) (i32.const 0)) (memory 1) (data (i32.const 0) "\01\00\01\02\00\00\03\01\00\02\03\00")
		(table $t 4 funcref) (elem (table $t) (i32.const 1) func $d $d) (table $u funcref (elem $throws)) (func $d (type $d))
		(func $throws (param i32) (if (local.get 0) (then (throw $e))))` + f + funcs + `
		(func (export "run") (param $n i32) (result i32) (local $i i32) (local $h i32)
			(loop (local.set $h (i32.add (i32.mul (local.get $h) (i32.const 31)) ` + call + `))
				(br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))) (local.get $h)))`
	asIs := encode.Module(parse(t, wat))
	out := inlined(t, draft.Of(parse(t, wat)), inline.Options{Everything: true})
	if m := module(t, out); slices.Contains(ops(m, len(m.Code)-1), op.Call) {
		t.Fatal("calls remain")
	}
	var results [2][]uint64
	for i, wasm := range [][]byte{asIs, out} {
		in, err := e.LoadCore(wasm, nil)
		if err != nil {
			t.Fatal(err)
		}
		for n := range uint64(13) {
			r, err := in.Call("run", n)
			if err != nil {
				t.Fatal(err)
			}
			results[i] = append(results[i], r...)
		}
		in.Close()
	}
	if results[0][2] == results[0][1]*31+results[0][1] {
		t.Error("$f returns the same for 1 and 0")
	}
	if !slices.Equal(results[0], results[1]) {
		t.Errorf("inlined: %d\n  as is: %d", results[1], results[0])
	}
}

// ops returns the instructions of a body.
func ops(m *corewasm.Module, body int) (out []op.Op) {
	for r := op.NewReader(m.Code[body].Code, 0); r.Next(); {
		out = append(out, r.In.Op)
	}
	return out
}
