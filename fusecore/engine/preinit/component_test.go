package preinit

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// graphText is a component of two instances with all kinds of state, whose import log needs a memory and whose results need
// reallocs. The store has two functions that can initialise it, in the world itself and in an interface.
const graphText = `(component
	(import "log" (func $log (param "text" string)))
	(component $Store
		(core module $M
			(memory (export "memory") 1) (data (i32.const 16) "kept")
			(table $t (export "table") 1 funcref) (elem (table $t) (i32.const 0) func $one)
			(global $next (mut i32) (i32.const 1024)) (global $n (mut i64) (i64.const 0))
			(data $later "later") (elem $more func $two $one)
			(start $start)
			(func $start (i32.store (i32.const 100) (i32.const 1)))
			(func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
			(func (export "realloc") (param i32 i32 i32 i32) (result i32)
				(local $at i32)
				(local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
				(global.set $next (i32.add (local.get $at) (local.get 3)))
				(local.get $at))
			(func (export "fill")
				(memory.init $later (i32.const 200) (i32.const 0) (i32.const 5)) (data.drop $later)
				(drop (memory.grow (i32.const 2))) (i32.store8 (i32.const 196607) (i32.const 77))
				(drop (table.grow $t (ref.null func) (i32.const 2)))
				(table.init $t $more (i32.const 1) (i32.const 0) (i32.const 2))
				(global.set $n (i64.add (global.get $n) (i64.const 0x100000001))))
			(func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0)))
			(func (export "n") (result i64) (global.get $n))
			(func (export "call") (param i32) (result i32) (call_indirect $t (result i32) (local.get 0)))
			(func (export "again") (memory.init $later (i32.const 200) (i32.const 0) (i32.const 1)))
			(func (export "echo") (param i32 i32) (result i32)
				(i32.store (i32.const 300) (local.get 0)) (i32.store (i32.const 304) (local.get 1)) (i32.const 300)))
		(core instance $m (instantiate $M))
		(func (export "fill") (canon lift (core func $m "fill")))
		(func (export "get") (param "at" u32) (result u32) (canon lift (core func $m "get")))
		(func (export "n") (result u64) (canon lift (core func $m "n")))
		(func (export "call") (param "slot" u32) (result u32) (canon lift (core func $m "call")))
		(func (export "again") (canon lift (core func $m "again")))
		(func (export "echo") (param "text" string) (result string)
			(canon lift (core func $m "echo") (memory $m "memory") (realloc (func $m "realloc")))))
	(component $App
		(import "log" (func $log (param "text" string)))
		(import "store" (instance $store
			(export "fill" (func)) (export "n" (func (result u64))) (export "get" (func (param "at" u32) (result u32)))
			(export "call" (func (param "slot" u32) (result u32))) (export "again" (func))
			(export "echo" (func (param "text" string) (result string)))))
		(core module $Memory (memory (export "memory") 1) (data (i32.const 64) "logged")
			(global $next (mut i32) (i32.const 4096))
			(func (export "realloc") (param i32 i32 i32 i32) (result i32)
				(global.get $next) (global.set $next (i32.add (global.get $next) (local.get 3)))))
		(core instance $memory (instantiate $Memory))
		(core func $log (canon lower (func $log) (memory $memory "memory")))
		(core func $fill (canon lower (func $store "fill")))
		(core func $n (canon lower (func $store "n")))
		(core func $echo (canon lower (func $store "echo") (memory $memory "memory") (realloc (func $memory "realloc"))))
		(core module $M
			(import "m" "memory" (memory 1)) (import "h" "log" (func $log (param i32 i32))) (import "h" "fill" (func $fill))
			(import "h" "n" (func $n (result i64))) (import "h" "echo" (func $echo (param i32 i32 i32)))
			(func (export "init") (call $fill) (call $echo (i32.const 64) (i32.const 6) (i32.const 512)) (i32.store8 (i32.const 64) (i32.const 76)))
			(func (export "hello") (call $log (i32.const 64) (i32.const 6)))
			(func (export "total") (result i64) (call $n))
			(func (export "trap") unreachable))
		(core instance $m (instantiate $M (with "m" (instance $memory))
			(with "h" (instance (export "log" (func $log)) (export "fill" (func $fill)) (export "n" (func $n)) (export "echo" (func $echo))))))
		(func $init (canon lift (core func $m "init")))
		(func (export "hello") (canon lift (core func $m "hello")))
		(func (export "total") (result u64) (canon lift (core func $m "total")))
		(func (export "trap") (canon lift (core func $m "trap")))
		(instance (export "demo:app/cache") (export "fill" (func $init)))
		(export "store" (instance $store)))
	(instance $store (instantiate $Store))
	(instance $app (instantiate $App (with "log" (func $log)) (with "store" (instance $store))))
	(export "fill" (func $store "fill"))
	(export "hello" (func $app "hello"))
	(export "total" (func $app "total"))
	(export "trap" (func $app "trap"))
	(export "demo:app/cache" (instance $app "demo:app/cache"))
	(export "store" (instance $app "store")))`

// forms are forms of fused components.
var forms = map[string]fusecore.FuseOptions{
	"several memories": {}, "one memory": {Memory: fusecore.SingleMemory}, "without names": {Strip: fusecore.StripAll}, "unshaken": {NoShake: true},
}

func fusedGraph(t *testing.T, wat string, o fusecore.FuseOptions) []byte {
	t.Helper()
	r, err := fusecore.Fuse(t.Context(), fusecore.Graph{Root: fusecore.Input{Name: "graph", Bytes: fromText(t, wat)}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r.Bytes()
}

// TestComponent compares fused components with ones that the host initialises, in wasmtime.
func TestComponent(t *testing.T) {
	calls := []string{"total()", "store#get(16)", "store#get(100)", "store#get(200)", "store#get(196607)", `store#echo("wörld")`, "store#n()", "store#call(0)",
		"store#call(1)", "store#call(2)", "hello()", "store#fill()", "store#n()", "total()", "store#again()"}
	for name, o := range forms {
		for _, init := range []string{"", "fill", "store#fill", "demo:app/cache#fill", "hello", "trap", "total", "store#get", "nothing"} {
			wasm := fusedGraph(t, graphText, o)
			out, err := File(t.Context(), "graph.wasm", wasm, Options{Init: init})
			if want := map[string]string{
				"hello":     `export "hello": it calls the import "log", while it initialises`,
				"trap":      `export "trap": initialisation traps: unreachable`,
				"total":     `export "total": the function that initialises a component has no parameters and no result`,
				"store#get": `export "store#get": the function that initialises a component has no parameters and no result`,
				"nothing":   `export "nothing": the component has no such function of its own (it exports "demo:app/cache#fill", "fill", "hello", "store#again", `,
			}[init]; want != "" {
				if e := (*Error)(nil); !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "graph.wasm: "+want) {
					t.Errorf("%s, %s: %v", name, init, err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s, %s: %v", name, init, err)
			}
			again, err := File(t.Context(), "graph.wasm", wasm, Options{Init: init})
			if err != nil || !bytes.Equal(out.Wasm, again.Wasm) {
				t.Error("the second time, the bytes are others", err)
			}
			before, after := componentIn(t, wasm), componentIn(t, out.Wasm)
			if init != "" {
				if _, err := before.Call(init); err != nil {
					t.Fatal(err)
				}
			}
			for _, call := range calls {
				want, wantErr := before.Invoke(call)
				got, err := after.Invoke(call)
				if got != want || wasmtime.IsTrap(err) != wasmtime.IsTrap(wantErr) {
					t.Errorf("%s, %s, %s: %s %v, without pre-initialisation %s %v", name, init, call, got, err, want, wantErr)
				}
			}
			if got, want := fmt.Sprint(after.Log()), fmt.Sprint(before.Log()); got != want {
				t.Errorf("%s, %s: the host is called with %s, without pre-initialisation %s", name, init, got, want)
			}
		}
	}
}

// componentIn instantiates a component with the import log in wasmtime.
func componentIn(t *testing.T, wasm []byte) *wasmtime.Instance {
	t.Helper()
	e := wasmtime.New(wasmtime.Options{Funcs: map[string]wasmtime.HostFunc{"log": func([]string) (string, error) { return "", nil }}})
	t.Cleanup(e.Close)
	in, err := e.Load(wasm)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Close)
	return in
}

// TestComponentTwice initialises what has been initialised, and fuses it.
func TestComponentTwice(t *testing.T) {
	first, err := File(t.Context(), "graph.wasm", fusedGraph(t, graphText, fusecore.FuseOptions{}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := File(t.Context(), "graph.wasm", first.Wasm, Options{}); err == nil || !strings.Contains(err.Error(), "there is no initialisation to run: the component has no start function") {
		t.Error(err)
	}
	second, err := File(t.Context(), "graph.wasm", first.Wasm, Options{Init: "fill"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := fusecore.Fuse(t.Context(), fusecore.Graph{Root: fusecore.Input{Name: "graph", Bytes: second.Wasm}}, fusecore.FuseOptions{Emit: fusecore.EmitModule})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := File(t.Context(), "graph.core.wasm", r.Bytes(), Options{}); err != nil {
		t.Error(err)
	}
	in := componentIn(t, second.Wasm)
	for call, want := range map[string]string{"store#get(100)": "1", "store#get(196607)": "77", "store#n()": "4294967297"} {
		if got, err := in.Invoke(call); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", call, got, err, want)
		}
	}
}

func TestComponentRefusals(t *testing.T) {
	for _, c := range []struct {
		name, wat, want string
		o               Options
	}{
		{"not fused", graphText, "it has several components with code, root/", Options{}},
		{"WASI", `(component (core module $M (start $f) (func $f)) (core instance (instantiate $M)))`, "this is a component, whose initialisation can call no import", Options{WASI: &WASI{}}},
		{"function of another instance", `(component (core module $A (func (export "f"))) (core module $B (import "a" "f" (func $f)) (start $f))
			(core instance $a (instantiate $A)) (core instance (instantiate $B (with "a" (instance $a)))))`, "imports a func of another core instance", Options{}},
		{"start function of another instance", `(component (core module $A (start $f) (func $f)) (core module $B (start $f) (func $f))
			(core instance (instantiate $A)) (core instance (instantiate $B)))`, "is more than a memory or a table of", Options{}},
		{"instance that exists twice", `(component (core module $A (memory (export "m") 1)) (core module $B (import "a" "m" (memory 1)) (import "b" "m" (memory 1)) (start $f) (func $f))
			(core instance $a (instantiate $A)) (core instance $b (instantiate $A)) (core instance (instantiate $B (with "a" (instance $a)) (with "b" (instance $b)))))`,
			"is more than a memory or a table of", Options{}},
		{"memory under two names", `(component (core module $A (memory (export "m") 1)) (core module $B (import "a" "m" (memory 1)) (import "b" "m" (memory 1)) (start $f) (func $f))
			(core instance $a (instantiate $A)) (core instance (instantiate $B (with "a" (instance $a)) (with "b" (instance $a)))))`,
			"imports a memory of another core instance", Options{}},
		{"module of a nested component", `(component (component $C (core module $M (func (export "f"))) (core instance $m (instantiate $M)) (func (export "f") (canon lift (core func $m "f"))))
			(instance $c (instantiate $C)) (export "f" (func $c "f")))`, "is in another component", Options{Init: "f"}},
		{"data of a holder at the place that a global says", `(component (core module $A (global $g i32 (i32.const 8)) (memory (export "m") 1) (data (global.get $g) "abc"))
			(core module $B (import "a" "m" (memory 1)) (global i32 (i32.const 100)) (start $f) (func $f))
			(core instance $a (instantiate $A)) (core instance (instantiate $B (with "a" (instance $a)))))`, "depends on a global", Options{}},
		{"function of the host", `(component (import "f" (func $f)) (core module $M) (core instance (instantiate $M)) (export "g" (func $f)))`,
			`export "g": the component has no such function of its own (it exports none without parameters and result)`, Options{Init: "g"}},
	} {
		_, err := File(t.Context(), "case.wasm", fromText(t, c.wat), c.o)
		if e := (*Error)(nil); !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "case.wasm: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
