package preinit

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

func fromText(t *testing.T, wat string) []byte {
	t.Helper()
	wasm, err := wasmtime.Text(wat)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// cases are modules with what runs, and calls after that, each of an export with arguments.
var cases = []struct {
	name, wat, init string
	calls           []string
}{
	{"memory", `(memory (export "memory") 1) (data (i32.const 8) "abc")
		(func (export "init") (i32.store (i32.const 100) (i32.const 7)) (i32.store8 (i32.const 8) (i32.const 0)) (i32.store8 (i32.const 65535) (i32.const 1)))
		(func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0)))
		(func (export "size") (result i32) (memory.size))`,
		"init", []string{"get 8", "get 9", "get 100", "get 103", "get 65535", "size", "get 65536"}},
	{"grown memory", `(memory 1 4)
		(func (export "init") (drop (memory.grow (i32.const 2))) (i32.store (i32.const 131072) (i32.const -1)))
		(func (export "get") (param i32) (result i32) (i32.load (local.get 0)))
		(func (export "grow") (result i32) (memory.grow (i32.const 1)))`,
		"init", []string{"get 131072", "grow", "grow", "get 262140"}},
	{"globals", `(global $a (mut i32) (i32.const 1)) (global $b (export "b") (mut i64) (i64.const 1)) (global $c (mut f32) (f32.const 1)) (global $d (mut f64) (f64.const 1))
		(global $e (mut v128) (v128.const i64x2 1 2)) (global $f i32 (i32.const 5))
		(func (export "init") (global.set $a (i32.const -1)) (global.set $b (i64.const -2)) (global.set $c (f32.const nan:0x200001)) (global.set $d (f64.const nan:0x4000000000001))
			(global.set $e (v128.const i64x2 -3 4)))
		(func (export "a") (result i32) (global.get $a))
		(func (export "bb") (result i64) (global.get $b))
		(func (export "c") (result i32) (i32.reinterpret_f32 (global.get $c)))
		(func (export "d") (result i64) (i64.reinterpret_f64 (global.get $d)))
		(func (export "e") (result i64 i64) (i64x2.extract_lane 0 (global.get $e)) (i64x2.extract_lane 1 (global.get $e)))
		(func (export "f") (result i32) (global.get $f))`,
		"init", []string{"a", "bb", "c", "d", "e", "f"}},
	{"passive segments", `(memory 1) (data "first") (data (i32.const 0) "active") (data $kept "kept") (data $dropped "dropped")
		(func (export "init") (memory.init $dropped (i32.const 100) (i32.const 0) (i32.const 7)) (data.drop $dropped))
		(func (export "kept") (memory.init $kept (i32.const 200) (i32.const 0) (i32.const 4)))
		(func (export "dropped") (memory.init $dropped (i32.const 200) (i32.const 0) (i32.const 1)))
		(func (export "active") (memory.init 1 (i32.const 200) (i32.const 0) (i32.const 1)))
		(func (export "get") (param i32) (result i32) (i32.load (local.get 0)))`,
		"init", []string{"get 0", "get 100", "kept", "get 200", "active", "dropped"}},
	{"active segment in a body", `(memory 1) (data $a (i32.const 8) "abc") (data (i32.const 9) "X") (data $p "passive")
		(func (export "init") (memory.init $a (i32.const 100) (i32.const 0) (i32.const 0)) (data.drop $a) (memory.init $p (i32.const 20) (i32.const 1) (i32.const 3)))
		(func (export "copy") (memory.init $p (i32.const 40) (i32.const 0) (i32.const 4)))
		(func (export "get") (param i32) (result i32) (i32.load (local.get 0)))`,
		"init", []string{"get 8", "get 20", "copy", "get 40"}},
	{"data.drop that does not run", `(memory 1) (data $d "text")
		(func (export "init") (if (i32.load (i32.const 0)) (then (data.drop $d))))
		(func (export "copy") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 4)))
		(func (export "get") (param i32) (result i32) (i32.load (local.get 0)))`,
		"init", []string{"copy", "get 0"}},
	{"tables", `(type $t (func (result i32))) (table $a 2 funcref) (table $b 4 8 funcref) (elem (table $a) (i32.const 0) func $one $two) (elem $p func $two $one)
		(func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2)) (func $other (param i64) (result i64) (local.get 0))
		(elem declare func $other)
		(func (export "init") (table.init $b $p (i32.const 1) (i32.const 0) (i32.const 2)) (elem.drop $p)
			(table.set $b (i32.const 3) (ref.func $other)) (drop (table.grow $b (ref.func $one) (i32.const 1))) (table.set $b (i32.const 2) (ref.null func)))
		(func (export "a") (param i32) (result i32) (call_indirect $a (type $t) (local.get 0)))
		(func (export "b") (param i32) (result i32) (call_indirect $b (type $t) (local.get 0)))
		(func (export "c") (result i64) (call_indirect $b (param i64) (result i64) (i64.const 9) (i32.const 3)))
		(func (export "null") (param i32) (result i32) (ref.is_null (table.get $b (local.get 0))))
		(func (export "size") (result i32) (table.size $b))
		(func (export "again") (table.init $b $p (i32.const 0) (i32.const 0) (i32.const 1)))`,
		"init", []string{"a 0", "a 1", "b 1", "b 4", "c", "null 0", "null 2", "null 3", "size", "again"}},
	{"overwritten table", `(type $t (func (result i32))) (table 2 funcref) (elem (i32.const 0) func $f $g)
		(func $f (result i32) (i32.const 1)) (func $g (result i32) (i32.const 2))
		(func (export "init") (table.set (i32.const 0) (table.get (i32.const 1))))
		(func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0)))
		(func (export "restore") (table.set (i32.const 0) (ref.func $f)))`,
		"init", []string{"call 0", "restore", "call 0"}},
	{"references", `(table 1 funcref) (global $g (mut funcref) (ref.null func)) (global $x (mut externref) (ref.null extern))
		(func $f (export "f") (result i32) (i32.const 3))
		(func (export "init") (global.set $g (ref.func $f)))
		(func (export "null") (result i32) (ref.is_null (global.get $g)))
		(func (export "x") (result i32) (ref.is_null (global.get $x)))
		(func (export "call") (result i32) (table.set (i32.const 0) (global.get $g)) (call_indirect (result i32) (i32.const 0)))`,
		"init", []string{"null", "x", "call"}},
	{"start and _initialize", `(global $g (mut i32) (i32.const 1)) (start $s)
		(func $s (global.set $g (i32.mul (global.get $g) (i32.const 3))))
		(func (export "_initialize") (global.set $g (i32.add (global.get $g) (i32.const 4))))
		(func (export "wizer-initialize") (global.set $g (i32.mul (global.get $g) (i32.const 5))))
		(func (export "get") (result i32) (global.get $g))`,
		"", []string{"get"}},
	{"command", `(memory (export "memory") 1) (func (export "_start") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 5))))
		(func (export "init") (i32.store (i32.const 0) (i32.const 100)))
		(func (export "get") (result i32) (i32.load (i32.const 0)))`,
		"init", []string{"get", "_start", "get"}},
	{"import in a table", `(import "env" "f" (func $f (param i32))) (import "env" "g" (func $g (param i32))) (table 2 funcref) (global $r (mut funcref) (ref.func $f))
		(elem (i32.const 0) func $f $h) (func $h (param i32))
		(func (export "init") (table.set (i32.const 1) (table.get (i32.const 0))) (global.set $r (ref.func $g)) (table.set (i32.const 0) (ref.func $h)))
		(elem declare func $g)
		(func (export "call") (param i32) (call_indirect (param i32) (i32.const 1) (local.get 0)))
		(func (export "load") (table.set (i32.const 0) (global.get $r)))`,
		"init", []string{"call 0", "load", "call 0", "call 1"}},
	{"references that only what is gone declares", `(table $t 1 funcref) (global $g (mut funcref) (ref.func $f)) (global $n (mut i32) (i32.const 0))
		(func $f (global.set $n (i32.add (global.get $n) (i32.const 100))))
		(func $init (export "init") (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.set $g (ref.null func)))
		(func $first (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 10))))
		(func $call (param funcref) (result i32) (table.set $t (i32.const 0) (local.get 0)) (call_indirect $t (i32.const 0)) (global.get $n))
		(func (export "f") (result i32) (call $call (ref.func $f)))
		(func (export "again") (result i32) (call $call (ref.func $init)))
		(func (export "first") (result i32) (call $call (ref.func $first)))`,
		"init", []string{"f", "again", "first"}},
	{"memory that grows up to what fits", `(memory 1)
		(func (export "init") (if (i32.eq (memory.grow (i32.const 65535)) (i32.const -1)) (then (i32.store8 (i32.const 7) (i32.const 1)))))
		(func (export "size") (result i32) (i32.gt_u (memory.size) (i32.const 0)))
		(func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0)))`,
		"init", []string{"size", "get 8"}},
	{"several memories", `(memory $a (export "a") 1) (memory $b 1 3) (memory $c (export "c") 0 2) (data (memory $b) (i32.const 8) "abc") (data (memory $a) (i32.const 0) "x")
		(func (export "init") (i32.store $b (i32.const 65532) (i32.const 7)) (drop (memory.grow $c (i32.const 1))) (drop (memory.grow $b (i32.const 1)))
			(memory.copy $c $b (i32.const 16) (i32.const 8) (i32.const 3)) (i32.store8 $b (i32.const 131071) (i32.const 9)))
		(func (export "geta") (param i32) (result i32) (i32.load8_u $a (local.get 0)))
		(func (export "getb") (param i32) (result i32) (i32.load8_u $b (local.get 0)))
		(func (export "getc") (param i32) (result i32) (i32.load8_u $c (local.get 0)))
		(func (export "sizes") (result i32 i32 i32) (memory.size $a) (memory.size $b) (memory.size $c))
		(func (export "growc") (result i32) (memory.grow $c (i32.const 1)))`,
		"init", []string{"geta 0", "geta 65536", "getb 8", "getb 65532", "getb 131071", "getb 131072", "getc 16", "getc 18", "getc 65536", "sizes", "growc", "growc", "sizes"}},
	{"segments of several memories in bodies", `(memory $a 1) (memory $b 1) (data $d (memory $b) (i32.const 8) "abc") (data $p "passive")
		(func (export "init") (memory.init $b $d (i32.const 100) (i32.const 0) (i32.const 0)) (memory.init $b $p (i32.const 20) (i32.const 1) (i32.const 3)) (data.drop $d))
		(func (export "copy") (memory.init $a $p (i32.const 40) (i32.const 0) (i32.const 4)))
		(func (export "dropped") (memory.init $a $d (i32.const 40) (i32.const 0) (i32.const 1)))
		(func (export "geta") (param i32) (result i32) (i32.load $a (local.get 0)))
		(func (export "getb") (param i32) (result i32) (i32.load $b (local.get 0)))`,
		"init", []string{"getb 8", "getb 20", "copy", "geta 40", "dropped"}},
	{"elements of a table with null in between", `(table $t 300 400 funcref) (global $i (mut i32) (i32.const 0)) (func $f (result i32) (i32.const 7)) (elem declare func $f)
		(func (export "init") (loop $l (table.set $t (global.get $i) (ref.func $f)) (global.set $i (i32.add (global.get $i) (i32.const 3))) (br_if $l (i32.lt_u (global.get $i) (i32.const 300)))))
		(func (export "get") (param i32) (result i32) (call_indirect $t (result i32) (local.get 0)))`,
		"init", []string{"get 0", "get 1", "get 3", "get 297", "get 299", "get 300"}},
	{"tables of functions of one type", `(type $f (func (result i32))) (table $t 3 10 (ref null $f)) (table $u 3 10 (ref $f) (ref.func $a)) (elem (table $t) (i32.const 2) (ref null $f) (ref.func $b))
		(func $a (type $f) (i32.const 1)) (func $b (type $f) (i32.const 2)) (func $c (type $f) (i32.const 3)) (elem declare func $b $c)
		(func (export "init") (table.set $t (i32.const 0) (ref.func $c)) (table.set $u (i32.const 1) (ref.func $b)) (drop (table.grow $u (ref.func $c) (i32.const 1))))
		(table $any 1 funcref)
		(func (export "t") (param i32) (result i32) (table.set $any (i32.const 0) (table.get $t (local.get 0))) (call_indirect $any (type $f) (i32.const 0)))
		(func (export "u") (param i32) (result i32) (table.set $any (i32.const 0) (table.get $u (local.get 0))) (call_indirect $any (type $f) (i32.const 0)))`,
		"init", []string{"t 0", "t 1", "t 2", "u 0", "u 1", "u 2", "u 3", "u 4"}},
	{"elements at the place that a global says", `(global $a i32 (i32.const 3)) (table $t 4 funcref) (elem (table $t) (global.get $a) func $f) (func $f (result i32) (i32.const 7))
		(func (export "init") (table.copy $t $t (i32.const 0) (i32.const 3) (i32.const 1)))
		(func (export "get") (param i32) (result i32) (call_indirect $t (result i32) (local.get 0)))`,
		"init", []string{"get 0", "get 1", "get 3"}},
	{"nothing", `(func (export "init")) (func (export "one") (result i32) (i32.const 1))`, "init", []string{"one"}},
}

// instance instantiates a module in wasmtime.
func instance(t *testing.T, wasm []byte) *wasmtime.CoreInstance {
	t.Helper()
	e := wasmtime.New(wasmtime.Options{})
	t.Cleanup(e.Close)
	in, err := e.LoadCore(wasm, nil) // imports trap
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Close)
	return in
}

// answer calls an export, and returns its results, or that it traps.
func answer(t *testing.T, in *wasmtime.CoreInstance, call string) string {
	t.Helper()
	name, arg, given := strings.Cut(call, " ")
	var args []uint64
	if given {
		var n uint64
		if _, err := fmt.Sscan(arg, &n); err != nil {
			t.Fatal(err)
		}
		args = []uint64{n}
	}
	got, err := in.Call(name, args...)
	if wasmtime.IsTrap(err) {
		return "trap"
	}
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(got)
}

// TestSameState compares each case with the module that the host initialises, in wasmtime.
func TestSameState(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wasm := fromText(t, "(module "+c.wat+")")
			out, err := File(t.Context(), "case.wasm", wasm, Options{Init: c.init})
			if err != nil {
				t.Fatal(err)
			}
			again, err := File(t.Context(), "case.wasm", wasm, Options{Init: c.init})
			if err != nil || !bytes.Equal(out.Wasm, again.Wasm) {
				t.Error("the second time, the bytes are others", err)
			}
			before, after := instance(t, wasm), instance(t, out.Wasm)
			for _, name := range out.Ran {
				if name != ranStart {
					answer(t, before, name)
				}
			}
			for _, name := range after.Exports() {
				if name == "_initialize" {
					answer(t, after, name)
				}
				if name == c.init || name == DefaultInit[0] {
					t.Errorf("%s is still exported", name)
				}
			}
			for _, call := range c.calls {
				if got, want := answer(t, after, call), answer(t, before, call); got != want {
					t.Errorf("%s: %s, without pre-initialisation %s", call, got, want)
				}
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ name, wat, init, want string }{
		{"component without code", "(component)", "", "the component has no code"},
		{"memory of the host", `(module (import "env" "mem" (memory 1)) (func (export "init")))`, "init", `import "env" "mem": it is a memory of the host`},
		{"global of the host", `(module (import "env" "g" (global i32)) (func (export "init")))`, "init", `import "env" "g": it is a global of the host`},
		{"nothing to run", `(module (func (export "f")))`, "", "there is no initialisation to run"},
		{"command", `(module (func (export "_start")))`, "", "it is a command, which _start initialises and runs"},
		{"missing", `(module (func (export "f")) (func (export "g") (param i32)) (memory (export "m") 1))`, "init", `export "init": the module has no such export (it exports "f")`},
		{"no function", `(module (memory (export "init") 1))`, "init", "it is a memory, and only a function can run"},
		{"parameters", `(module (func (export "init") (param i32)))`, "init", "has no parameters and no result; this one is (func (param i32))"},
		{"import", `(module (import "env" "f" (func $f)) (func (export "init") (call $f)))`, "init", `export "init": it calls the import "env" "f", while it initialises the module`},
		{"import of WASI", `(module (import "wasi_snapshot_preview1" "sched_yield" (func $f (result i32))) (func (export "init") (drop (call $f))))`, "init", "allow functions of WASI with --wasi"},
		{"trap", `(module (func $inner unreachable) (func (export "init") (call $inner)))`, "init", "export \"init\": initialisation traps: unreachable in inner, called by $1"},
		{"trap in the start function", `(module (start $s) (func $s unreachable))`, "", "start function: initialisation traps: unreachable"},
		{"active segment has been dropped", `(module (memory 1) (data $a (i32.const 8) "abc") (func (export "init") (memory.init $a (i32.const 0) (i32.const 0) (i32.const 1))))`, "init", "initialisation traps: out of bounds memory access"},
		{"element segment out of range", `(module (table 1 funcref) (func $f (export "init")) (elem (i32.const 1) $f))`, "init", "element segment 0: initialisation traps: "},
		{"element segment out of range by a global", `(module (global $a i32 (i32.const 2)) (table 2 funcref) (func $f (export "init")) (elem (global.get $a) $f))`, "init", "element segment 0: initialisation traps: "},
		{"several functions that hosts call first", `(module (func (export "_initialize")) (func (export "cm32p2_initialize")))`, "", `export "cm32p2_initialize": it is not the function "_initialize"`},
		{"recursion group", `(module (rec (type $a (func)) (type (func (param i32)))) (type $b (func)) (table 2 funcref) (func $f (type $a)) (elem (i32.const 0) func $f) (func (export "init") (call_indirect (type $b) (i32.const 0))))`, "init", "type 0: it is in a recursion group of 2 types"},
		{"function with references in a table", `(module (type $a (func)) (type $b (func (param (ref null $a)))) (table $t 2 funcref) (func $f (type $b)) (elem declare func $f) (func (export "init") (table.set $t (i32.const 0) (ref.func $f))))`, "init", "table 0, element 0: after the initialisation it refers to a function with references"},
		{"no functions", `(module (memory (export "m") 1))`, "init", "(it exports none without parameters and result)"},
		{"segment out of range", `(module (memory 1) (data (i32.const 65536) "x") (func (export "init")))`, "init", "initialisation traps: "},
		{"memory of 4 GiB", `(module (memory 65536) (func (export "init")))`, "init", "65536 pages"},
		{"several memories of 64 bits", `(module (memory 1) (memory i64 1) (func (export "init")))`, "init", "memory 1: it has addresses of 64 bits"},
		{"several shared memories", `(module (memory 1) (memory 1 1 shared) (func (export "init")))`, "init", "memory 1: it is shared by threads"},
		{"several memories of 4 GiB", `(module (memory 65535) (memory 1) (func (export "init")))`, "init", "more than one memory can have"},
		{"object of the host", `(module (import "env" "f" (func $f (result externref))) (global $g (mut externref) (ref.null extern)) (func (export "init") (global.set $g (call $f))))`, "init", "it calls the import"},
	} {
		_, err := File(t.Context(), "case.wasm", fromText(t, c.wat), Options{Init: c.init})
		if e := (*Error)(nil); !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "case.wasm: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestWASI runs an initialisation that reads the environment, the clock and random numbers.
func TestWASI(t *testing.T) {
	wasm := fromText(t, `(module
		(import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
		(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
		(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
		(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
		(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
		(memory (export "memory") 1) (data (i32.const 4) "\40\00\00\00\03\00\00\00")
		(func (export "init") (drop (call $environ (i32.const 32) (i32.const 64))) (drop (call $random (i32.const 200) (i32.const 16)))
			(drop (call $clock (i32.const 0) (i64.const 1) (i32.const 300))) (drop (call $write (i32.const 1) (i32.const 4) (i32.const 1) (i32.const 16))))
		(func (export "exit") (call $exit (i32.const 3)))
		(func (export "get") (param i32) (result i32) (i32.load (local.get 0))))`)
	var first []byte
	for range 2 {
		var stdout bytes.Buffer
		out, err := File(t.Context(), "case.wasm", wasm, Options{Init: "init", WASI: &WASI{Env: [][2]string{{"A", "1"}}, Stdout: &stdout}})
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(first, out.Wasm) {
			t.Error("the second time, the bytes are others")
		}
		first = out.Wasm
		if stdout.String() != "A=1" {
			t.Errorf("standard output is %q", stdout.String())
		}
		if got := answer(t, instance(t, out.Wasm), "get 64"); got != "[3226945]" { // "A=1" as a number
			t.Errorf("the environment is %s", got)
		}
	}
	several := fromText(t, `(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (memory 1) (memory 1) (func (export "init")))`)
	if _, err := File(t.Context(), "case.wasm", several, Options{Init: "init", WASI: &WASI{}}); err == nil || !strings.Contains(err.Error(), "2 memories, and its initialisation may call WASI") {
		t.Error(err)
	}
	if _, err := File(t.Context(), "case.wasm", wasm, Options{Init: "exit", WASI: &WASI{}}); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Error(err)
	}
}

// TestRuns checks which parts of a memory become segments.
func TestRuns(t *testing.T) {
	memory := make([]byte, 1<<16)
	for _, at := range []int{0, 7, 8 + minGap - 1, 100, 65535} {
		memory[at] = 1
	}
	if got, want := fmt.Sprint(runs(memory, 10)), "[{0 24} {100 101} {65535 65536}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := fmt.Sprint(runs(memory, 2)); got != "[{0 101} {65535 65536}]" {
		t.Errorf("with at most two: %s", got)
	}
	if got := runs(make([]byte, 1<<16), 1); got != nil {
		t.Errorf("of zeros: %v", got)
	}
}

// TestNaN checks that NaNs have the same bits on all processors.
func TestNaN(t *testing.T) {
	var text, see strings.Builder
	at := 0
	see.WriteString(`(func (export "get") (param i32) (result i32) (i32.load (local.get 0)))`)
	store := func(kind string, size int, value string) {
		fmt.Fprintf(&text, "(%s.store (i32.const %d) %s)", kind, at, value)
		at += size
	}
	for _, f := range []string{"add", "sub", "mul", "div", "min", "max"} {
		store("f32", 4, "(f32."+f+" (f32.const -nan:0x200001) (f32.const 1))")
		store("f64", 8, "(f64."+f+" (f64.const 1) (f64.const -nan:0x4000000000001))")
		store("v128", 16, "(f32x4."+f+" (v128.const f32x4 -nan nan 0 -nan:0x200001) (v128.const f32x4 1 2 3 4))")
		store("v128", 16, "(f64x2."+f+" (v128.const f64x2 -nan 7) (v128.const f64x2 1 2))")
	}
	for _, f := range []string{"sqrt", "ceil", "floor", "trunc", "nearest"} {
		store("f32", 4, "(f32."+f+" (f32.const -nan:0x200001))")
		store("v128", 16, "(f64x2."+f+" (v128.const f64x2 2 -nan))")
	}
	store("f32", 4, "(f32.div (f32.const 0) (f32.const 0))")
	store("f32", 4, "(f32.div (f32.const 1) (f32.const 2))")
	store("f32", 4, "(f32.neg (f32.const nan))")
	store("f32", 4, "(f32.demote_f64 (f64.const -nan:0x4000000000001))")
	store("f64", 8, "(f64.promote_f32 (f32.const -nan:0x200001))")
	wasm := fromText(t, `(module (memory 1) (func (export "init") (local i32 f32) `+text.String()+")"+see.String()+")")
	out, err := File(t.Context(), "case.wasm", wasm, Options{Init: "init"})
	if err != nil {
		t.Fatal(err)
	}
	before, after := instance(t, wasm), instance(t, out.Wasm)
	answer(t, before, "init")
	word := func(in *wasmtime.CoreInstance, at int) (w uint32) {
		if _, err := fmt.Sscanf(answer(t, in, fmt.Sprintf("get %d", at)), "[%d]", &w); err != nil {
			t.Fatal(err)
		}
		return w
	}
	const infinity, high32, high64 = 0x7f800000, nan32, nan64 >> 32
	negated := at - 16
	for i := 0; i < at; i += 4 {
		got, want := word(after, i), word(before, i)
		isNaN := want&infinity == infinity && want&^(1<<31|infinity) != 0
		lower := got == 0 && word(after, i+4) == high64
		if got != want && !lower && !(isNaN && (got == high32 || got == high64)) {
			t.Errorf("at %d is %#x, in wasmtime %#x", i, got, want)
		}
		if got&(1<<31|high32) == 1<<31|high32 && i != negated {
			t.Errorf("at %d is the negative NaN %#x", i, got)
		}
	}
}

// TestSegmentsAtMost checks that a table has no more segments than engines accept.
func TestSegmentsAtMost(t *testing.T) {
	entries := make([]entry, 40)
	for i := range entries {
		entries[i] = entry{null: i%4 != 0, fn: uint32(i)}
	}
	for most, want := range map[int]int{20: 10, 10: 10, 9: 1, 1: 1} {
		table := corewasm.Table{Type: corewasm.TableType{Elem: corewasm.FuncRef}}
		got := content(&table, 0, entries, most)
		if len(got) != want || table.Type.Limits.Min != 40 {
			t.Errorf("at most %d: %d segments, want %d", most, len(got), want)
		}
		if want == 1 && (len(got[0].Exprs) != 37 || got[0].Len() != 37) {
			t.Errorf("at most %d: %d elements, want 37", most, got[0].Len())
		}
	}
}

// TestInitialiseTwice checks that a module may export one function by both names that hosts call first.
func TestInitialiseTwice(t *testing.T) {
	wasm := fromText(t, `(module (func $f) (export "_initialize" (func $f)) (export "cm32p2_initialize" (func $f)))`)
	if out, err := File(t.Context(), "case.wasm", wasm, Options{}); err != nil || len(out.Ran) != 1 {
		t.Error(out, err)
	}
}

// TestWorldKeepsInit checks that a module with a world still exports what the world has.
func TestWorldKeepsInit(t *testing.T) {
	wasm := fromText(t, `(module (func (export "init")) (@custom "component-type" "world"))`)
	out, err := File(t.Context(), "case.wasm", wasm, Options{Init: "init"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := coredecode.Module(out.Wasm, 0)
	if err != nil {
		t.Fatal(err)
	}
	if x := exported(m, "init"); x == nil || x.Kind != corewasm.ExternFunc || len(m.Customs) != 1 {
		t.Errorf("exports: %+v, custom sections: %d", m.Exports, len(m.Customs))
	}
}

// TestInitialiseNamed checks that the function that hosts call first runs once if it is named, too, and stays.
func TestInitialiseNamed(t *testing.T) {
	for _, name := range initialise {
		wasm := fromText(t, fmt.Sprintf(`(module (global $n (mut i32) (i32.const 0)) (func (export %q) (global.set $n (i32.add (global.get $n) (i32.const 1))))
			(func (export "get") (result i32) (global.get $n)))`, name))
		out, err := File(t.Context(), "case.wasm", wasm, Options{Init: name})
		if err != nil {
			t.Fatal(err)
		}
		in := instance(t, out.Wasm)
		answer(t, in, name)
		if got := answer(t, in, "get"); got != "[1]" || len(out.Ran) != 1 {
			t.Errorf("%s: %v ran, and the state is %s, want [1]", name, out.Ran, got)
		}
	}
}

// TestDebug checks that debug information stays where code does, and goes where it does not.
func TestDebug(t *testing.T) {
	wat := `(module (memory 1) (func (export "_initialize") (i32.store (i32.const 0) (i32.const 1)))%s (@custom ".debug_info" "x") (@custom "other" "y"))`
	for functions, want := range map[int][]string{1: {".debug_info", "other"}, 126: {".debug_info", "other"}, 127: {"other"}} {
		wasm := fromText(t, fmt.Sprintf(wat, strings.Repeat(" (func)", functions-1)))
		out, err := File(t.Context(), "case.wasm", wasm, Options{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := coredecode.Module(out.Wasm, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range m.Customs {
			got = append(got, c.Name)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") || out.DebugDropped != (len(want) == 1) {
			t.Errorf("%d functions: custom sections %q, dropped: %v", functions, got, out.DebugDropped)
		}
	}
}
