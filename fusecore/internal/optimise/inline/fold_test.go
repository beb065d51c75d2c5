package inline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/inline"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// edges are integers at which instructions behave differently, by type.
var edges = map[string][]int64{
	"i32": {0, 1, -1, 7, 31, 32, 33, 1 << 30, 1<<31 - 1, -1 << 31},
	"i64": {0, 1, -1, 32, 63, 64, 1 << 31, 1<<32 - 1, 1<<63 - 1, -1 << 63},
}

// TestFold computes instructions of constants, and of a constant and a value that is not known, in inlined bodies.
func TestFold(t *testing.T) {
	var b strings.Builder
	var names []string
	// call defines an export that returns what f returns for operands that may contain the parameter, $x.
	call := func(f, result string, operands ...string) {
		name := f + " " + strings.Join(operands, " ")
		names = append(names, name)
		code := fmt.Sprintf("(call $%s %s)", f, strings.Join(operands, " "))
		if result == "i32" {
			code = "(i64.extend_i32_s " + code + ")"
		}
		fmt.Fprintf(&b, "(func (export %q) (param $x i64) (result i64) %s)\n", name, code)
	}
	value := map[string]string{"i32": "(i32.wrap_i64 (local.get $x))", "i64": "(local.get $x)"}
	for _, typ := range []string{"i32", "i64"} {
		for _, name := range strings.Fields("add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u") {
			result := typ
			if strings.ContainsRune("enlg", rune(name[0])) {
				result = "i32"
			}
			f := typ + "." + name
			fmt.Fprintf(&b, "(func $%s (param %s %s) (result %s) (%s (local.get 0) (local.get 1)))\n", f, typ, typ, result, f)
			for _, x := range edges[typ] {
				c := fmt.Sprintf("(%s.const %d)", typ, x)
				for _, y := range edges[typ] {
					call(f, result, c, fmt.Sprintf("(%s.const %d)", typ, y))
				}
				call(f, result, value[typ], c)
				call(f, result, c, value[typ])
			}
		}
	}
	for _, u := range [][3]string{{"i32", "i32.eqz", "i32"}, {"i64", "i64.eqz", "i32"}, {"i64", "i32.wrap_i64", "i32"}, {"i32", "i64.extend_i32_s", "i64"},
		{"i32", "i64.extend_i32_u", "i64"}, {"i32", "i32.clz", "i32"}, {"i64", "i64.ctz", "i64"}, {"i32", "i32.extend8_s", "i32"}, {"i64", "i64.extend32_s", "i64"}} {
		fmt.Fprintf(&b, "(func $%s (param %s) (result %s) (%s (local.get 0)))\n", u[1], u[0], u[2], u[1])
		for _, x := range edges[u[0]] {
			call(u[1], u[2], fmt.Sprintf("(%s.const %d)", u[0], x))
		}
	}
	// Operands whose values are not used, but which trap.
	fmt.Fprint(&b, "(func $second (param i32 i32) (result i32) (local.get 1))\n(func $none (param i32) (result i32) (i32.and (local.get 0) (i32.const 0)))\n")
	for _, operand := range []string{"(i32.div_u (i32.const 1) (i32.wrap_i64 (local.get $x)))", "(i32.rem_s (i32.const 1) (i32.wrap_i64 (local.get $x)))",
		"(i32.wrap_i64 (i64.div_s (i64.const 1) (local.get $x)))", "(i32.trunc_f64_s (f64.div (f64.const 1) (f64.convert_i64_s (local.get $x))))",
		"(i32.wrap_i64 (i64.trunc_f32_u (f32.div (f32.const 1) (f32.convert_i64_s (local.get $x)))))"} {
		call("second", "i32", operand, "(i32.const 3)")
		call("none", "i32", operand)
	}
	playFold(t, "(module "+b.String()+")", names)
}

// playFold calls functions of a module as it is, and with its calls inlined.
func playFold(t *testing.T, wat string, names []string) {
	t.Helper()
	e := wasmtime.New(wasmtime.Options{Timeout: 20 * time.Second})
	defer e.Close()
	var results [2][]string
	for i, wasm := range [][]byte{encode.Module(parse(t, wat)), inlined(t, draft.Of(parse(t, wat)), inline.Options{Everything: true})} {
		module(t, wasm)
		in, err := e.LoadCore(wasm, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		for _, name := range names {
			line := name + ":"
			for _, x := range []int64{0, 1, -1, 33, -1 << 31, 1 << 32} {
				r, err := in.Call(name, uint64(x))
				if line += fmt.Sprintf(" %x", r); err != nil {
					_, kind, _ := strings.Cut(err.Error(), "Caused by:")
					line += kind
				}
			}
			results[i] = append(results[i], line)
		}
	}
	for i, want := range results[0] {
		if got := results[1][i]; got != want {
			t.Errorf("inlined %s\n  as is %s", got, want)
		}
	}
	if !slices.ContainsFunc(results[0], func(s string) bool { return strings.Contains(s, "wasm trap") }) {
		t.Error("nothing traps")
	}
}
