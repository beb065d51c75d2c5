package instantiate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// keeping evaluates the text of a component with instances to keep.
func keeping(t *testing.T, text string, keep ...string) (*graph.Graph, error) {
	t.Helper()
	wasm, err := wasmtools.Need(t).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := decode.Component(wasm)
	if err != nil {
		t.Fatal(err)
	}
	s, err := validate.Options{}.Surface(c)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Keep: map[string]string{}}
	for _, path := range keep {
		o.Keep[path] = "asked"
	}
	return o.Surfaced(c, s)
}

// describe returns the kept instances of a graph as text, and all functions, calls and resource types.
func describe(g *graph.Graph) string {
	var b strings.Builder
	path := func(id graph.InstID) string { return g.Insts[id].Path }
	var items func([]world.Item) string
	items = func(list []world.Item) string {
		var s []string
		for _, it := range list {
			switch {
			case it.Import != nil:
				s = append(s, it.Name+" = "+strings.Join(it.Import, "/"))
			case it.Sort == component.SortFunc:
				s = append(s, fmt.Sprintf("%s: f%d", it.Name, it.Func))
			case it.Sort == component.SortCore || it.Sort == component.SortComponent:
				s = append(s, fmt.Sprintf("%s: o%d", it.Name, it.Opaque))
			case it.Sort == component.SortInstance:
				s = append(s, it.Name+" {"+items(it.Items)+"}")
			case it.Resource != nil:
				s = append(s, fmt.Sprintf("%s: r%d", it.Name, it.Resource.ID))
			default:
				s = append(s, fmt.Sprintf("%s: %v", it.Name, it.Type))
			}
		}
		return strings.Join(s, ", ")
	}
	for i := range g.Insts {
		if k := g.Insts[i].Kept; k != nil {
			fmt.Fprintf(&b, "%s because %s\n  given %s\n  has %s\n", g.Insts[i].Path, k.Why, items(k.Args), items(k.Exports))
			if n := int(k.Before); n > 0 {
				fmt.Fprintf(&b, "  after %s\n", g.Cores[n-1].Path)
			}
		}
	}
	for i := range g.Resources {
		fmt.Fprintf(&b, "r%d of %s\n", i, path(g.Resources[i].Impl))
	}
	for i := range g.Funcs {
		f := &g.Funcs[i]
		fmt.Fprintf(&b, "f%d %s of %s: %v\n", i, f.Name, path(f.Inst), f.Type)
	}
	for i := range g.Calls {
		c := &g.Calls[i]
		fmt.Fprintf(&b, "%s calls f%d of %s\n", path(c.Caller.Inst), c.Func, path(c.Callee.Inst))
	}
	return b.String()
}

// TestKeep evaluates components with instances that are kept, on request or because they cannot be evaluated.
func TestKeep(t *testing.T) {
	for _, c := range []struct {
		name, text string
		keep       []string
		want       string // the description, or part of an error
	}{
		{name: "functions and resource types of a kept instance", keep: []string{"root/store"}, text: `(component
		  (import "log" (func $log (param "s" u32)))
		  (component $store
		    (import "log" (func $log (param "s" u32)))
		    (type $r0 (resource (rep i32)))
		    (core module $m (func (export "new") (result i32) unreachable))
		    (core instance $m (instantiate $m))
		    (export $r "item" (type $r0))
		    (func $make (result (own $r)) (canon lift (core func $m "new")))
		    (export "make" (func $make)))
		  (component $user
		    (import "api" (instance $api (export "item" (type $r (sub resource))) (export "make" (func (result (own $r))))))
		    (alias export $api "item" (type $item))
		    (core func $drop (canon resource.drop $item))
		    (core func $make (canon lower (func $api "make")))
		    (core module $m (import "" "make" (func $make (result i32))) (import "" "drop" (func $drop (param i32)))
		      (func (export "run") (call $drop (call $make))))
		    (core instance $m (instantiate $m (with "" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
		    (func (export "run") (canon lift (core func $m "run"))))
		  (instance $store (instantiate $store (with "log" (func $log))))
		  (instance $user (instantiate $user (with "api" (instance $store))))
		  (export "run" (func $user "run")))`, want: `root/store because asked
  given log: f0
  has item: r0, make: f1
r0 of root/store
f0 log of host: func(s: u32)
f1 make of root/store: func() -> root/store/item
f2 run of root/user: func()
root/user calls f1 of root/store
host calls f2 of root/user
`},
		{name: "what a kept instance is given", keep: []string{"root/user"}, text: `(component
		  (import "host" (instance $host (export "f" (func))))
		  (component $store
		    (type $r0 (resource (rep i32)))
		    (core module $m (func (export "new") (result i32) unreachable))
		    (core instance $m (instantiate $m))
		    (export $r "item" (type $r0))
		    (func $make (result (own $r)) (canon lift (core func $m "new")))
		    (export "make" (func $make)))
		  (component $user
		    (import "host" (instance (export "f" (func))))
		    (type $u u8)
		    (import "t" (type (eq $u)))
		    (import "api" (instance $api (export "item" (type $r (sub resource))) (export "make" (func (result (own $r))))))
		    (alias export $api "item" (type $item))
		    (export "again" (type $item))
		    (export "api" (instance $api)))
		  (instance $store (instantiate $store))
		  (type $t u8)
		  (instance $user (instantiate $user (with "api" (instance $store)) (with "host" (instance $host)) (with "t" (type $t)))))`,
			want: `root/user because asked
  given host = host, t: u8, api {item: r0, make: f1}
  has again: r0, api {item: r0, make: f2}
  after root/store/m
r0 of root/store
f0 host#f of host: func()
f1 make of root/store: func() -> root/store/resource0
f2 api#make of root/user: func() -> root/store/resource0
`},
		{name: "a part that cannot be evaluated", text: `(component
		  (component $a
		    (component $wide (type (resource (rep i64))))
		    (instance (instantiate $wide))
		    (core module $m (func (export "f")))
		    (core instance $m (instantiate $m))
		    (func (export "f") (canon lift (core func $m "f"))))
		  (instance $a (instantiate $a))
		  (export "f" (func $a "f")))`, want: `root/a/wide because a resource represented by i64 cannot be fused
  given 
  has 
f0 f of root/a: func()
host calls f0 of root/a
`},
		{name: "definitions of the component around it", text: `(component
		  (core type $ct (func (param i32)))
		  (component $a
		    (type $t (list (tuple u8 string)))
		    (type $r (record (field "x" $t)))
		    (type $f (func (param "x" $t)))
		    (core type $mt (module (alias outer 2 $ct (type)) (import "a" "b" (func (type 0)))))
		    (type $i (instance (alias outer 1 $t (type $u)) (type $g (func (param "x" $u))) (export "g" (func (type $g)))))
		    (core module $m (import "a" "b" (func (param i32))))
		    (component $c (alias outer 1 $i (type $j)) (import "i" (instance (type $j))))
		    (component $wide
		      (type (list u8))
		      (alias outer 1 $t (type $u)) (alias outer 1 $f (type $g)) (alias outer 1 $i (type $j)) (alias outer 1 $r (type $s))
		      (alias outer 1 $c (component $d)) (alias outer 1 $m (core module $n)) (alias outer 1 $mt (core type $nt))
		      (alias outer 2 $ct (core type $dt))
		      (import "m" (core module (type $nt)))
		      (import "i" (instance $i (type $j)))
		      (import "f" (func (type $g)))
		      (instance (instantiate $d (with "i" (instance $i))))
		      (component $e (alias outer 1 $j (type $k)) (import "i" (instance (type $k))))
		      (component $h (alias outer 2 $t (type $k)) (import "k" (type (eq $k))))
		      (instance (instantiate $h (with "k" (type $u))))
		      (export "n" (core module $n))
		      (type (resource (rep i64))))
		    (import "i" (instance $in (type $i)))
		    (import "f" (func $fn (type $f)))
		    (instance (instantiate $wide (with "m" (core module $m)) (with "i" (instance $in)) (with "f" (func $fn)))))
		  (type $t (list (tuple u8 string)))
		  (import "f" (func $f (param "x" $t)))
		  (instance $i (export "g" (func $f)))
		  (instance $a (instantiate $a (with "i" (instance $i)) (with "f" (func $f)))))`,
			want: `root/a/wide because a resource represented by i64 cannot be fused
  given m: o0, i {g: f0}, f: f0
  has n: o1
f0 f of host: func(x: list<tuple<u8, string>>)
`},
		{name: "the instance around it", text: `(component
		  (import "m" (core module $m))
		  (component $a
		    (import "m" (core module $m))
		    (component $b (alias outer 1 $m (core module $n)) (core instance (instantiate $n)))
		    (instance (instantiate $b)))
		  (instance $a (instantiate $a (with "m" (core module $m)))))`,
			want: `root/a because component root/a/b: the core module that it instantiates is supplied from outside
  given m: o0
  has 
`},
		{name: "the root", text: `(component (type (resource (rep i64))))`, want: "a resource represented by i64 cannot be fused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := keeping(t, c.text, c.keep...)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				return
			}
			for i := range g.Insts {
				if k := g.Insts[i].Kept; k != nil {
					if err := validate.Component(k.Component); err != nil {
						t.Error(err)
					}
				}
			}
			if got := describe(g); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
