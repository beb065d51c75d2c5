package match_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/match"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// chain is the files of a chain of middleware: m1, m2 and m3 import and export one interface, end exports it.
func chain(t *testing.T) []match.Input {
	t.Helper()
	handler := func() world.Item { return stub.Instance("t:w/h@1.0.0", stub.Func("f", u32)) }
	var out []match.Input
	for _, name := range []string{"m1.wasm", "m2.wasm", "m3.wasm"} {
		out = append(out, file(t, name, world.World{Imports: items{handler()}, Exports: items{handler()}}))
	}
	return append(out, file(t, "end.wasm", world.World{Exports: items{handler()}}))
}

func pairs(list ...string) (out []match.Supply) {
	for _, s := range list {
		importer, provider, _ := strings.Cut(s, "=")
		out = append(out, match.Supply{Importer: importer, Provider: provider})
	}
	return out
}

func TestSupply(t *testing.T) {
	for _, c := range []struct {
		name     string
		supplies []match.Supply
		public   []string // dependencies that are not private
		plugs    []match.Plug
		order    string
		args     string
		err      string
	}{
		{name: "a chain", supplies: pairs("m1=m2", "m2=m3", "m3=end"), order: "end m3 m2 m1", args: "m1.wasm t:w/h@1.0.0 <- m2.wasm t:w/h@1.0.0; m2.wasm t:w/h@1.0.0 <- m3.wasm t:w/h@1.0.0; m3.wasm t:w/h@1.0.0 <- end.wasm t:w/h@1.0.0"},
		{name: "in another order", supplies: pairs("m3=end", "m2=m3", "m1=m2"), order: "end m3 m2 m1", args: "m1.wasm t:w/h@1.0.0 <- m2.wasm t:w/h@1.0.0; m2.wasm t:w/h@1.0.0 <- m3.wasm t:w/h@1.0.0; m3.wasm t:w/h@1.0.0 <- end.wasm t:w/h@1.0.0"},
		{name: "the other way round, by file names", supplies: pairs("m1.wasm=m3.wasm", "m3.wasm=m2.wasm", "m2.wasm=end.wasm"), order: "end m2 m3 m1", args: "m1.wasm t:w/h@1.0.0 <- m3.wasm t:w/h@1.0.0; m2.wasm t:w/h@1.0.0 <- end.wasm t:w/h@1.0.0; m3.wasm t:w/h@1.0.0 <- m2.wasm t:w/h@1.0.0"},
		{name: "what none needs is left out", supplies: pairs("m1=m2", "m2=end", "m3=end"), order: "end m2 m1", args: "m1.wasm t:w/h@1.0.0 <- m2.wasm t:w/h@1.0.0; m2.wasm t:w/h@1.0.0 <- end.wasm t:w/h@1.0.0"},
		{name: "a private one does not serve others", supplies: pairs("m1=m2", "m3=end"), order: "m2 m1", args: "m1.wasm t:w/h@1.0.0 <- m2.wasm t:w/h@1.0.0; m2.wasm t:w/h@1.0.0 <-"},
		{name: "one that is not private serves all", supplies: pairs("m1=m2"), public: []string{"end.wasm"}, order: "end m2 m1", args: "m1.wasm t:w/h@1.0.0 <- m2.wasm t:w/h@1.0.0; m2.wasm t:w/h@1.0.0 <- end.wasm t:w/h@1.0.0"},
		{name: "own suppliers go first", supplies: pairs("m1=m2", "m2=end"), public: []string{"m3.wasm", "end.wasm"},
			err: "m3.wasm: nothing imports from this dependency"},
		{name: "a wiring by hand goes before", supplies: pairs("m1=m2", "m2=m3", "m3=end"),
			plugs: []match.Plug{{Importer: "m2", Import: "t:w/h@1.0.0", Provider: "end"}}, order: "end m2 m1", args: "m1.wasm t:w/h@1.0.0 <- m2.wasm t:w/h@1.0.0; m2.wasm t:w/h@1.0.0 <- end.wasm t:w/h@1.0.0"},
		{name: "two that fit", supplies: pairs("m1=m2", "m1=m3", "m2=end", "m3=end"), err: "two dependencies can supply it: m2.wasm"},
		{name: "circle", supplies: pairs("m1=m2", "m2=m3", "m3=m2"), err: "components depend on each other in a cycle"},
		{name: "the root as a supplier", supplies: pairs("m1=m2", "m2=m1"), err: "components depend on each other in a cycle"},
		{name: "unknown importer", supplies: pairs("x=m2"), err: `no input is called "x"`},
		{name: "unknown provider", supplies: pairs("m1=x"), err: `no input is called "x"`},
		{name: "itself", supplies: pairs("m1=m1"), err: "a component cannot supply its own imports"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inputs := chain(t)
			for i := range inputs[1:] {
				inputs[i+1].Private = !slices.Contains(c.public, inputs[i+1].Name)
			}
			g, _, err := match.Composition(inputs, match.Options{Plugs: c.plugs, Supplies: c.supplies})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v, expected %q in it", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := order(g); got != c.order {
				t.Errorf("order %s, expected %s", got, c.order)
			}
			if got := strings.Join(arguments(inputs, g), "; "); got != c.args {
				t.Errorf("arguments %s, expected %s", got, c.args)
			}
		})
	}
}

// TestSupplyNothing checks that private dependencies that are not needed are omitted, here all of them.
func TestSupplyNothing(t *testing.T) {
	inputs := chain(t)[2:]
	slices.Reverse(inputs)
	inputs[1].Private = true
	g, _, err := match.Composition(inputs, match.Options{Supplies: pairs("end=m3")})
	if err != nil || order(g) != "end" {
		t.Errorf("got instances %s (%v)", order(g), err)
	}
}

// TestLast checks which imports an input that comes last supplies: those that nothing else does, of any version of the
// track, unless their names are excluded. It is omitted if there are none.
func TestLast(t *testing.T) {
	iface := func(version string) world.Item { return stub.Instance("t:w/h@"+version, stub.Func("f", u32)) }
	for _, c := range []struct {
		name, want, other string
		last              bool
		order             string
	}{
		{"newer", "0.2.0", "", true, "last root"},
		{"older", "0.2.9", "", true, "last root"},
		{"another track", "0.3.0", "", true, "root"},
		{"excluded", "0.2.0", "", false, "root"},
		{"another input goes first", "0.2.0", "0.2.0", true, "other root"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inputs := []match.Input{file(t, "root.wasm", world.World{Imports: items{iface(c.want)}})}
			if c.other != "" {
				inputs = append(inputs, file(t, "other.wasm", world.World{Exports: items{iface(c.other)}}))
			}
			last := file(t, "last.wasm", world.World{Exports: items{iface("0.2.5")}})
			last.Private, last.Last = true, func(name string) bool { return c.last && strings.HasPrefix(name, "t:w/h@") }
			g, _, err := match.Composition(append(inputs, last), match.Options{})
			if err != nil || order(g) != c.order {
				t.Errorf("got instances %s (%v), expected %s", order(g), err, c.order)
			}
		})
	}
}
