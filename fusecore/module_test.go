package fusecore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	coredecode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// TestModuleErrors checks the errors about worlds and graphs that have no bare module.
func TestModuleErrors(t *testing.T) {
	for _, tc := range []struct {
		c    collection
		name string
		o    fusecore.FuseOptions
		want string
	}{
		{cases, "opaque-world", fusecore.FuseOptions{}, `import "c": WIT has no imports or exports of this kind: it is a component`},
		{cases, "world-nested-imports", fusecore.FuseOptions{}, `import "test:n/nested": the interface contains "inner", a nested interface`},
		{resources, "alone", fusecore.FuseOptions{}, `export "r": WIT has no exports of types outside of interfaces`},
		{resources, "chains", fusecore.FuseOptions{}, `the interface "m" uses the type "r" of "a", which WIT can only use inside it`},
		{resources, "toplevel", fusecore.FuseOptions{}, `the interface "one" uses the type "r" of the world itself`},
		{resources, "nested", fusecore.FuseOptions{}, `the function "make" uses the type "r" of "t:n/types"`},
		{cases, "module-tracks", fusecore.FuseOptions{ABI: fusecore.CM32P2},
			`the function f of test:t/i@0.2.0 and the function f of test:t/i@0.2.1 have one name, "f" of "cm32p2|test:t/i@0.2"`},
		{async, "domain-context", fusecore.FuseOptions{}, "A is async (it lifts the async function run), which needs an engine that runs components"},
		{async, "domain-waits", fusecore.FuseOptions{}, "not everything can become one module: L uses X"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.o.Emit = fusecore.EmitModule
			_, err := fusecore.Fuse(context.Background(), tc.c.subject(t, tc.name).in, tc.o)
			var e *fusecore.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tc.want) || e.Hint == "" {
				t.Errorf("%v, want %q and a hint", err, tc.want)
			}
		})
	}
}

// TestModuleSection compares the world in the section of a bare module with the component's, for worlds of WIT, and for one
// whose types have to get names.
func TestModuleSection(t *testing.T) {
	files, err := filepath.Glob(worldsDir + "/*.wasm")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d worlds: %v", len(files), err)
	}
	named := 0
	for _, file := range append(files, "testdata/cases/module-embed.wasm") {
		in := fusecore.Graph{Root: fusecore.Input{Name: file, Bytes: readFile(t, file)}}
		out, err := fuseWith(fusecore.FuseOptions{Emit: fusecore.EmitModule})(in)
		if err != nil {
			if !strings.Contains(err.Error(), "WIT") {
				t.Errorf("%s: %v", file, err)
			}
			continue
		}
		m, err := coredecode.Module(out.Bytes(), 0)
		if err != nil {
			t.Fatal(err)
		}
		var sections [][]byte
		for _, c := range m.Customs {
			if worldsection.Named(c.Name) {
				sections = append(sections, c.Bytes)
			}
		}
		got, encoding, err := worldsection.Read(t.Context(), sections)
		if err != nil || encoding != cabi.UTF8 || len(sections) != 1 {
			t.Fatalf("%s: %d sections, in %v: %v", file, len(sections), encoding, err)
		}
		want, err := worldOf(in.Root.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		names := 0
		if d := cmp.Diff(worldLines(want, nil), worldLines(got, func(line string) bool {
			// Only names of types are added.
			added := strings.HasPrefix(line, "type ") && !slices.Contains(worldLines(want, nil), line)
			if added {
				names++
			}
			return !added
		})); d != "" {
			t.Errorf("%s (-component +section):\n%s", file, d)
		}
		named += names
	}
	if named != 2 {
		t.Errorf("%d types got names, want the sink and the counter in module-embed.wasm", named)
	}
}

// TestModuleNew has wasm-tools make components of bare modules, of those with the names of BuildTargets.md without any other
// names.
func TestModuleNew(t *testing.T) {
	tool := wasmtools.Need(t)
	for _, s := range append(examples.subjects(t), cases.subject(t, "module-embed"), cases.subject(t, "module-realloc")) {
		t.Run(s.name, func(t *testing.T) {
			for _, abi := range []fusecore.ABI{fusecore.WITNames, fusecore.CM32P2} {
				var options []string
				if abi == fusecore.CM32P2 {
					options = []string{"--reject-legacy-names"}
				}
				module := wasmOf(t, fuseWith(fusecore.FuseOptions{Emit: fusecore.EmitModule, ABI: abi}), s.in)
				component, err := tool.New(module, options...)
				if err == nil {
					err = tool.Validate(component)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// worldOf returns the world of a component.
func worldOf(wasm []byte) (*world.World, error) {
	c, err := decode.Component(wasm)
	if err != nil {
		return nil, err
	}
	s, err := validate.Options{}.Surface(c)
	if err != nil {
		return nil, err
	}
	return instantiate.World(c, s)
}

// worldLines describes the items of a world, with the types of functions, less those that keep refuses.
func worldLines(w *world.World, keep func(string) bool) (out []string) {
	var visit func(side string, items []world.Item)
	visit = func(side string, items []world.Item) {
		for i := range items {
			it := &items[i]
			line := fmt.Sprintf("%v %s %s", it.Sort, side, it.Name)
			if it.FuncType != nil {
				for t := range (ctypes.Seen{}).WalkFunc(it.FuncType) {
					if t.Resource != nil {
						t.Resource.Name = "resource" // names are for messages
					}
				}
				line += ": " + it.FuncType.String()
			}
			if keep == nil || keep(line) {
				out = append(out, line)
			}
			visit(side+" "+it.Name, w.ItemsOf(it))
		}
	}
	visit("import", w.Imports)
	visit("export", w.Exports)
	return out
}
