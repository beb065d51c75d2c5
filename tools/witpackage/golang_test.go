package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goWIT = `package a:b;
interface types { record point { x: u32, y: u32 } }
interface shapes { use types.{point}; area: func(ps: list<point>) -> u32; }
interface store { resource item { constructor(name: string); } get: func() -> item; }
interface slow { wait: async func(); }
interface boxes { resource box { constructor(); } make-box: func() -> box; }
interface flow { pass: func() -> stream<u8>; }
world maker { import shapes; export store; export run: func(); }
world user-of { import shapes; import store; }
world slow-user { import slow; }
world slow-maker { export slow; }
world flow-maker { export flow; }
world with-boxes { import boxes; }`

func TestGo(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("a.wit", []byte(goWIT), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-o=wit.wasm", "a.wit"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	const (
		imports = " -import=a_b_shapes=a_b_types -import=a_b_types="
		exports = " -export=export_a_b_store -export=export_wit_world"
	)
	for _, c := range []struct {
		name, args, err string
		files           []string // packages with the two files each
	}{
		{"right", "-world=maker" + imports + exports, "",
			[]string{"imports/a_b_shapes", "imports/a_b_types", "exports/export_a_b_store", "exports/export_wit_world"}},
		{"imports only", "-world=user-of" + imports + " -import=a_b_store=", "", []string{"imports/a_b_shapes", "imports/a_b_types", "imports/a_b_store"}},
		{"no imports", "-world=maker" + exports,
			"//x:y: imports has to be the generated packages, each with those that it uses: write\n" +
				"    imports = {\n        \"a_b_shapes\": [\"a_b_types\"],\n        \"a_b_types\": [],\n    },", nil},
		{"neither", "-world=maker", "    },\nexports has no \"export_a_b_store\": add it", nil},
		{"uses", "-world=maker -import=a_b_shapes= -import=a_b_types=" + exports, "\"a_b_shapes\": [\"a_b_types\"],", nil},
		{"one import too many", "-world=maker -import=a_b_store=" + imports + exports, "imports has to be", nil},
		{"missing export", "-world=maker -export=export_wit_world" + imports,
			`exports has no "export_a_b_store": add it, with a go_library that defines the functions of this package, and has ":y_export_a_b_store" in embed`, nil},
		{"misspelt export", "-world=maker -export=export_a_b_stor" + imports + exports,
			`exports: "export_a_b_stor" is no package of the world: remove it, or write "export_a_b_store"`, nil},
		{"an export of none", "-world=user-of -import=a_b_store= -export=export_a_b_store" + imports,
			`exports: "export_a_b_store": the world exports nothing: remove it`, nil},
		{"asynchronous import", "-world=slow-user", "the function a:b/slow#wait is asynchronous, or", nil},
		{"asynchronous export", "-world=slow-maker", "the function a:b/slow#wait is asynchronous, or", nil},
		{"stream", "-world=flow-maker", "the function a:b/flow#pass is asynchronous, or passes a stream", nil},
		{"qualified world", "-world=a:b/maker", `//x:y: world = "a:b/maker": expected the name of a world of the package, without`, nil},
		{"one name twice", "-world=with-boxes -import=a_b_boxes=", "two things of the world become MakeBox in the Go package imports/a_b_boxes: rename one", nil},
		{"no such world", "-world=makr", `//x:y: the WIT package has no world "makr": did you mean "maker"? The attribute world has to name one of "flow-maker", "maker"`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := t.TempDir()
			args := []string{"-target=//x:y", "-language=go", "-importpath=x.y/z"}
			names := []string{"main.go", "exports/wit_exports/wit_exports.go"}
			for _, f := range c.files {
				names = append(names, f+"/wit_bindings.go", f+"/empty.s")
			}
			for _, n := range names {
				os.MkdirAll(filepath.Dir(filepath.Join(out, n)), 0o777)
				args = append(args, "-o="+n+"="+filepath.Join(out, n))
			}
			args = append(args, strings.Fields(c.args+" wit.wasm")...)
			checkError(t, bindings(t.Context(), args, io.Discard), c.err)
			if c.err != "" {
				return
			}
			for _, n := range names {
				text, err := os.ReadFile(filepath.Join(out, n))
				if err != nil {
					t.Fatal(err)
				}
				pkg := filepath.Base(filepath.Dir(n))
				if n == "main.go" {
					pkg = "main"
				}
				if strings.HasSuffix(n, ".go") && !strings.Contains(string(text), "\npackage "+pkg+"\n") {
					t.Errorf("%s is not of package %s:\n%s", n, pkg, text)
				}
			}
		})
	}
}
