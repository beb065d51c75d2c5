package match_test

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/match"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// TestClosed checks which imports a closed composition may have, and what the error says of the others.
func TestClosed(t *testing.T) {
	f := func(name string) world.Item { return stub.Instance(name, stub.Func("f", nil)) }
	types := stub.Instance("t:w/types", stub.Type("point", point()))
	res := resource()
	run := items{stub.Func("run", nil)}
	root := func(imports ...world.Item) match.Input {
		return file(t, "root.wasm", world.World{Imports: imports, Exports: run})
	}
	private := func(in match.Input) match.Input {
		in.Private = true
		return in
	}
	for _, c := range []struct {
		name     string
		inputs   []match.Input
		supplies []match.Supply
		imports  []string
		want     []string // parts of the message; none for no error
		lacks    string
	}{
		{name: "open", inputs: []match.Input{root(f("t:w/a"))}},
		{name: "nothing is left", inputs: []match.Input{root(f("t:w/a")), file(t, "a.wasm", world.World{Exports: items{f("t:w/a")}})}, imports: []string{}},
		{name: "value types need no supplier", inputs: []match.Input{root(types)}, imports: []string{}},
		{name: "resource types do", inputs: []match.Input{root(stub.Instance("t:w/r", stub.Resource("res", resource())))}, imports: []string{},
			want: []string{`root.wasm imports "t:w/r"`}},
		{name: "resource types of another import do not", imports: []string{"t:w/r"}, inputs: []match.Input{root(
			stub.Instance("t:w/r", stub.Resource("res", res)), stub.Instance("t:w/s", stub.Resource("res", res)), stub.Resource("res", res))}},
		{name: "a resource type of the world", imports: []string{}, inputs: []match.Input{root(stub.Resource("res", resource()))},
			want: []string{`root.wasm imports "res"`}},
		{name: "a plain name", inputs: []match.Input{root(stub.Func("log", nil))}, imports: []string{"t:*"},
			want: []string{`root.wasm imports "log"`, "imports = [\"log\"]"}},
		{name: "a plain name, allowed", inputs: []match.Input{root(stub.Func("log", nil))}, imports: []string{"log"}},
		{name: "of a dependency", imports: []string{"wasi:*"},
			inputs: []match.Input{root(f("t:w/a")), file(t, "a.wasm", world.World{Imports: items{f("t:w/b"), f("wasi:io/poll")}, Exports: items{f("t:w/a")}})},
			want:   []string{`a.wasm imports "t:w/b" (add`}, lacks: "wasi:io/poll"},
		{name: "a dependency of another version", imports: []string{},
			inputs: []match.Input{root(f("t:w/a@1.0.0"), f("t:w/a@2.0.0")), file(t, "a.wasm", world.World{Exports: items{f("t:w/a@1.0.0")}})},
			want:   []string{`"t:w/a@2.0.0" (a.wasm exports "t:w/a@1.0.0", which is not compatible`}},
		{name: "a private supplier of another", imports: []string{}, supplies: []match.Supply{{Importer: "a.wasm", Provider: "b.wasm"}},
			inputs: []match.Input{root(f("t:w/a"), f("t:w/b")),
				file(t, "a.wasm", world.World{Imports: items{f("t:w/b")}, Exports: items{f("t:w/a")}}),
				private(file(t, "b.wasm", world.World{Exports: items{f("t:w/b")}}))},
			want: []string{`root.wasm imports "t:w/b" (b.wasm exports it, but serves only`, "add it to deps"}, lacks: "a.wasm imports"},
		{name: "a private supplier that nothing needs", imports: []string{}, supplies: []match.Supply{{Importer: "a.wasm", Provider: "b.wasm"}},
			inputs: []match.Input{root(f("t:w/a"), f("t:w/b")),
				file(t, "a.wasm", world.World{Exports: items{f("t:w/a")}}),
				private(file(t, "b.wasm", world.World{Exports: items{f("t:w/b")}}))},
			want: []string{`root.wasm imports "t:w/b" (b.wasm exports it, but serves only`}},
		{name: "the root", imports: []string{},
			inputs: []match.Input{file(t, "root.wasm", world.World{Imports: items{f("t:w/a")}, Exports: items{f("t:w/b")}}),
				file(t, "a.wasm", world.World{Imports: items{f("t:w/b")}, Exports: items{f("t:w/a")}})},
			want: []string{`a.wasm imports "t:w/b" (root.wasm exports it, but is the root`}},
		{name: "a misspelt pattern", inputs: []match.Input{root(f("my:platform/log"))}, imports: []string{"my:plaform"},
			want: []string{`(imports = ["my:plaform"] almost matches)`}},
		{name: "another version allowed", inputs: []match.Input{root(f("my:p/log@1.2.0"))}, imports: []string{"my:p@2"},
			want: []string{`(imports = ["my:p@2"] allows another version only)`}},
		{name: "no pattern", inputs: []match.Input{root()}, imports: []string{"a:b@x"}, want: []string{`imports = ["a:b@x"]: "x" is neither`}},
	} {
		_, _, err := match.Composition(c.inputs, match.Options{Imports: c.imports, Supplies: c.supplies, Attributes: true})
		switch {
		case (err != nil) != (c.want != nil):
			t.Errorf("%s: %v", c.name, err)
		case err != nil:
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s: %v, want %q", c.name, err, part)
				}
			}
			if c.lacks != "" && strings.Contains(err.Error(), c.lacks) {
				t.Errorf("%s: %v mentions %q", c.name, err, c.lacks)
			}
		}
	}
}

// TestClosedMany checks that a message about many imports stays short, and says how many there are.
func TestClosedMany(t *testing.T) {
	var imports items
	for _, c := range "abcdefghijklmnop" {
		imports = append(imports, stub.Func("long-"+string(c), nil))
	}
	in := file(t, "root.wasm", world.World{Imports: imports})
	_, _, err := match.Composition([]match.Input{in}, match.Options{Imports: []string{}})
	if err == nil || !strings.Contains(err.Error(), "and 8 more imports") || len(err.Error()) > 1500 {
		t.Errorf("%v", err)
	}
}
