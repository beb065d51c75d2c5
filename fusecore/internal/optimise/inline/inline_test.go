package inline_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/inline"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/coretext"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// module decodes a valid module.
func module(t testing.TB, wasm []byte) *corewasm.Module {
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

func parse(t testing.TB, wat string) *corewasm.Module {
	t.Helper()
	wasm, err := wasmtime.Text(wat)
	if err != nil {
		t.Fatal(err)
	}
	return module(t, wasm)
}

// inlined returns the bytes of a module with calls inlined.
func inlined(t testing.TB, d *draft.Module, o inline.Options) []byte {
	t.Helper()
	if _, err := inline.Module(t.Context(), d, o); err != nil {
		t.Fatal(err)
	}
	out, err := d.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return encode.Module(out)
}

// TestEverything checks the code of the last function, which calls the others.
func TestEverything(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"forwarder",
			`(func $f (param i32 i64) (result i32) (call $h (local.get 0) (local.get 1)))
			(func (export "run") (param i32) (result i32) (call $f (i32.load (local.get 0)) (i64.load (local.get 0))))`,
			`(func (export "run") (param i32) (result i32) (call $h (i32.load (local.get 0)) (i64.load (local.get 0))))`},
		{"parameters by locals and constants",
			`(func $f (param i32 i32) (result i32) (i32.add (local.get 1) (i32.mul (local.get 0) (local.get 0))))
			(func (export "run") (param i32) (result i32) (call $f (local.get 0) (i32.const 7)))`,
			`(func (export "run") (param i32) (result i32) (i32.add (i32.const 7) (i32.mul (local.get 0) (local.get 0))))`},
		{"a parameter that is written",
			`(func $f (param i32) (result i32) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (local.get 0))
			(func (export "run") (param i32) (result i32) (call $f (local.get 0)))`,
			`(func (export "run") (param i32) (result i32) (local i32) (local.tee 1 (i32.add (local.tee 1 (local.get 0)) (i32.const 1))))`},
		{"an argument read twice",
			`(func $f (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
			(func (export "run") (param i32) (result i32) (call $f (i32.load (local.get 0))))`,
			`(func (export "run") (param i32) (result i32) (local i32) (i32.mul (local.tee 1 (i32.load (local.get 0))) (local.get 1)))`},
		{"arguments in another order",
			`(func $f (param i32 i32) (result i32) (i32.sub (local.get 1) (local.get 0)))
			(func (export "run") (param i32) (result i32) (call $f (i32.load (local.get 0)) (i32.load offset=4 (local.get 0))))`,
			`(func (export "run") (param i32) (result i32) (local i32 i32)
				(i32.load (local.get 0)) (i32.load offset=4 (local.get 0)) local.set 1 local.set 2 (i32.sub (local.get 1) (local.get 2)))`},
		{"unused arguments",
			`(func $f (param i32 i32 i32) (result i32) (local.get 1))
			(func (export "run") (param i32) (result i32) (call $f (i32.load (local.get 0)) (local.get 0) (i32.add (local.get 0) (i32.const 1))))`,
			`(func (export "run") (param i32) (result i32) (drop (i32.load (local.get 0))) (local.get 0))`},
		{"return",
			`(func $f (param i32) (result i32) (if (local.get 0) (then (return (i32.const 1)))) (i32.const 2))
			(func (export "run") (param i32) (result i32) (call $f (local.get 0)))`,
			`(func (export "run") (param i32) (result i32)
				(block (result i32) (if (local.get 0) (then (br 1 (i32.const 1)))) (i32.const 2)))`},
		{"branch to the body",
			`(func $f (param i32) (br_if 0 (local.get 0)) (call $e))
			(func (export "run") (param i32) (call $f (local.get 0)))`,
			`(func (export "run") (param i32) (block (br_if 0 (local.get 0)) (call $e)))`},
		{"several results",
			`(func $f (param i32) (result i32 i32) (if (local.get 0) (then (return (i32.const 1) (i32.const 2)))) (i32.const 3) (i32.const 4))
			(func (export "run") (param i32) (result i32 i32) (call $f (local.get 0)))`,
			`(func (export "run") (param i32) (result i32 i32) (local.get 0)
				(block (param i32) (result i32 i32) (if (then (br 1 (i32.const 1) (i32.const 2)))) (i32.const 3) (i32.const 4)))`},
		{"locals that are read first are zero in loops, and only there",
			`(func $f (param i32) (result i32) (local i32) (if (local.get 0) (then (local.set 1 (i32.const 5)))) (local.get 1))
			(func (export "run") (param i32) (loop $l (drop (call $f (local.get 0))) (br_if $l (local.get 0))) (drop (call $f (local.get 0))))`,
			`(func (export "run") (param i32) (local i32)
				(loop $l (local.set 1 (i32.const 0)) (if (local.get 0) (then (local.set 1 (i32.const 5)))) (drop (local.get 1)) (br_if $l (local.get 0)))
				(local.set 1 (i32.const 0)) (if (local.get 0) (then (local.set 1 (i32.const 5)))) (drop (local.get 1)))`},
		{"locals that are written first are not",
			`(func $f (param i32) (result i32) (local i32)
				(if (local.get 0) (then (local.set 1 (i32.const 5))) (else (local.set 1 (i32.const 6)))) (local.get 1))
			(func (export "run") (param i32) (loop $l (drop (call $f (local.get 0))) (br_if $l (local.get 0))))`,
			`(func (export "run") (param i32) (local i32)
				(loop $l (if (local.get 0) (then (local.set 1 (i32.const 5))) (else (local.set 1 (i32.const 6)))) (drop (local.get 1)) (br_if $l (local.get 0))))`},
		{"copies of what stays the same",
			`(func $f (param i32 i32) (result i32) (local i32 i32 i32)
				(local.set 2 (local.get 1)) (local.set 3 (local.get 0)) (local.set 4 (i32.load (local.get 2)))
				(i32.store (local.get 3) (local.get 2)) (local.get 4))
			(func (export "run") (param i32) (result i32) (call $f (i32.load (local.get 0)) (local.get 0)))`,
			`(func (export "run") (param i32) (result i32) (local i32 i32)
				(local.set 1 (i32.load (local.get 0))) (local.set 2 (i32.load (local.get 0)))
				(i32.store (local.get 1) (local.get 0)) (local.get 2))`},
		{"a copy that does not stay the same",
			`(func $f (param i32) (result i32) (local i32)
				(local.set 1 (local.get 0)) (local.set 0 (i32.const 1)) (i32.add (local.get 0) (local.get 1)))
			(func (export "run") (param i32) (result i32) (call $f (local.get 0)))`,
			`(func (export "run") (param i32) (result i32) (local i32 i32)
				(local.set 2 (local.tee 1 (local.get 0))) (i32.add (local.tee 1 (i32.const 1)) (local.get 2)))`},
		{"constant condition",
			`(func $f (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0)) (then (call $e) (i32.const 1)) (else (i32.const 2))))
			(func (export "run") (result i32) (i32.add (call $f (i32.const 0)) (call $f (i32.const 3))))`,
			`(func (export "run") (result i32) (i32.add (block (result i32) (call $e) (i32.const 1)) (block (result i32) (i32.const 2))))`},
		{"constant checks of realloc",
			`(func $f (param i32 i32 i32) (result i32)
				(if (i32.and (i32.ne (local.get 0) (i32.const 0)) (i32.le_u (local.get 2) (local.get 1))) (then (return (local.get 0))))
				(if (local.get 0) (then (call $e))) (local.get 2))
			(func (export "run") (param i32) (result i32) (call $f (i32.const 0) (i32.const 0) (local.get 0)))`,
			`(func (export "run") (param i32) (result i32) (block (result i32) (local.get 0)))`},
		{"constant branch",
			`(func $f (param i32) (br_if 0 (local.get 0)) (call $e))
			(func (export "run") (call $f (i32.const 0)) (call $f (i32.const 1)))`,
			`(func (export "run") (block (call $e)) (block (br 0)))`},
		{"constant choices",
			`(func $f (param i32) (result i32) (block (block (br_table 0 1 (local.get 0))) (call $e)) (select (i32.const 8) (i32.const 9) (i32.lt_u (local.get 0) (i32.const 1))))
			(func (export "run") (result i32) (i32.add (call $f (i32.const 0)) (call $f (i32.const 7))))`,
			`(func (export "run") (result i32)
				(block (block (br 0)) (call $e)) (i32.const 8) (block (block (br 1)) (call $e)) (i32.const 9) i32.add)`},
		{"copies share locals by type",
			`(func $f (param i32) (result i32) (local i64) (local.set 1 (i64.load (local.get 0))) (i32.wrap_i64 (i64.mul (local.get 1) (local.get 1))))
			(func $g (param i32) (result i32) (local i32 i64) (local.set 2 (i64.load (local.get 0))) (local.set 1 (i32.load (local.get 0)))
				(i32.add (i32.wrap_i64 (i64.mul (local.get 2) (local.get 2))) (i32.mul (local.get 1) (local.get 1))))
			(func (export "run") (param i32) (result i32) (i32.add (call $f (local.get 0)) (call $g (local.get 0))))`,
			`(func (export "run") (param i32) (result i32) (local i64 i32)
				(i32.wrap_i64 (i64.mul (local.tee 1 (i64.load (local.get 0))) (local.get 1)))
				(local.set 1 (i64.load (local.get 0))) (local.set 2 (i32.load (local.get 0)))
				(i32.add (i32.wrap_i64 (i64.mul (local.get 1) (local.get 1))) (i32.mul (local.get 2) (local.get 2)))
				i32.add)`},
		{"references",
			`(func $f (param funcref) (result funcref) (local funcref) (if (ref.is_null (local.get 0)) (then (local.set 1 (local.get 0)))) (local.get 1))
			(func (export "run") (param i32) (loop $l (drop (call $f (table.get $t (local.get 0)))) (br_if $l (local.get 0))))`,
			`(func (export "run") (param i32) (local funcref funcref)
				(loop $l (table.get $t (local.get 0)) (local.set 1 (ref.null func)) (local.tee 2)
					(if (ref.is_null) (then (local.set 1 (local.get 2)))) (drop (local.get 1)) (br_if $l (local.get 0))))`},
		{"a handler does not know what the body has written",
			`(tag $t)
			(func $f (param i32) (result i32) (local i32)
				(block (try_table (catch $t 0) (call $e) (local.set 1 (local.get 0)) (throw $t))) (local.get 1))
			(func (export "run") (param i32) (loop $l (drop (call $f (i32.load (local.get 0)))) (br_if $l (local.get 0))))`,
			`(func (export "run") (param i32) (local i32 i32)
				(loop $l (i32.load (local.get 0)) (local.set 1 (i32.const 0)) (local.set 2)
					(block (try_table (catch $t 0) (call $e) (local.set 1 (local.get 2)) (throw $t))) (drop (local.get 1)) (br_if $l (local.get 0))))`},
		{"recursion stays",
			`(func $f (param i32) (if (local.get 0) (then (call $f (local.get 0)))))
			(func (export "run") (call $f (i32.const 1)))`,
			`(func (export "run") (call $f (i32.const 1)))`},
		{"traps keep their functions",
			`(func $f unreachable)
			(func (export "run") (call $f))`,
			`(func (export "run") (call $f))`},
		{"tail calls stay",
			`(func $f (param i32) (return_call $g (local.get 0)))
			(func $g (param i32) (call $e))
			(func (export "run") (param i32) (call $f (local.get 0)))`,
			`(func (export "run") (param i32) (call $f (local.get 0)))`},
		{"exceptions",
			`(tag $t)
			(func $f (throw $t))
			(func (export "run") (block (try_table (catch $t 0) (call $f))))`,
			`(func (export "run") (block (try_table (catch $t 0) (throw $t))))`},
		{"bottom up",
			`(func $f (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
			(func $g (param i32) (result i32) (i32.add (call $f (local.get 0)) (local.get 0)))
			(func (export "run") (param i32) (result i32) (call $g (local.get 0)))`,
			`(func (export "run") (param i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 3)) (local.get 0)))`},
	} {
		t.Run(c.name, func(t *testing.T) {
			const head = `(module (import "m" "h" (func $h (param i32 i64) (result i32))) (import "m" "e" (func $e)) (memory 1) (table $t 1 funcref)`
			m := module(t, inlined(t, draft.Of(parse(t, head+c.in+")")), inline.Options{Everything: true}))
			got := last(m)
			f := `(func $f (param i32))`
			if c.name == "traps keep their functions" {
				f = `(func $f)`
			}
			want := last(parse(t, head+`(tag $t)`+f+c.want+")"))
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("the caller (-want +got):\n%s", d)
			}
		})
	}
}

var typeIndex = regexp.MustCompile(`\(type \d+\)`)

// last returns the text of the last function.
func last(m *corewasm.Module) string {
	text := coretext.Func(m, len(m.Code)-1)
	_, text, _ = strings.Cut(text, ":") // without its index
	return typeIndex.ReplaceAllStringFunc(text, func(s string) string {
		i, _ := strconv.Atoi(s[len("(type ") : len(s)-1])
		return m.SubTypeAt(uint32(i)).Func.String()
	})
}

// fused returns a draft of a module whose functions belong to two core instances and to generated code, by the letter for
// each: a, b, g, or G for one that is outlined.
func fused(t testing.TB, m *corewasm.Module, owners string) *draft.Module {
	t.Helper()
	d := &draft.Module{Module: m}
	for _, name := range "abg" {
		d.Sources = append(d.Sources, draft.Source{Name: string(name), Code: &corewasm.Module{}, Generated: name == 'g', Edit: new(edit.Editor)})
	}
	for i, o := range owners {
		at := strings.IndexRune("abg", unicode.ToLower(o))
		s := &d.Sources[at]
		d.Bodies = append(d.Bodies, draft.Body{Source: int32(at), Index: int32(len(s.Code.Code))})
		s.Code.Code, s.Outlined = append(s.Code.Code, m.Code[i]), append(s.Outlined, o == 'G')
	}
	m.Code, m.Refs = nil, nil
	return d
}

// TestChosen checks how many calls remain in the last function.
func TestChosen(t *testing.T) {
	repeat := func(n int, wat string) string { return strings.Repeat(wat+" ", n) }
	store := func(n int) string { return repeat(n, "(i32.store (i32.const 0) (i32.const 1))") } // of 7 bytes
	for _, c := range []struct {
		name, owners, in string
		o                inline.Options
		want             int // calls that remain
	}{
		{"within a guest", "aa", `(func $f) (func (export "run") (call $f))`, inline.Options{}, 1},
		{"between guests", "ba", `(func $f) (func (export "run") (call $f))`, inline.Options{}, 0},
		{"of generated code", "ga", `(func $f) (func (export "run") (call $f))`, inline.Options{}, 0},
		{"by generated code", "ag", `(func $f) (func (export "run") (call $f))`, inline.Options{}, 0},
		{"within generated code", "gg", `(func $f) (func (export "run") (call $f))`, inline.Options{}, 0},
		{"outlined", "Ga", `(func $f) (func (export "run") (call $f))`, inline.Options{}, 1},
		{"still outlined when it has changed", "bGa", `(func $e) (func $f (call $e)) (func (export "run") (call $f))`, inline.Options{}, 1},
		{"what a guest's function calls in its guest", "bbga", `(func $e) (func $f (call $e)) (func $g (call $f)) (func (export "run") (call $g))`, inline.Options{}, 1},
		{"a large one that vanishes", "ga", `(func $f ` + store(100) + `) (func (export "run") (call $f))`, inline.Options{}, 0},
		{"a large one that is exported", "ga", `(func $f (export "f") ` + store(100) + `) (func (export "run") (call $f))`, inline.Options{}, 1},
		{"a large one that is referred to", "gaa", `(func $f ` + store(100) + `) (func (export "ref") (result funcref) (ref.func $f)) (elem declare func $f)
			(func (export "run") (call $f))`, inline.Options{}, 1},
		{"a large one that is called twice", "ga", `(func $f ` + store(100) + `) (func (export "run") (call $f) (call $f))`, inline.Options{}, 2},
		{"a large one that unreachable code calls too", "gaa", `(func $f ` + store(100) + `) (func (call $f)) (func (export "run") (call $f))`, inline.Options{}, 0},
		{"a guest's with a loop", "ba", `(func $f (loop)) (func (export "run") (call $f))`, inline.Options{}, 1},
		{"a generated one with a loop", "ga", `(func $f (loop)) (func (export "run") (call $f))`, inline.Options{}, 0},
		{"a guest's with a loop, for size", "ba", `(func $f (loop)) (func (export "run") (call $f))`, inline.Options{Size: true}, 0},
		{"a huge one", "ga", `(func $f ` + store(200) + `) (func (export "run") (call $f))`, inline.Options{}, 1},
		{"a small one called often", "ga", `(func $f ` + store(20) + `) (func (export "run") ` + repeat(5, "(call $f)") + `)`, inline.Options{}, 0},
		{"too often", "ga", `(func $f ` + store(20) + `) (func (export "run") ` + repeat(10, "(call $f)") + `)`, inline.Options{}, 10},
		{"a guest's small one", "ba", `(func $f ` + store(20) + `) (func (export "run") (call $f) (call $f))`, inline.Options{}, 2},
		{"for size, what vanishes", "ga", `(func $f ` + store(20) + `) (func (export "run") (call $f))`, inline.Options{Size: true}, 0},
		{"for size, what grows", "ga", `(func $f ` + store(3) + `) (func (export "run") (call $f) (call $f) (call $f))`, inline.Options{Size: true}, 3},
		{"for size, what is smaller than calls", "ga", `(func $f nop) (func (export "run") (call $f) (call $f) (call $f))`, inline.Options{Size: true}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := module(t, inlined(t, fused(t, parse(t, `(module (memory 1)`+c.in+`)`), c.owners), c.o))
			got := 0
			for r := op.NewReader(m.Code[len(m.Code)-1].Code, 0); r.Next(); {
				if r.In.Op == op.Call {
					got++
				}
			}
			if got != c.want {
				t.Errorf("%d calls remain, want %d", got, c.want)
			}
		})
	}
}
