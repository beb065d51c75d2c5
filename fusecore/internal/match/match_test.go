package match_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/match"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

type items = []world.Item

var u32, u64, str = stub.Prim(ctypes.U32), stub.Prim(ctypes.U64), stub.Prim(ctypes.String)

// file returns an input with a world.
func file(t *testing.T, name string, w world.World) match.Input {
	t.Helper()
	c, err := stub.Component(w)
	if err != nil {
		t.Fatal(err)
	}
	s, err := validate.Options{}.Surface(c)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	g, err := instantiate.Surfaced(c, s)
	if err != nil {
		t.Fatal(err)
	}
	return match.Input{Name: name, Comp: c, World: &g.World}
}

// point, res and the like return new types each time, as separately built components have them.
func point() *ctypes.Type            { return stub.Record("x", u32, "y", u32) }
func resource() *ctypes.Resource     { return &ctypes.Resource{Name: "res"} }
func imports(is ...world.Item) items { return is }

// apiA is an interface with a record and a resource, apiB one that uses both. The returned types are apiA's.
func apiA(name string) (world.Item, *ctypes.Type, *ctypes.Resource) {
	p, r := point(), resource()
	return stub.Instance(name, stub.Type("point", p), stub.Resource("res", r),
		stub.Func("[constructor]res", stub.Own(r), "p", p), stub.Func("move", p, "p", p)), p, r
}

func apiB(name string, p *ctypes.Type, r *ctypes.Resource) world.Item {
	return stub.Instance(name, stub.Type("point", p), stub.Resource("res", r), stub.Func("wrap", stub.Own(r), "r", stub.Own(r), "p", p))
}

func ab() (a, b world.Item) {
	a, p, r := apiA("t:w/a@1.0.0")
	return a, apiB("t:w/b@1.0.0", p, r)
}

// printed returns the imports and exports of a linked component, as stub.Print writes them.
func printed(t *testing.T, c *component.Component) string {
	t.Helper()
	g, err := instantiate.Component(c)
	if err != nil {
		t.Fatal(err)
	}
	return stub.Print(g.World)
}

func TestComposition(t *testing.T) {
	run := stub.Func("run", u32)
	for _, tc := range []struct {
		name   string
		inputs func() []match.Input
		opts   match.Options
		order  string
		args   string
		want   string
	}{
		{
			name: "a pair",
			inputs: func() []match.Input {
				a, _, _ := apiA("t:w/a@1.0.0")
				a2, _, _ := apiA("t:w/a@1.0.0")
				return []match.Input{
					file(t, "dir/root.wasm", world.World{Imports: imports(a), Exports: items{run}}),
					file(t, "dep.wasm", world.World{Exports: items{a2}}),
				}
			},
			order: "dep root",
			args:  "dir/root.wasm t:w/a@1.0.0 <- dep.wasm t:w/a@1.0.0",
			want:  "export run: func() -> u32\n",
		},
		{
			name: "one resource type through three components, dependencies in any order",
			inputs: func() []match.Input {
				a, b := ab()
				a2, b2 := ab()
				a3, _ := ab()
				return []match.Input{
					file(t, "root.wasm", world.World{Imports: items{a, b}, Exports: items{run}}),
					file(t, "b.wasm", world.World{Imports: items{a2}, Exports: items{b2}}),
					file(t, "a.wasm", world.World{Exports: items{a3}}),
				}
			},
			order: "a b root",
			args:  "root.wasm t:w/a@1.0.0 <- a.wasm t:w/a@1.0.0\nroot.wasm t:w/b@1.0.0 <- b.wasm t:w/b@1.0.0\nb.wasm t:w/a@1.0.0 <- a.wasm t:w/a@1.0.0",
			want:  "export run: func() -> u32\n",
		},
		{
			name: "an import is declared before imports that use its types as another component exports them",
			inputs: func() []match.Input {
				r, r2 := resource(), resource()
				p := &ctypes.Type{Kind: ctypes.Record, Fields: []ctypes.Field{{Label: "x", Type: u32}}}
				p2 := &ctypes.Type{Kind: ctypes.Record, Fields: []ctypes.Field{{Label: "x", Type: u32}}}
				return []match.Input{
					file(t, "root.wasm", world.World{Imports: items{
						stub.Func("k", nil),
						stub.Instance("t:w/a2", stub.Type("point", p2), stub.Resource("res", r2)),
						stub.Instance("t:w/z", stub.Func("f", nil, "r", stub.Own(r2), "p", p2)),
					}, Exports: items{run}}),
					file(t, "k.wasm", world.World{Imports: items{stub.Instance("t:w/z", stub.Func("g", nil))}, Exports: items{stub.Func("k", nil)}}),
					file(t, "a.wasm", world.World{
						Imports: items{stub.Instance("t:w/a", stub.Type("point", p), stub.Resource("res", r))},
						Exports: items{stub.Instance("t:w/a2", stub.Type("point", p), stub.Resource("res", r))},
					}),
				}
			},
			order: "k a root",
			args:  "root.wasm k <- k.wasm k\nroot.wasm t:w/a2 <- a.wasm t:w/a2\nroot.wasm t:w/z <-\nk.wasm t:w/z <-\na.wasm t:w/a <-",
			want: `import t:w/a2:
  point: type point#1 = record{x: u32}
import t:w/a:
  point: type point#2 = record{x: u32}
  res: resource res#3
import t:w/z:
  g: func()
  f: func(r: own res#3, p: point#1)
export run: func() -> u32
`,
		},
		{
			name: "imports that two components share are one import with what both need",
			inputs: func() []match.Input {
				r := resource()
				less := stub.Instance("t:w/a@1.0.0", stub.Resource("res", r), stub.Func("only", u32, "r", stub.Borrow(r)))
				a, _ := ab()
				return []match.Input{
					file(t, "root.wasm", world.World{Imports: items{stub.Func("go", nil), less}, Exports: items{run}}),
					file(t, "dep.wasm", world.World{Imports: items{a}, Exports: items{stub.Func("go", nil), stub.Func("unused", nil)}}),
				}
			},
			order: "dep root",
			args:  "root.wasm go <- dep.wasm go\nroot.wasm t:w/a@1.0.0 <-\ndep.wasm t:w/a@1.0.0 <-",
			want: `import t:w/a@1.0.0:
  point: type point#1 = record{x: u32, y: u32}
  res: resource res#2
  [constructor]res: func(p: point#1) -> own res#2
  move: func(p: point#1) -> point#1
  only: func(r: borrow res#2) -> u32
export run: func() -> u32
`,
		},
		{
			name: "versions of one track are one import, under the highest; exports may be newer",
			inputs: func() []match.Input {
				a, _, _ := apiA("t:w/a@0.2.0")
				newA, p, r := apiA("t:w/a@0.2.10")
				b := apiB("t:w/b@1.1.0", p, r)
				otherA, q, s := apiA("t:w/a@0.2.9")
				newB := apiB("t:w/b@1.3.0", q, s)
				return []match.Input{
					file(t, "root.wasm", world.World{Imports: items{a, newA, b}, Exports: items{run}}),
					file(t, "dep.wasm", world.World{Imports: items{otherA}, Exports: items{newB}}),
				}
			},
			order: "dep root",
			args:  "root.wasm t:w/a@0.2.0 <-\nroot.wasm t:w/a@0.2.10 <-\nroot.wasm t:w/b@1.1.0 <- dep.wasm t:w/b@1.3.0\ndep.wasm t:w/a@0.2.9 <-",
			want: `import t:w/a@0.2.10:
  point: type point#1 = record{x: u32, y: u32}
  res: resource res#2
  [constructor]res: func(p: point#1) -> own res#2
  move: func(p: point#1) -> point#1
export run: func() -> u32
`,
		},
		{
			name: "one component knows what the other does not: that two interfaces share a resource type",
			inputs: func() []match.Input {
				_, p, r := apiA("unused:w/x")
				b := apiB("t:w/b@1.0.0", p, r)
				a2, b2 := ab()
				return []match.Input{
					file(t, "root.wasm", world.World{Imports: items{b, stub.Func("go", nil)}, Exports: items{run}}),
					file(t, "dep.wasm", world.World{Imports: items{a2, b2}, Exports: items{stub.Func("go", nil)}}),
				}
			},
			order: "dep root",
			args:  "root.wasm t:w/b@1.0.0 <-\nroot.wasm go <- dep.wasm go\ndep.wasm t:w/a@1.0.0 <-\ndep.wasm t:w/b@1.0.0 <-",
			want: `import t:w/a@1.0.0:
  point: type point#1 = record{x: u32, y: u32}
  res: resource res#2
  [constructor]res: func(p: point#1) -> own res#2
  move: func(p: point#1) -> point#1
import t:w/b@1.0.0:
  point = point#1
  res = res#2
  wrap: func(r: own res#2, p: point#1) -> own res#2
export run: func() -> u32
`,
		},
		{
			name: "types of the root's world, of a supplied interface and of its own",
			inputs: func() []match.Input {
				a, p, r := apiA("t:w/a@1.0.0")
				color := stub.Enum("red", "green")
				a2, _, _ := apiA("t:w/a@1.0.0")
				return []match.Input{
					file(t, "root.wasm", world.World{
						Imports: items{a, stub.Type("point", p), stub.Resource("res", r), stub.Type("color", color), stub.Func("paint", color)},
						Exports: items{stub.Func("run", color), apiB("t:w/b@1.0.0", p, r)},
					}),
					file(t, "dep.wasm", world.World{Exports: items{a2}}),
				}
			},
			order: "dep root",
			args:  "root.wasm t:w/a@1.0.0 <- dep.wasm t:w/a@1.0.0\nroot.wasm point <-\nroot.wasm res <-\nroot.wasm color <-\nroot.wasm paint <-",
			want: `import color: type color#1 = enum{red, green}
import paint: func() -> color#1
export run: func() -> color#1
export t:w/b@1.0.0:
  point: type point#2 = record{x: u32, y: u32}
  res: resource res#3
  wrap: func(r: own res#3, p: point#2) -> own res#3
`,
		},
		{
			name: "types that the root exports",
			inputs: func() []match.Input {
				p, r := point(), resource()
				return []match.Input{
					file(t, "root.wasm", world.World{
						Imports: items{stub.Func("go", nil)},
						Exports: items{stub.Type("point", p), stub.Resource("res", r), stub.Func("run", p, "r", stub.Own(r))},
					}),
					file(t, "dep.wasm", world.World{Exports: items{stub.Func("go", nil)}}),
				}
			},
			order: "dep root",
			args:  "root.wasm go <- dep.wasm go",
			want: `export point: type point#1 = record{x: u32, y: u32}
export res: resource res#2
export run: func(r: own res#2) -> point#1
`,
		},
		{
			name: "a middleware between the root and a provider, wired by hand",
			inputs: func() []match.Input {
				a, _ := ab()
				a2, _ := ab()
				a3, _ := ab()
				a4, _ := ab()
				return []match.Input{
					file(t, "root.wasm", world.World{Imports: items{a}, Exports: items{run}}),
					file(t, "middle.wasm", world.World{Imports: items{a2}, Exports: items{a3}}),
					file(t, "last.wasm", world.World{Exports: items{a4}}),
				}
			},
			opts: match.Options{Plugs: []match.Plug{
				{Importer: "root", Import: "t:w/a@1.0.0", Provider: "middle.wasm", Export: "t:w/a@1.0.0"},
				{Importer: "middle", Import: "t:w/a@1.0.0", Provider: "last"},
			}},
			order: "last middle root",
			args:  "root.wasm t:w/a@1.0.0 <- middle.wasm t:w/a@1.0.0\nmiddle.wasm t:w/a@1.0.0 <- last.wasm t:w/a@1.0.0",
			want:  "export run: func() -> u32\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inputs := tc.inputs()
			g, c := compositionOf(t, inputs, tc.opts)
			if err := validate.Component(c); err != nil {
				t.Fatal(err)
			}
			if got := printed(t, c); got != tc.want {
				t.Errorf("world:\n%s\nexpected:\n%s", got, tc.want)
			}
			if got := order(g); got != tc.order {
				t.Errorf("order %q, expected %q", got, tc.order)
			}
			if got := strings.Join(arguments(inputs, g), "\n"); got != tc.args {
				t.Errorf("arguments:\n%s\nexpected:\n%s", got, tc.args)
			}
			if _, again := compositionOf(t, tc.inputs(), tc.opts); !bytes.Equal(encode.Component(again), encode.Component(c)) {
				t.Error("composing again writes other bytes")
			}
		})
	}
}

// compositionOf composes inputs and writes the composition.
func compositionOf(t *testing.T, inputs []match.Input, o match.Options) (*compose.Graph, *component.Component) {
	t.Helper()
	g, _, err := match.Composition(inputs, o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := compose.Write(g)
	if err != nil {
		t.Fatal(err)
	}
	return g, c
}

// order lists the instances.
func order(g *compose.Graph) string {
	var names []string
	for i := range g.Instances {
		names = append(names, g.Instances[i].Name)
	}
	return strings.Join(names, " ")
}

// arguments lists the suppliers of the imports of each input.
func arguments(inputs []match.Input, g *compose.Graph) (out []string) {
	for _, in := range inputs {
		at := slices.IndexFunc(g.Instances, func(i compose.Instance) bool { return i.Label == in.Name })
		if at < 0 {
			continue
		}
		for pos, a := range g.Instances[at].Args {
			line := in.Name + " " + in.World.Imports[pos].Name + " <-"
			if a.Kind == compose.FromInstance {
				line += " " + g.Instances[a.Instance].Label + " " + strings.Join(a.Path, "/")
			}
			out = append(out, line)
		}
	}
	return out
}

func TestInputsAreEmbeddedAsTheyAre(t *testing.T) {
	root := file(t, "root.wasm", world.World{Imports: items{stub.Func("go", nil)}, Exports: items{stub.Func("run", u32)}})
	dep := file(t, "dep.wasm", world.World{Exports: items{stub.Func("go", nil)}})
	_, c := compositionOf(t, []match.Input{root, dep}, match.Options{})
	wasm := encode.Component(c)
	for _, in := range []match.Input{root, dep} {
		if !bytes.Contains(wasm, in.Comp.Bytes) {
			t.Errorf("the result does not contain the bytes of %s", in.Name)
		}
	}
	back, err := decode.Component(wasm)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(back.Names, func(n component.SortNames) bool { return n.Sort == component.SortInstance })
	if i < 0 || len(back.Names[i].Names) != 2 || back.Names[i].Names[0].Name != "dep" || back.Names[i].Names[1].Name != "root" {
		t.Errorf("instances are named %v, expected dep and root", back.Names)
	}
	g, err := instantiate.Component(c)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, inst := range g.Insts {
		paths = append(paths, inst.Path)
	}
	if got := strings.Join(paths, " "); got != "host root root/dep root/root" {
		t.Errorf("paths %q", got)
	}
}

func TestErrors(t *testing.T) {
	fn := func(name string, result *ctypes.Type) world.Item { return stub.Func(name, result) }
	iface := func(name string, is ...world.Item) world.Item { return stub.Instance(name, is...) }
	one := iface("t:w/a@1.0.0", fn("f", u32))
	oldOne, newOne := iface("t:w/a@1.1.0", fn("f", u32)), iface("t:w/a@1.2.0", fn("f", u32))
	user := world.World{Imports: items{one}, Exports: items{fn("run", u32)}}
	type in struct {
		name string
		w    world.World
	}
	for _, tc := range []struct {
		name   string
		inputs func() []in
		plug   []match.Plug
		want   string
	}{
		{"no input", func() []in { return nil }, nil, "there is no component to link"},
		{"the same file twice", func() []in { return []in{{"a.wasm", user}, {"a.wasm", user}} }, nil,
			`a.wasm: the component is listed twice (name each input once; a dependency serves every component that imports from it. For two instances of one file give it two names: --name one=a.wasm --name two=a.wasm)`},
		{"unused dependency", func() []in {
			return []in{{"root.wasm", user}, {"dep.wasm", world.World{Exports: items{fn("x", nil), fn("y", nil)}}}}
		}, nil, `dep.wasm: nothing imports from this dependency: it exports "x", "y" (remove it from the command line: it satisfies no remaining import)`},
		{"two dependencies export it", func() []in {
			return []in{{"root.wasm", user}, {"d1.wasm", world.World{Exports: items{one}}}, {"d2.wasm", world.World{Exports: items{one}}}}
		}, nil, `root.wasm: import "t:w/a@1.0.0": two dependencies can supply it: d1.wasm exports "t:w/a@1.0.0", d2.wasm exports "t:w/a@1.0.0" ` +
			`(remove all but one from the command line, or if all are needed choose with a wiring: --plug root:t:w/a@1.0.0=d1 or --plug root:t:w/a@1.0.0=d2)`},
		{"two dependencies export it on one track", func() []in {
			return []in{{"root.wasm", user}, {"d1.wasm", world.World{Exports: items{oldOne}}}, {"d2.wasm", world.World{Exports: items{newOne}}}}
		}, nil, `two dependencies can supply it: d1.wasm exports "t:w/a@1.1.0", d2.wasm exports "t:w/a@1.2.0" (remove all but one from the command line, or if all are needed choose with a wiring: ` +
			`--plug root:t:w/a@1.0.0=d1:t:w/a@1.1.0 or --plug root:t:w/a@1.0.0=d2:t:w/a@1.2.0)`},
		{"only an older version", func() []in {
			return []in{{"root.wasm", world.World{Imports: items{newOne}}}, {"dep.wasm", world.World{Exports: items{oldOne}}}}
		}, nil, `root.wasm: import "t:w/a@1.2.0": dep.wasm exports only the older "t:w/a@1.1.0" ` +
			`(update dep.wasm, or accept it with a wiring: --plug root:t:w/a@1.2.0=dep:t:w/a@1.1.0)`},
		{"circle", func() []in {
			b := iface("t:w/b", fn("g", nil))
			return []in{{"root.wasm", user}, {"a.wasm", world.World{Imports: items{b}, Exports: items{one}}}, {"b.wasm", world.World{Imports: items{one}, Exports: items{b}}}}
		}, nil, `components depend on each other in a cycle: a.wasm imports "t:w/b" from b.wasm, b.wasm imports "t:w/a@1.0.0" from a.wasm (`},
		{"function types differ", func() []in {
			return []in{{"root.wasm", user}, {"dep.wasm", world.World{Exports: items{iface("t:w/a@1.0.0", stub.Func("f", u64, "x", str))}}}}
		}, nil, `root.wasm: import "t:w/a@1.0.0": function "f": root.wasm expects func() -> u32, dep.wasm exports func(x: string) -> u64; the difference: 0 and 1 parameters ` +
			`(build the components against the same version of the interface)`},
		{"type definitions differ", func() []in {
			p, q := point(), stub.Record("x", u32, "z", u32)
			return []in{{"root.wasm", world.World{Imports: items{iface("t:w/a", stub.Type("p", p))}}},
				{"dep.wasm", world.World{Exports: items{iface("t:w/a", stub.Type("p", q))}}}}
		}, nil, `root.wasm: import "t:w/a": type "p": root.wasm expects record { x: u32, y: u32 }, dep.wasm exports record { x: u32, z: u32 }; the difference: ` +
			`record: part 2 is "y" and "z" (build the components against the same version of the interface)`},
		{"a resource and a record", func() []in {
			return []in{{"root.wasm", world.World{Imports: items{iface("t:w/a", stub.Resource("p", resource()))}}},
				{"dep.wasm", world.World{Exports: items{iface("t:w/a", stub.Type("p", point()))}}}}
		}, nil, `type "p": root.wasm expects a resource type, dep.wasm exports record { x: u32, y: u32 }`},
		{"a missing item", func() []in {
			return []in{{"root.wasm", user}, {"dep.wasm", world.World{Exports: items{iface("t:w/a@1.0.0", fn("g", u32))}}}}
		}, nil, `function "f": root.wasm expects it, but dep.wasm exports "t:w/a@1.0.0" without it: it has "g"`},
		{"sorts differ", func() []in {
			return []in{{"root.wasm", world.World{Imports: items{fn("a", nil)}}}, {"dep.wasm", world.World{Exports: items{iface("a")}}}}
		}, nil, `import "a": root.wasm expects a function, dep.wasm exports an instance as "a"`},
		{"one resource type from two components", func() []in {
			a, b := ab()
			a2, _ := ab()
			_, p, r := apiA("x")
			return []in{{"root.wasm", world.World{Imports: items{a, b}}}, {"a.wasm", world.World{Exports: items{a2}}},
				{"b.wasm", world.World{Exports: items{apiB("t:w/b@1.0.0", p, r)}}}}
		}, nil, `root.wasm: import "t:w/b@1.0.0": type "res": the resource type is defined by a.wasm for root.wasm, but defined by b.wasm where b.wasm exports it (let both come from the same component)`},
		{"one resource type from a component and from outside", func() []in {
			a, b := ab()
			_, p, r := apiA("x")
			return []in{{"root.wasm", world.World{Imports: items{a, b}}}, {"b.wasm", world.World{Exports: items{apiB("t:w/b@1.0.0", p, r)}}}}
		}, nil, `the resource type is imported from outside by root.wasm as "t:w/a@1.0.0/res" for root.wasm, but defined by b.wasm where b.wasm exports it`},
		{"an import left over uses a resource type of a dependency", func() []in {
			a, b := ab()
			a2, _ := ab()
			return []in{{"root.wasm", world.World{Imports: items{a, b}}}, {"a.wasm", world.World{Exports: items{a2}}}}
		}, nil, `root.wasm: import "t:w/b@1.0.0": no dependency exports it, so it would be an import of the output; but it uses the resource type "res" of "t:w/a@1.0.0", ` +
			`which a.wasm defines: the outside cannot provide that type (add a component that exports "t:w/b@1.0.0", or leave out a.wasm, so that "t:w/a@1.0.0" comes from outside too)`},
		{"imports from outside disagree", func() []in {
			return []in{{"root.wasm", world.World{Imports: items{one, fn("go", nil)}}},
				{"dep.wasm", world.World{Imports: items{iface("t:w/a@1.5.0", fn("f", str))}, Exports: items{fn("go", nil)}}}}
		}, nil, `root.wasm: import "t:w/a@1.0.0": function "f": root.wasm expects func() -> u32, dep.wasm imports func() -> string`},
		{"imports from outside are of different sorts", func() []in {
			return []in{{"root.wasm", world.World{Imports: items{fn("x", nil), fn("go", nil)}}},
				{"dep.wasm", world.World{Imports: items{iface("x")}, Exports: items{fn("go", nil)}}}}
		}, nil, `import "x": root.wasm imports a function, dep.wasm an instance`},
		{"interfaces that need each other", func() []in {
			p, q := point(), point()
			return []in{
				{"root.wasm", world.World{Imports: items{iface("t:w/a@1.0.0", stub.Type("p", p)), iface("t:w/b@1.0.0", stub.Type("p", p)), fn("go", nil)}}},
				{"dep.wasm", world.World{Imports: items{iface("t:w/b@1.0.1", stub.Type("p", q)), iface("t:w/a@1.0.1", stub.Type("p", q))}, Exports: items{fn("go", nil)}}},
			}
		}, nil, `form a cycle through other imports`},
		{"a type that nothing outside can name", func() []in {
			a, _, r := apiA("t:w/a@1.0.0")
			a2, _, _ := apiA("t:w/a@1.0.0")
			return []in{{"root.wasm", world.World{Imports: items{a}, Exports: items{stub.Func("run", stub.Own(r))}}}, {"dep.wasm", world.World{Exports: items{a2}}}}
		}, nil, `root.wasm: export "run": the function uses the resource type "res", which dep.wasm supplies with "t:w/a@1.0.0": outside the result no import or export names the type`},
		{"a handle type exported before the interface that names its resource type", func() []in {
			a, _, r := apiA("t:w/a@1.0.0")
			a2, _, _ := apiA("t:w/a@1.0.0")
			return []in{{"root.wasm", world.World{Imports: items{a}, Exports: items{stub.Type("handle", stub.Own(r)), a}}}, {"dep.wasm", world.World{Exports: items{a2}}}}
		}, nil, `root.wasm: export "handle": the type uses the resource type "res", which dep.wasm supplies with "t:w/a@1.0.0": outside the result no import or export names the type`},
		{"a type with handles that nothing outside can name", func() []in {
			holder := func(r *ctypes.Resource) (world.Item, *ctypes.Type) {
				t := &ctypes.Type{Kind: ctypes.Record, Fields: []ctypes.Field{{Label: "h", Type: stub.Own(r)}}}
				return iface("t:w/b@1.0.0", stub.Type("holder", t)), t
			}
			a, _, r := apiA("t:w/a@1.0.0")
			a2, _, r2 := apiA("t:w/a@1.0.0")
			b, h := holder(r)
			b2, _ := holder(r2)
			return []in{{"root.wasm", world.World{Imports: items{a, b}, Exports: items{stub.Func("run", h)}}}, {"dep.wasm", world.World{Exports: items{a2, b2}}}}
		}, nil, `root.wasm: export "run": the function uses a record with handles of the resource type "res", which dep.wasm supplies with "t:w/a@1.0.0": ` +
			`outside the result no import or export names the type (export "t:w/a@1.0.0" from the root too)`},
		{"plug of an unknown input", func() []in { return []in{{"root.wasm", user}} }, []match.Plug{{Importer: "root", Import: "x", Provider: "none", Export: "x"}},
			`--plug root:x=none: no input is called "none" (the inputs are "root")`},
		{"plug of an unknown import", func() []in { return []in{{"root.wasm", user}, {"dep.wasm", world.World{Exports: items{one}}}} },
			[]match.Plug{{Importer: "root", Import: "x", Provider: "dep", Export: "t:w/a@1.0.0"}},
			`root.wasm does not import "x" (it imports "t:w/a@1.0.0")`},
		{"plug of an unknown export", func() []in { return []in{{"root.wasm", user}, {"dep.wasm", world.World{Exports: items{one}}}} },
			[]match.Plug{{Importer: "root", Import: "t:w/a@1.0.0", Provider: "dep", Export: "x"}},
			`dep.wasm does not export "x" (it exports "t:w/a@1.0.0")`},
		{"plug twice", func() []in { return []in{{"root.wasm", user}, {"dep.wasm", world.World{Exports: items{one}}}} },
			[]match.Plug{{Importer: "root", Import: "t:w/a@1.0.0", Provider: "dep"}, {Importer: "root.wasm", Import: "t:w/a@1.0.0", Provider: "dep.wasm"}},
			`the import is plugged twice`},
		{"plug to itself", func() []in { return []in{{"root.wasm", world.World{Imports: items{one}, Exports: items{one}}}} },
			[]match.Plug{{Importer: "root", Import: "t:w/a@1.0.0", Provider: "root"}},
			`a component cannot supply its own import`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var inputs []match.Input
			for _, i := range tc.inputs() {
				inputs = append(inputs, file(t, i.name, i.w))
			}
			g, _, err := match.Composition(inputs, match.Options{Plugs: tc.plug})
			if err == nil {
				_, err = compose.Write(g)
			}
			var e *diag.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error\n%v\nexpected in it\n%s", err, tc.want)
			}
		})
	}
}

func TestShortName(t *testing.T) {
	for file, want := range map[string]string{"a/b/c.wasm": "c", `a\c.wasm`: "c", "c": "c", ".wasm": ".wasm", "x.y.wasm": "x.y"} {
		if got := match.ShortName(file); got != want {
			t.Errorf("%s: %s, expected %s", file, got, want)
		}
	}
}
