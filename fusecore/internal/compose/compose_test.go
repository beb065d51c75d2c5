package compose_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
)

// register decodes a component and adds it to a composition.
func register(t *testing.T, g *compose.Graph, name string, c *component.Component) compose.ComponentID {
	t.Helper()
	s, err := validate.Options{}.Surface(c)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	graph, err := instantiate.Surfaced(c, s)
	if err != nil {
		t.Fatal(err)
	}
	return g.Register(compose.Component{Name: name, Comp: c, World: &graph.World})
}

func stubComponent(t *testing.T, w world.World) *component.Component {
	t.Helper()
	c, err := stub.Component(w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func text(t *testing.T, g *compose.Graph, name, wat string) compose.ComponentID {
	t.Helper()
	wasm, err := wasmtime.Text(wat)
	if err != nil {
		t.Fatal(err)
	}
	c, err := decode.Component(wasm)
	if err != nil {
		t.Fatal(err)
	}
	return register(t, g, name, c)
}

func set(t *testing.T, g *compose.Graph, in compose.InstanceID, name string, it compose.Item) {
	t.Helper()
	if err := g.SetArgument(in, name, it); err != nil {
		t.Fatal(err)
	}
}

// Constants, in an interface that is exported within another one.
const constants = `(component
  (core module $m (func (export "two") (result i32) (i32.const 2)) (func (export "five") (result i32) (i32.const 5)))
  (core instance $i (instantiate $m))
  (func $two (result u32) (canon lift (core func $i "two")))
  (func $five (result u32) (canon lift (core func $i "five")))
  (instance $inner (export "two" (func $two)) (export "five" (func $five)))
  (instance $outer (export "numbers" (instance $inner)))
  (export "all" (instance $outer)))`

// A counter that counts in steps, which it imports.
const counter = `(component
  (import "step" (func $step (result u32)))
  (core func $core-step (canon lower (func $step)))
  (core module $m
    (import "" "step" (func $step (result i32)))
    (global $n (mut i32) (i32.const 0))
    (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (call $step))) (global.get $n)))
  (core instance $i (instantiate $m (with "" (instance (export "step" (func $core-step))))))
  (func $next (result u32) (canon lift (core func $i "next")))
  (instance $x (export "next" (func $next)))
  (export "t:c/counter@1.0.0" (instance $x)))`

// Returns 100 times the next value of one counter plus that of another, both imported as instances, times the imported
// scale.
const both = `(component
  (import "a" (instance $a (export "next" (func (result u32)))))
  (import "b" (instance $b (export "t:c/counter@1.0.0" (instance (export "next" (func (result u32)))))))
  (import "scale" (func $scale (result u32)))
  (alias export $b "t:c/counter@1.0.0" (instance $bc))
  (core func $a-next (canon lower (func $a "next")))
  (core func $b-next (canon lower (func $bc "next")))
  (core func $core-scale (canon lower (func $scale)))
  (core module $m
    (import "" "a" (func $a (result i32)))
    (import "" "b" (func $b (result i32)))
    (import "" "scale" (func $scale (result i32)))
    (func (export "run") (result i32) (i32.add (i32.mul (call $scale) (call $a)) (call $b))))
  (core instance $i (instantiate $m (with "" (instance (export "a" (func $a-next)) (export "b" (func $b-next)) (export "scale" (func $core-scale))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))`

// TestGraph writes and runs a composition that matching by name cannot express: two instances of one component with
// different arguments, which alias exports of exports, an argument that is a whole instance, and an import and exports
// under other names.
func TestGraph(t *testing.T) {
	g := &compose.Graph{Name: "all"}
	c := g.Instantiate("constants", text(t, g, "constants", constants))
	count := text(t, g, "counter", counter)
	twos, fives := g.Instantiate("twos", count), g.Instantiate("fives", count)
	set(t, g, twos, "step", compose.Alias(c, "all", "numbers", "two"))
	set(t, g, fives, "step", compose.Alias(c, "all", "numbers", "five"))
	run := g.Instantiate("both", text(t, g, "both", both))
	set(t, g, run, "a", compose.Alias(twos, "t:c/counter@1.0.0"))
	set(t, g, run, "b", compose.Alias(fives))
	set(t, g, run, "scale", compose.Import("factor"))
	g.Export("total", compose.Alias(run, "run"))
	g.Export("t:c/fives", compose.Alias(fives, "t:c/counter@1.0.0"))
	out, err := compose.Write(g)
	if err != nil {
		t.Fatal(err)
	}
	composed := encode.Component(out)
	if n := bytes.Count(composed, g.Components[count].Comp.Bytes); n != 1 {
		t.Errorf("the component that is instantiated twice is embedded %d times", n)
	}
	fused, err := fusecore.Fuse(t.Context(), fusecore.Graph{Root: fusecore.Input{Name: "all", Bytes: composed}}, fusecore.FuseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e := wasmtime.New(wasmtime.Options{Funcs: map[string]wasmtime.HostFunc{"factor": func([]string) (string, error) { return "100", nil }}})
	defer e.Close()
	for what, wasm := range map[string][]byte{"composed": composed, "fused": fused.Bytes()} {
		in, err := e.Load(wasm)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		defer in.Close()
		for _, call := range []struct{ name, want string }{
			{"total", "205"}, {"total", "410"}, {"t:c/fives#next", "15"}, {"total", "620"},
		} {
			if got, err := in.Call(call.name); err != nil || got != call.want {
				t.Errorf("%s: %s returns %s (%v), want %s", what, call.name, got, err, call.want)
			}
		}
	}
}

// TestResourcesOfInstances checks that two instances of one component define two resource types.
func TestResourcesOfInstances(t *testing.T) {
	iface := func(name string, r *ctypes.Resource, funcs ...world.Item) world.Item {
		return stub.Instance(name, append([]world.Item{stub.Resource("r", r)}, funcs...)...)
	}
	defines := func() *component.Component {
		r := &ctypes.Resource{Name: "r"}
		return stubComponent(t, world.World{Exports: []world.Item{
			iface("make", r, stub.Func("new", stub.Own(r))), iface("use", r, stub.Func("take", nil, "r", stub.Own(r))),
		}})
	}
	user := func() *component.Component {
		r := &ctypes.Resource{Name: "r"}
		return stubComponent(t, world.World{
			Imports: []world.Item{iface("make", r, stub.Func("new", stub.Own(r))), iface("use", r, stub.Func("take", nil, "r", stub.Own(r)))},
			Exports: []world.Item{stub.Func("run", nil)},
		})
	}
	for _, c := range []struct{ make, use, want string }{
		{"one", "one", ""},
		{"two", "two", ""},
		{"one", "two", `user: import "use": type "r": the resource type is defined by one for user, but defined by two where two exports it`},
	} {
		g := &compose.Graph{}
		def := register(t, g, "def", defines())
		at := map[string]compose.InstanceID{"one": g.Instantiate("one", def), "two": g.Instantiate("two", def)}
		u := g.Instantiate("user", register(t, g, "user", user()))
		set(t, g, u, "make", compose.Alias(at[c.make], "make"))
		set(t, g, u, "use", compose.Alias(at[c.use], "use"))
		g.Export("run", compose.Alias(u, "run"))
		out, err := compose.Write(g)
		switch {
		case c.want == "" && err == nil:
			if err := validate.Component(out); err != nil {
				t.Errorf("%s and %s: %v", c.make, c.use, err)
			}
		case c.want == "" || err == nil || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s and %s: %v, want %q", c.make, c.use, err, c.want)
		}
	}
}

// TestExportedImport checks that an import of the result can also be exported.
func TestExportedImport(t *testing.T) {
	g := &compose.Graph{}
	in := g.Instantiate("a", register(t, g, "a", stubComponent(t, world.World{Imports: []world.Item{stub.Func("f", stub.Prim(ctypes.U8))}})))
	set(t, g, in, "f", compose.Import("g"))
	g.Export("h", compose.Import("g"))
	out, err := compose.Write(g)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := instantiate.Component(out)
	if err != nil {
		t.Fatal(err)
	}
	const want = "import g: func() -> u8\nexport h = import g\n"
	if got := stub.Print(graph.World); got != want {
		t.Errorf("world:\n%s\nexpected:\n%s", got, want)
	}
}

func TestReferences(t *testing.T) {
	f := stub.Func("f", nil)
	for want, change := range map[string]func(g *compose.Graph, a, b compose.InstanceID) error{
		`a: import "x": the component does not import it (it imports "f")`: func(g *compose.Graph, a, _ compose.InstanceID) error {
			return g.SetArgument(a, "x", compose.Item{})
		},
		`argument "f" of b: a does not export "x/y" (it exports "f")`: func(g *compose.Graph, a, b compose.InstanceID) error {
			return g.SetArgument(b, "f", compose.Alias(a, "x", "y"))
		},
		`argument "f" of a: instance 1 is not made before it`: func(g *compose.Graph, a, b compose.InstanceID) error {
			return g.SetArgument(a, "f", compose.Alias(b, "f"))
		},
		`b: import "f": b expects a function, a exports an instance as "a" (build the components against the same version of the interface)`: func(g *compose.Graph, a, b compose.InstanceID) error {
			return g.SetArgument(b, "f", compose.Alias(a))
		},
		`export "e": a does not export "x" (it exports "f")`: func(g *compose.Graph, a, _ compose.InstanceID) error {
			g.Export("e", compose.Alias(a, "x"))
			return nil
		},
		`export "e": the composition does not import "x" (it imports "f")`: func(g *compose.Graph, _, _ compose.InstanceID) error {
			g.Export("e", compose.Import("x"))
			return nil
		},
		`instance "c": there is no component 7`: func(g *compose.Graph, _, _ compose.InstanceID) error {
			g.Instances = append(g.Instances, compose.Instance{Name: "c", Component: 7})
			return nil
		},
		`instance "c": 0 arguments for 1 imports`: func(g *compose.Graph, _, _ compose.InstanceID) error {
			g.Instances = append(g.Instances, compose.Instance{Name: "c"})
			return nil
		},
	} {
		g := &compose.Graph{}
		c := register(t, g, "c", stubComponent(t, world.World{Imports: []world.Item{f}, Exports: []world.Item{f}}))
		err := change(g, g.Instantiate("a", c), g.Instantiate("b", c))
		if err == nil {
			_, err = compose.Write(g)
		}
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
