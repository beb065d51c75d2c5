package preinit

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// randomModule returns the text of a module whose exports "init" and "later N" do random things to its state, without traps in
// the first, and whose exports "see N" depend on it.
func randomModule(r *rand.Rand) (text string, later, see int) {
	var head, code strings.Builder
	const slots, kinds = 6, 5
	datas, elems, mems := 1+r.IntN(4), 1+r.IntN(4), 1+r.IntN(3)
	passiveData, passiveElem := make([]bool, datas), make([]bool, elems)
	fmt.Fprintf(&head, `(type $t (func (result i32))) (import "env" "f" (func $f0 (result i32))) (table $t0 %d 20 funcref) (table $t1 %d 20 funcref)`, slots, slots)
	for i := range mems {
		fmt.Fprintf(&head, "(memory $m%d 1 4)", i)
	}
	for i, t := range [kinds]string{"i32", "i64", "f32", "f64", "funcref"} {
		init := t + ".const " + fmt.Sprint(r.IntN(100))
		if t == "funcref" {
			init = [...]string{"ref.null func", "ref.func $f1", "ref.func $f0"}[r.IntN(3)]
		}
		fmt.Fprintf(&head, "(global $g%d (mut %s) (%s))", i, t, init)
	}
	for i := range datas {
		if passiveData[i] = r.IntN(2) == 0; passiveData[i] {
			fmt.Fprintf(&head, `(data $d%d "abc%d\00\00def")`, i, i)
		} else {
			fmt.Fprintf(&head, `(data $d%d (memory %d) (i32.const %d) "ABC%d")`, i, r.IntN(mems), r.IntN(1000), i)
		}
	}
	for i := range elems {
		offset := fmt.Sprintf("(table $t%d) (i32.const %d) ", r.IntN(2), r.IntN(slots-2))
		if passiveElem[i] = r.IntN(2) == 0; passiveElem[i] {
			offset = ""
		}
		fmt.Fprintf(&head, "(elem $e%d %sfunc $f%d $f%d)", i, offset, r.IntN(4), r.IntN(4))
	}
	for i := 1; i < 4; i++ {
		fmt.Fprintf(&code, "(func $f%d (result i32) (i32.const %d))", i, i)
	}
	for i := range slots {
		fmt.Fprintf(&head, "(elem declare func $f%d)", i%4)
	}
	function := func(name string, safe bool) {
		fmt.Fprintf(&code, "(func (export %q)", name)
		switch d, e := r.IntN(datas), r.IntN(elems); {
		case safe: // segments that "later" may name
			fmt.Fprintf(&code, "(data.drop $d%d) (elem.drop $e%d)", d, e)
			passiveData[d], passiveElem[e] = false, false
		case r.IntN(2) == 0:
			fmt.Fprintf(&code, "(memory.init %d $d%d (i32.const 0) (i32.const 0) (i32.const 1))", r.IntN(mems), d)
		default:
			fmt.Fprintf(&code, "(table.init $t0 $e%d (i32.const 0) (i32.const 0) (i32.const 1))", e)
		}
		for range 1 + r.IntN(12) {
			d, e, t, mem := r.IntN(datas), r.IntN(elems), r.IntN(2), r.IntN(mems)
			n, m := 2, 4
			if safe && !passiveElem[e] {
				n = 0
			}
			if safe && !passiveData[d] {
				m = 0
			}
			at := r.IntN(3000)
			switch r.IntN(15) {
			case 0:
				fmt.Fprintf(&code, "(i32.store %d (i32.const %d) (i32.const %d))", mem, at, r.IntN(3)*r.IntN(1000))
			case 1:
				fmt.Fprintf(&code, "(drop (memory.grow %d (i32.const %d)))", mem, r.IntN(2))
			case 2:
				fmt.Fprintf(&code, "(memory.fill %d (i32.const %d) (i32.const %d) (i32.const %d))", mem, at, r.IntN(2), r.IntN(50))
			case 3:
				fmt.Fprintf(&code, "(memory.init %d $d%d (i32.const %d) (i32.const 0) (i32.const %d))", mem, d, at, m)
			case 4:
				if !safe || r.IntN(2) == 0 {
					fmt.Fprintf(&code, "(data.drop $d%d)", d)
					passiveData[d] = passiveData[d] && !safe
				}
			case 5:
				fmt.Fprintf(&code, "(global.set $g0 (i32.const %d)) (global.set $g1 (i64.const %d))", r.IntN(100), -r.IntN(100))
			case 6:
				fmt.Fprintf(&code, "(global.set $g2 (f32.const nan:0x%x)) (global.set $g3 (f64.const -%d.5))", 1+r.IntN(100), r.IntN(100))
			case 7:
				fmt.Fprintf(&code, "(global.set $g4 (table.get $t%d (i32.const %d)))", t, r.IntN(slots))
			case 8:
				fmt.Fprintf(&code, "(table.set $t%d (i32.const %d) (ref.func $f%d))", t, r.IntN(slots), r.IntN(4))
			case 9:
				fmt.Fprintf(&code, "(drop (table.grow $t%d (global.get $g4) (i32.const %d)))", t, r.IntN(3))
			case 10:
				fmt.Fprintf(&code, "(table.copy $t%d $t%d (i32.const %d) (i32.const %d) (i32.const 2))", t, r.IntN(2), r.IntN(slots-2), r.IntN(slots-2))
			case 11:
				fmt.Fprintf(&code, "(table.init $t%d $e%d (i32.const %d) (i32.const 0) (i32.const %d))", t, e, r.IntN(slots-2), n)
			case 12:
				if !safe || r.IntN(2) == 0 {
					fmt.Fprintf(&code, "(elem.drop $e%d)", e)
					passiveElem[e] = passiveElem[e] && !safe
				}
			case 14:
				fmt.Fprintf(&code, "(memory.copy %d %d (i32.const %d) (i32.const %d) (i32.const %d))", mem, r.IntN(mems), at, r.IntN(1000), r.IntN(50))
			case 13:
				fmt.Fprintf(&code, "(table.fill $t%d (i32.const %d) (ref.null func) (i32.const 2))", t, r.IntN(slots-2))
			}
		}
		code.WriteString(")")
	}
	function("init", true)
	for later = range 4 {
		function(fmt.Sprintf("later%d", later), false)
	}
	sees := []string{"(i64.extend_i32_u (table.size $t0))", "(i64.extend_i32_u (table.size $t1))",
		"(i64.extend_i32_u (global.get $g0))", "(global.get $g1)", "(i64.extend_i32_u (i32.reinterpret_f32 (global.get $g2)))",
		"(i64.reinterpret_f64 (global.get $g3))", "(i64.extend_i32_u (ref.is_null (global.get $g4)))"}
	for i := range mems {
		sees = append(sees, fmt.Sprintf("(i64.extend_i32_u (memory.size %d))", i),
			fmt.Sprintf(`(local $at i32) (local $h i64) (loop $l (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.load8_u %d (local.get $at))))
			(br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 4000)))) (local.get $h)`, i))
	}
	for i := range slots + 2 {
		for t := range 2 {
			sees = append(sees, fmt.Sprintf("(i64.extend_i32_u (call_indirect $t%d (type $t) (i32.const %d)))", t, i))
		}
	}
	for i, x := range sees {
		fmt.Fprintf(&code, "(func (export \"see%d\") (result i64) %s)", i, x)
	}
	return "(module " + head.String() + code.String() + ")", later + 1, len(sees)
}

// programs is the number of modules that TestRandomState makes.
const programs = 50

// TestRandomState compares random modules with ones that the host initialises.
func TestRandomState(t *testing.T) {
	e := wasmtime.New(wasmtime.Options{})
	defer e.Close()
	for seed := range uint64(programs) {
		r := rand.New(rand.NewPCG(seed, 1))
		text, later, see := randomModule(r)
		wasm := fromText(t, text)
		out, err := File(t.Context(), "case.wasm", wasm, Options{Init: "init"})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		compare(t, e, seed, r, wasm, out.Wasm, later, see)
	}
}

// compare calls exports of a module and of the one that has been initialised beforehand.
func compare(t *testing.T, e *wasmtime.Engine, seed uint64, r *rand.Rand, wasm, initialised []byte, later, see int) {
	var in [2]*wasmtime.CoreInstance
	for i, b := range [][]byte{wasm, initialised} {
		var err error
		if in[i], err = e.LoadCore(b, nil); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		defer in[i].Close()
	}
	answer(t, in[0], "init")
	for range later {
		for i := range see {
			call := fmt.Sprintf("see%d", i)
			if got, want := answer(t, in[1], call), answer(t, in[0], call); got != want {
				t.Fatalf("seed %d, %s: %s, without pre-initialisation %s", seed, call, got, want)
			}
		}
		call := fmt.Sprintf("later%d", r.IntN(later))
		if got, want := answer(t, in[1], call), answer(t, in[0], call); got != want {
			t.Fatalf("seed %d, %s: %s, without pre-initialisation %s", seed, call, got, want)
		}
	}
}
