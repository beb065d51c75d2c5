package onememory_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// flows are bodies in which a check must not be taken for one of another access. $p and $q are addresses, $n is a small number.
var flows = []struct{ name, body string }{
	{"a loop changes the address", `(drop (i32.load $m (local.get $p)))
(block $out (loop $l (br_if $out (i32.eqz (local.get $n))) (drop (i32.load $m (local.get $p)))
  (local.set $p (i32.add (local.get $p) (i32.const 30000))) (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $l)))`},
	{"a loop changes it in a block", `(drop (i32.load $m (local.get $p)))
(loop $l (block $b (br_if $b (i32.eqz (local.get $n))) (i32.store8 $m (local.get $p) (i32.const 1)) (local.set $p (i32.const 65536)))
  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`},
	{"only one branch checks", `(if (local.get $n) (then (drop (i64.load $m offset=100 (local.get $p))))) (drop (i32.load $m (local.get $p)))`},
	{"the other branch checks", `(if (local.get $n) (then (drop (i64.load $m offset=100 (local.get $p)))) (else (drop (i32.load $m offset=9 (local.get $p)))))
(drop (i32.load $m offset=50 (local.get $p)))`},
	{"a branch skips the check", `(block $b (br_if $b (local.get $n)) (drop (i64.load $m offset=100 (local.get $p)))) (drop (i32.load $m (local.get $p)))`},
	{"a table skips the check", `(block $a (block $b (br_table $a $b (local.get $n))) (drop (i64.load $m offset=100 (local.get $p)))) (drop (i32.load $m (local.get $p)))`},
	{"another memory was checked", `(drop (i64.load $other offset=100 (local.get $p))) (drop (i32.load $m (local.get $p)))`},
	{"another address was checked", `(drop (i64.load $m offset=100 (local.get $q))) (drop (i32.load $m (local.get $p)))`},
	{"less was checked", `(drop (i32.load8_u $m (local.get $p))) (drop (i32.load16_u $m (local.get $p)))`},
	{"the address is older than the check", `(local.get $p) (local.set $p (local.get $q)) (drop (i64.load $m offset=100 (local.get $p))) (i32.load $m) (drop)`},
	{"the address changes after it is pushed", `(local.get $p) (local.set $p (i32.const 0)) (i32.const 7) (i32.store $m)`},
	{"the memory grows below", `(drop (i32.load $m (local.get $p))) (drop (memory.grow $other (local.get $n))) (i32.store $m (local.get $p) (i32.const 5))
(drop (i32.load $m (local.get $p)))`},
	{"the memory grows between address and value", `(i32.store $m (local.get $p) (memory.grow $m (local.get $n))) (i32.store $m (local.get $p) (memory.grow $other (i32.const 20)))`},
	{"a loop grows the memory", `(loop $l (i32.store8 $m (local.get $p) (memory.grow $other (i32.const 9))) (local.set $p (i32.add (local.get $p) (i32.const 9)))
  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`},
	{"a call in an inner loop", `(loop $o (loop $l (i32.store8 $m (local.get $p) (i32.const 3)) (call $grow (i32.const 9))
  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (drop (i32.load $m (local.get $p))))`},
	{"loops one after the other", `(loop $l (drop (i32.load $m (local.get $p))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (call $grow (i32.const 9))
(i32.store $m (local.get $p) (i32.const 4)) (loop $k (i32.store $m (local.get $p) (i32.const 4)) (br_if $k (local.get $n)))`},
	{"a counted loop whose counter is used", `(loop $l (i32.store8 $m (local.get $p) (local.get $n)) (local.set $p (i32.add (local.get $p) (i32.const 20000)))
  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`},
	{"a counted loop that increases twice", `(loop $l (i32.store8 $m (local.get $p) (local.get $n)) (local.set $p (i32.add (local.get $p) (i32.const 8)))
  (if (i32.and (local.get $n) (i32.const 1)) (then (local.set $p (i32.const 65530))))
  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`},
	{"a counted loop with an access behind the step", `(loop $l (drop (i32.load8_u $m (local.get $p))) (local.set $p (i32.add (local.get $p) (i32.const 100)))
  (i32.store $m (local.get $p) (local.get $n)) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`},
	{"a counted loop of 2^32 iterations", `(local.set $n (i32.const 0)) (loop $l (drop (i32.load $m (local.get $p))) (local.set $p (i32.add (local.get $p) (i32.const 16384)))
  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`},
	{"a branch out of two blocks", `(block $b (block $c (drop (i32.load $m (local.get $p))) (br_if $b (local.get $n)))) (drop (i32.load $m offset=8 (local.get $p)))`},
	{"a return", `(drop (i32.load $m (local.get $p))) (if (local.get $n) (then (return (i32.const 77)))) (drop (i32.load $m offset=8 (local.get $p)))`},
	{"a branch to the function", `(drop (i32.load $m (local.get $p))) (drop (br_if 0 (i32.const 78) (local.get $n))) (drop (i32.load $m offset=8 (local.get $p)))`},
	{"a table with a return", `(block $b (block $c (block $d (br_table $d $c $b (local.get $n))) (return (i32.const 79)))) (drop (i32.load $m (local.get $p)))`},
	{"ranges", `(memory.fill $m (local.get $p) (i32.const 1) (local.get $n)) (memory.copy $other $m (local.get $n) (local.get $p) (local.get $n))
(memory.copy $m $m (local.get $p) (local.get $q) (local.get $n)) (memory.copy $m $other (local.get $p) (local.get $q) (local.get $n))`},
}

// TestFlows runs every flow around the end of a memory, in every kind of region, and compares with several memories.
func TestFlows(t *testing.T) {
	for _, layout := range []struct{ name, others, code string }{
		{"engine", "(memory $other 1)", ""},
		{"constant", "(memory $other 1) (memory $third 1)", "(drop (memory.grow $third (i32.const 0)))"},
		{"moving", "(memory $third 1) (memory $other 1)", "(drop (memory.grow $third (i32.const 0)))"},
	} {
		e := wasmtime.New(wasmtime.Options{})
		for _, f := range flows {
			if layout.name == "engine" && strings.Contains(f.body, "memory.grow $other") {
				continue
			}
			grow := "(drop (memory.grow $m (i32.const 0)))"
			if layout.name != "engine" {
				grow += "(drop (memory.grow $other (local.get 0)))"
			}
			if layout.name == "moving" {
				grow += "(drop (memory.grow $third (local.get 0)))"
			}
			m := parse(t, fmt.Sprintf(`(module (memory $m 1) %s
(func $grow (param i32) %s)
(func (export "use") (param i32) %s (call $grow (i32.const 0)))
(func (export "run") (param $p i32) (param $q i32) (param $n i32) (result i32) %s (i32.const 1))
(func (export "at") (param i32) (result i32) (i32.load8_u $m (local.get 0)))
(func (export "other") (param i32) (result i32) (i32.load8_u $other (local.get 0))))`, layout.others, grow, layout.code, f.body))
			one, l := single(t, m, onememory.Options{Bottom: 1})
			for _, wrong := range check(t, m, decoded(t, one), l) {
				t.Errorf("%s, %s: %s", layout.name, f.name, wrong)
			}
			var in [2]*wasmtime.CoreInstance
			for i, wasm := range [][]byte{encode.Module(m), one} {
				x, err := e.LoadCore(wasm, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer x.Close()
				in[i] = x
			}
			const end = 1 << 16
			for _, p := range []uint64{0, end - 109, end - 108, end - 105, end - 104, end - 58, end - 12, end - 11, end - 5, end - 4, end - 3, end - 2, end - 1, end, 1<<32 - 4} {
				for n := range uint64(3) {
					if strings.Contains(f.body, "local.tee $n") {
						n++ // or it would count down from 2^32
					}
					var seen [2]string
					for i, in := range in {
						res, err := in.Call("run", p, 8, n)
						seen[i] = fmt.Sprint(res, kind(err))
						for _, a := range []uint64{0, 8, p, p + 1, end - 1} {
							for _, name := range []string{"at", "other"} {
								res, err := in.Call(name, a&(1<<32-1))
								seen[i] += fmt.Sprint(res, kind(err))
							}
						}
					}
					if seen[0] != seen[1] {
						t.Errorf("%s, %s at %#x, %d: %s, with several memories %s", layout.name, f.name, p, n, seen[1], seen[0])
					}
				}
			}
		}
		e.Close()
	}
}
