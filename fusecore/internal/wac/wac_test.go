package wac

import (
	"errors"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// testPackages are a component that imports and exports a:b/i, a function and a type.
func testPackages() []*Package {
	u32 := ctypes.Prims[ctypes.U32]
	next := world.Item{Name: "next", Sort: component.SortFunc, FuncType: &ctypes.Func{Result: u32}}
	i := world.Item{Name: "a:b/i@1.0.0", Sort: component.SortInstance, Items: []world.Item{next}}
	w := &world.World{Imports: []world.Item{i, next}, Exports: []world.Item{i, next}}
	return []*Package{{Names: []string{"a:c"}, Label: "c.wasm", Comp: &component.Component{}, World: w}}
}

func TestPositions(t *testing.T) {
	_, err := Compose("a.wac", []byte("\ufeffpackage a:b;\r\n\tlet x = y;\r\n"), testPackages())
	want := "a.wac:2:10: undefined name `y` (declare it before its use, with `import` or `let`)\n  2 |  let x = y;\n    |          ^"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"counter", "counter", 0}, {"conter", "counter", 1}, {"abc", "", 3}, {"abc", "xyz", 3}, {"a", strings.Repeat("a", 50), 5}} {
		if got := distance(c.a, c.b, 5); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// FuzzCompose checks that any document is an error with a position, or a composition that compose can write or reject.
func FuzzCompose(f *testing.F) {
	f.Add("package a:b;\nimport f as next: func() -> u32;\nlet x = new a:c { i: new a:c { ... }.i, f };\nexport x.next; export x...;")
	f.Add("package a:b targets a:b/w;\nworld %world { }\nworld w { import i: interface { r: func(); }; include %world; }\ntype t = list<u8>; export t as u;")
	f.Add("package a:b;\ninterface i { resource r { constructor(a: u8); m: func() -> r; } type s = r; }\ninterface j { use i.{r, s as t}; f: func(t: borrow<t>); }\nimport x: j; import y: i; export x; export y as z;")
	f.Add("package a:b;\nimport i: a:b/i@1.0.0; let c = new a:c { ...i, ... };\nrecord r { a: u8 } variant v { a(r) } enum e { a } flags g { a }\nimport q: func(v: v) -> e;")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Compose("a.wac", []byte(text), testPackages())
		if err != nil {
			var e *diag.Error
			if !errors.As(err, &e) || e.Text == nil {
				t.Fatalf("an error without a position: %v", err)
			}
			_ = err.Error()
			return
		}
		out, err := compose.Write(c.Graph)
		if err != nil {
			if errors.As(err, new(*diag.Internal)) {
				t.Fatal(err)
			}
			return
		}
		// The package has no contents, so an output with an instance of it is invalid.
		if len(out.Defs) > 0 && !strings.Contains(text, "new") {
			if _, err := (validate.Options{}).Surface(out); err != nil {
				t.Fatal(err)
			}
		}
	})
}
