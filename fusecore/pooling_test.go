package fusecore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/echogen"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/seeds"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// pooledWorlds is the number of seeds that TestPooledWorlds tries; FUSE_WORLDS changes it, as N or FROM:N.
const pooledWorlds = 100

// unpooled lists the graphs whose fused form does not fit in pools of the default sizes, with the engine's reason.
var unpooled = map[string]string{
	"inst-gc-identity": "defined tables count of 2", // which cannot be null; the composition does not fit either
}

// tooLargeForPools reports whether an engine refuses a component because of the sizes of its pools. WASMTIME_POOLING=on gives
// them to all engines.
func tooLargeForPools(err error) bool {
	return strings.Contains(err.Error(), "does not fit in pooling allocator requirements")
}

// TestPooling instantiates fused components in an engine that takes memories and tables from pools of the default sizes,
// as servers do. It must do what one does that allocates on demand.
func TestPooling(t *testing.T) {
	for _, c := range []collection{examples, asyncExamples, resources, cases, async} {
		for _, sub := range c.subjects(t) {
			if sub.s.Part {
				continue
			}
			t.Run(c.name+"/"+sub.name, func(t *testing.T) {
				wasm := sub.fuse(t)
				load := func(pooling bool) string {
					o := sub.s.Options()
					o.Pooling = pooling
					e := wasmtime.New(o)
					defer e.Close()
					in, err := e.Load(wasm)
					if err != nil {
						return err.Error()
					}
					in.Close()
					return ""
				}
				want, got := load(false), load(true)
				if reason := unpooled[sub.name]; reason != "" {
					if !strings.Contains(got, reason) {
						t.Errorf("%q, want %q", got, reason)
					}
				} else if got != want {
					t.Errorf("%s\n\non demand: %s", got, want)
				}
			})
		}
	}
}

// TestPooledWorlds runs fused pairs with random worlds in such an engine.
func TestPooledWorlds(t *testing.T) {
	t.Setenv("WASMTIME_POOLING", "on")
	from, to := seeds.Of(t, "FUSE_WORLDS", pooledWorlds)
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			c := echogen.Generate(seed, seed%2 == 1)
			checkWorld(t, "fused", c, wasmOf(t, fuse, pairOf(c)))
		})
	}
}

// TestManyMemories runs components whose fused form would have more memories or tables in one module than engines accept, in
// pools too: there are several modules. Half of the graphs have memories for tables of handles in addition.
func TestManyMemories(t *testing.T) {
	const component = `(component $C
		(core module $M (memory 1) (data (i32.const 8) "\07") (type $f (func (result i32))) (table funcref (elem $one))
			(func $one (result i32) (i32.const 1))
			(func (export "f") (result i32) (i32.add (call_indirect (type $f) (i32.const 0)) (i32.load8_u (i32.const 8)))))
		(core instance $m (instantiate $M))
		(func (export "f") (result u32) (canon lift (core func $m "f"))))`
	const maker = `(component $Maker
		(type $r' (resource (rep i32)))
		(core func $new (canon resource.new $r'))
		(core module $M (import "" "new" (func $new (param i32) (result i32))) (memory 1) (func (export "make") (result i32) (call $new (i32.const 7))))
		(core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
		(export $r "r" (type $r'))
		(func (export "make") (result (own $r)) (canon lift (core func $m "make"))))
		(instance $maker (instantiate $Maker))`
	const holder = `(component $C
		(import "a" (instance $a (export "r" (type $r (sub resource))) (export "make" (func (result (own $r))))))
		(alias export $a "r" (type $r))
		(core func $make (canon lower (func $a "make")))
		(core func $drop (canon resource.drop $r))
		(core module $M (import "" "make" (func $make (result i32))) (import "" "drop" (func $drop (param i32)))
			(memory 1) (data (i32.const 8) "\07")
			(func (export "f") (result i32) (local $h i32) (local.set $h (call $make)) (call $drop (local.get $h)) (i32.add (local.get $h) (i32.load8_u (i32.const 8)))))
		(core instance $m (instantiate $M (with "" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
		(func (export "f") (result u32) (canon lift (core func $m "f"))))`
	for _, tc := range []struct {
		name, definitions, args string
		n, modules              int
	}{
		{"memories", component, "", 100, 1},
		{"memories", component, "", 101, 2},
		{"memories", component, "", 250, 4},
		{"handles", maker + holder, `(with "a" (instance $maker))`, 99, 1}, // with that of tables, and without the maker's, which nothing uses
		{"handles", maker + holder, `(with "a" (instance $maker))`, 100, 2},
		{"handles", maker + holder, `(with "a" (instance $maker))`, 250, 4},
	} {
		t.Run(fmt.Sprintf("%s-%d", tc.name, tc.n), func(t *testing.T) {
			var text strings.Builder
			fmt.Fprintf(&text, "(component %s", tc.definitions)
			for i := range tc.n {
				fmt.Fprintf(&text, "(instance $i%d (instantiate $C %s)) (export \"f%d\" (func $i%d \"f\"))\n", i, tc.args, i, i)
			}
			wasm, err := wasmtime.Text(text.String() + ")")
			if err != nil {
				t.Fatal(err)
			}
			in := single("many", wasm)
			out, err := fuseOrKeep(fusecore.FuseOptions{})(in)
			if err != nil {
				t.Fatal(err)
			}
			if out.Report.Modules != tc.modules || len(out.Report.Kept) > 0 {
				t.Errorf("%v, want %d modules", out.Report, tc.modules)
			}
			for form, wasm := range map[string][]byte{"composed": wasmOf(t, compose, in), "fused": out.Bytes()} {
				p := start(t, wasmtime.Options{Pooling: true}, wasm)
				for _, i := range []int{0, 1, tc.n / 2, tc.n - 1} {
					if got, err := p.Call(fmt.Sprintf("f%d", i)); got != "8" || err != nil {
						t.Errorf("%s: f%d = %s, %v", form, i, got, err)
					}
				}
			}
		})
	}
}
