package coreabi_test

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/stub"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Items of worlds, and types of enums.
var fn, typ, resource, iface, enum = stub.Func, stub.Type, stub.Resource, stub.Instance, stub.Enum

// TestSectionErrors checks the errors about worlds that WIT cannot express, and which are none.
func TestSectionErrors(t *testing.T) {
	e, other := enum("a", "b"), enum("a", "c")
	r := &ctypes.Resource{Name: "r"}
	own := stub.Own(r)
	type items = []world.Item
	for _, tc := range []struct {
		name             string
		imports, exports items
		want             string // in the error, or nothing
	}{
		{"same interface", items{iface("a:b/i", typ("e", e), fn("f", nil, "x", e))},
			items{iface("a:b/i", typ("e", enum("a", "b")), fn("f", nil), fn("g", nil))}, `different types of "f"`},
		{"one definition", items{iface("a:b/i", typ("e", e), fn("f", nil, "x", e))},
			items{iface("a:b/i", typ("e", e), fn("f", nil, "x", e), fn("g", nil))}, ""},
		{"fewer functions", items{iface("a:b/i", fn("f", nil), fn("g", nil))}, items{iface("a:b/i", fn("f", nil))},
			`imports the interface with the function "g", and exports it without`},
		{"other enum", items{iface("a:b/i", typ("e", e))}, items{iface("a:b/i", typ("e", other))}, `different types of "e"`},
		{"plain names", items{iface("i", typ("e", e))}, items{iface("i", typ("e", other))}, ""},
		{"imported resource type", items{iface("a:b/i", resource("r", r))}, items{iface("a:b/i", resource("r", r))},
			`exports the imported resource type "r"`},
		{"other resource type", items{iface("a:b/i", resource("r", r))}, items{iface("a:b/i", resource("r", &ctypes.Resource{}))}, ""},
		{"nested", items{iface("a:b/i", iface("j"))}, nil, `contains "j", a nested interface`},
		{"function like an interface", items{fn("a:b/i", nil)}, nil, "it has the name of an interface, but is a function"},
		{"type like an interface", items{typ("a:b/i", e)}, nil, "it has the name of an interface, but is a type"},
		{"core module", nil, items{{Name: "m", Sort: component.SortCore}}, "it is a core module"},
		{"exported type", nil, items{typ("e", e)}, "no exports of types outside of interfaces"},
		{"imported type", items{typ("e", e), fn("f", nil, "x", e)}, nil, ""},
		{"used from an interface", items{iface("a:b/i", typ("e", e)), fn("f", nil, "x", e)}, nil, ""},
		{"used from an exported interface", nil, items{iface("a:b/i", typ("e", e)), fn("f", nil, "x", e)}, `the function "f" uses the type "e" of "a:b/i"`},
		{"used from an interface without a path", items{iface("i", typ("e", e)), fn("f", nil, "x", e)}, nil, `the function "f" uses the type "e" of "i"`},
		{"named from an interface without a path", items{iface("i", resource("r", r))}, items{iface("j", resource("s", r), fn("f", nil, "x", own))},
			`the interface "j" uses the type "r" of "i"`},
		{"used from the world", items{resource("r", r)}, items{iface("a:b/j", fn("f", nil, "x", own))}, `the interface "a:b/j" uses the type "r" of the world itself`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := &world.World{Imports: tc.imports, Exports: tc.exports, Outside: map[*ctypes.Resource][]string{}}
			if len(tc.imports) > 0 {
				w.Outside[r] = []string{tc.imports[0].Name, "r"}
			}
			section, err := coreabi.Section(w)
			switch {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("%v, want %q", err, tc.want)
			case err == nil:
				if _, _, err := worldsection.Read(t.Context(), [][]byte{section}); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestSectionVersions checks that an interface has its whole version in the section.
func TestSectionVersions(t *testing.T) {
	i := iface("a:b/i@0.2", fn("f", nil))
	i.Attributes = &component.Attributes{{Kind: component.AttrVersionSuffix, Value: ".6"}}
	section, err := coreabi.Section(&world.World{Imports: []world.Item{i}})
	if err != nil {
		t.Fatal(err)
	}
	w, _, err := worldsection.Read(t.Context(), [][]byte{section})
	if err != nil || len(w.Imports) != 1 || w.Imports[0].Name != "a:b/i@0.2.6" || len(w.Imports[0].Attributes.All()) > 0 {
		t.Errorf("%+v: %v", w, err)
	}
	if name := coreabi.CM32P2.Interface(coreabi.Name(&i)); name != "a:b/i@0.2" {
		t.Error(name)
	}
}

// TestSectionNames checks that a type gets a name that is free.
func TestSectionNames(t *testing.T) {
	e, taken := enum("a"), enum("b")
	section, err := coreabi.Section(&world.World{Imports: []world.Item{iface("a:b/i", typ("e", e)), typ("E", taken), fn("f", nil, "x", taken), fn("g", nil, "x", e)}})
	if err != nil {
		t.Fatal(err)
	}
	w, _, err := worldsection.Read(t.Context(), [][]byte{section})
	if err != nil {
		t.Fatal(err)
	}
	if it := world.Find(w.Imports, "used-e"); it == nil || it.Type == nil || !ctypes.Equal(it.Type, e) {
		t.Errorf("%+v", w.Imports)
	}
}
