package coreabi_test

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// fn, typ, resource and iface return items of worlds.
func fn(name string, params ...*ctypes.Type) world.Item {
	f := &ctypes.Func{}
	for _, p := range params {
		f.Params = append(f.Params, ctypes.Field{Label: "x", Type: p})
	}
	return world.Item{Name: name, Sort: component.SortFunc, FuncType: f}
}

func typ(name string, t *ctypes.Type) world.Item {
	return world.Item{Name: name, Sort: component.SortType, Type: t}
}

func resource(name string, r *ctypes.Resource) world.Item {
	return world.Item{Name: name, Sort: component.SortType, Resource: r}
}

func iface(name string, items ...world.Item) world.Item {
	return world.Item{Name: name, Sort: component.SortInstance, Items: items}
}

func enum(labels ...string) *ctypes.Type { return &ctypes.Type{Kind: ctypes.Enum, Labels: labels} }

// TestSectionErrors checks the errors about worlds that WIT cannot express, and which are none.
func TestSectionErrors(t *testing.T) {
	e, other := enum("a", "b"), enum("a", "c")
	r := &ctypes.Resource{Name: "r"}
	own := &ctypes.Type{Kind: ctypes.Own, Resource: r}
	type items = []world.Item
	for _, tc := range []struct {
		name             string
		imports, exports items
		want             string // in the error, or nothing
	}{
		{"same interface", items{iface("a:b/i", typ("e", e), fn("f", e))}, items{iface("a:b/i", typ("e", enum("a", "b")), fn("f"), fn("g"))},
			`different types of "f"`},
		{"one definition", items{iface("a:b/i", typ("e", e), fn("f", e))}, items{iface("a:b/i", typ("e", e), fn("f", e), fn("g"))}, ""},
		{"fewer functions", items{iface("a:b/i", fn("f"), fn("g"))}, items{iface("a:b/i", fn("f"))},
			`imports the interface with the function "g", and exports it without`},
		{"other enum", items{iface("a:b/i", typ("e", e))}, items{iface("a:b/i", typ("e", other))}, `different types of "e"`},
		{"plain names", items{iface("i", typ("e", e))}, items{iface("i", typ("e", other))}, ""},
		{"imported resource type", items{iface("a:b/i", resource("r", r))}, items{iface("a:b/i", resource("r", r))},
			`exports the imported resource type "r"`},
		{"other resource type", items{iface("a:b/i", resource("r", r))}, items{iface("a:b/i", resource("r", &ctypes.Resource{}))}, ""},
		{"nested", items{iface("a:b/i", iface("j"))}, nil, `contains "j", a nested interface`},
		{"function like an interface", items{fn("a:b/i")}, nil, "it has the name of an interface, but is a function"},
		{"type like an interface", items{typ("a:b/i", e)}, nil, "it has the name of an interface, but is a type"},
		{"core module", nil, items{{Name: "m", Sort: component.SortCore}}, "it is a core module"},
		{"exported type", nil, items{typ("e", e)}, "no exports of types outside of interfaces"},
		{"imported type", items{typ("e", e), fn("f", e)}, nil, ""},
		{"used from an interface", items{iface("a:b/i", typ("e", e)), fn("f", e)}, nil, ""},
		{"used from an exported interface", nil, items{iface("a:b/i", typ("e", e)), fn("f", e)}, `the function "f" uses the type "e" of "a:b/i"`},
		{"used from an interface without a path", items{iface("i", typ("e", e)), fn("f", e)}, nil, `the function "f" uses the type "e" of "i"`},
		{"named from an interface without a path", items{iface("i", resource("r", r))}, items{iface("j", resource("s", r), fn("f", own))},
			`the interface "j" uses the type "r" of "i"`},
		{"used from the world", items{resource("r", r)}, items{iface("a:b/j", fn("f", own))}, `the interface "a:b/j" uses the type "r" of the world itself`},
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
	i := iface("a:b/i@0.2", fn("f"))
	i.Attributes = []component.Attribute{{Kind: component.AttrVersionSuffix, Value: ".6"}}
	section, err := coreabi.Section(&world.World{Imports: []world.Item{i}})
	if err != nil {
		t.Fatal(err)
	}
	w, _, err := worldsection.Read(t.Context(), [][]byte{section})
	if err != nil || len(w.Imports) != 1 || w.Imports[0].Name != "a:b/i@0.2.6" || len(w.Imports[0].Attributes) > 0 {
		t.Errorf("%+v: %v", w, err)
	}
	if name := coreabi.CM32P2.Interface(coreabi.Name(&i)); name != "a:b/i@0.2" {
		t.Error(name)
	}
}

// TestSectionNames checks that a type gets a name that is free.
func TestSectionNames(t *testing.T) {
	e, taken := enum("a"), enum("b")
	section, err := coreabi.Section(&world.World{Imports: []world.Item{iface("a:b/i", typ("e", e)), typ("E", taken), fn("f", taken), fn("g", e)}})
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
