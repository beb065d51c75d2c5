package gazelle_ext_test

import (
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bazelbuild/buildtools/build"
	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/internal/componentnew"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witbindgen"
)

const goWIT = `package my:app@1.0.0;

interface base {
  record point { x: u32 }
  type points = list<point>;
  type number = u32;
  enum color { red }
  resource thing { name: func() -> string; }
}
interface middle {
  use base.{points, number as count};
  move: func(ps: points, n: count);
}
interface outer {
  use middle.{points};
  use base.{color};
  paint: func(ps: points) -> color;
}
interface mine {
  resource item { constructor(); size: func() -> u32; }
  record pair { a: own<item> }
  record plain { n: u32 }
}
interface mine-only { resource item; }
interface user { use mine.{item}; pick: func(i: borrow<item>) -> option<item>; }
interface types-only { flags f { a, b } }
interface calls { run: func(); }
interface borrower { use base.{thing}; take: func(t: thing); }
interface HTTP-types2 { go: func(); }

world imports-chain { import outer; }
world imports-only-types { import types-only; }
world exports-calls { export calls; }
world exports-chain { export outer; }
world exports-all { export base; export middle; export outer; }
world exports-types { export types-only; }
world exports-own { export mine; export user; }
world exports-own-only { export mine-only; }
world exports-user { export user; }
world both { import mine; export mine; export user; }
world borrows { import base; export borrower; }
world named { import HTTP-types2; export run: func(); }
world functions { import log: func(text: string); export run: func() -> u32; }
world world-types { use base.{point, color as shade}; record drawn { p: point } import draw: func(m: drawn); export done: func(s: shade); }
world world-resource { resource r { f: func(); } export run: func(); }
world includes { include functions; include imports-chain; export calls; }
world nothing { }
`

// TestGoPackages compares the packages that Gazelle writes with those that the generator makes.
func TestGoPackages(t *testing.T) {
	worlds := []string{"imports-chain", "imports-only-types", "exports-calls", "exports-chain", "exports-all", "exports-types", "exports-own",
		"exports-own-only", "exports-user", "both", "borrows", "named", "functions", "world-types", "world-resource", "includes", "nothing"}
	const prefix = "example.com/x"
	binary := goPackage(t, goWIT)
	dir := t.TempDir()
	text := "load(\"@rules_wasm_fuse//rules:go.bzl\", \"wit_go_bindings\")\n"
	for _, w := range worlds {
		// Labels of exports stay, and so none is missing.
		text += "wit_go_bindings(name = \"" + w + "\", importpath = \"" + prefix + "\", wit = \":app_wit\", world = \"" + w + "\", exports = {"
		for _, i := range []string{"wit_world", "my_app_base", "my_app_middle", "my_app_outer", "my_app_mine", "my_app_mine_only", "my_app_user", "my_app_calls", "my_app_borrower", "my_app_types_only"} {
			text += "\"export_" + i + "\": \":go\", "
		}
		text += "}, imports = {\"old\": []})\n"
	}
	write(t, filepath.Join(dir, "MODULE.bazel"), nil)
	write(t, filepath.Join(dir, "app.wit"), []byte(goWIT))
	write(t, filepath.Join(dir, "BUILD.bazel"), []byte(text))
	if stderr, code := runGazelle(t, dir); code != 0 || stderr != "" {
		t.Fatalf("exit status %d, %s", code, stderr)
	}
	f, err := build.ParseBuild("BUILD.bazel", tree(t, dir)["BUILD.bazel"])
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range worlds {
		t.Run(w, func(t *testing.T) {
			imports, exports := generated(t, binary, w, prefix)
			r := f.RuleNamed(w)
			got := map[string][]string{}
			for key, value := range entries(r.Attr("imports")) {
				got[key] = build.Strings(value)
			}
			if d := cmp.Diff(imports, got); d != "" {
				t.Errorf("imports (-generator +Gazelle):\n%s", d)
			}
			if d := cmp.Diff(exports, slices.Sorted(maps.Keys(entries(r.Attr("exports"))))); d != "" {
				t.Errorf("exports (-generator +Gazelle):\n%s", d)
			}
		})
	}
}

func entries(e build.Expr) map[string]build.Expr {
	out := map[string]build.Expr{}
	if d, ok := e.(*build.DictExpr); ok {
		for _, kv := range d.List {
			out[kv.Key.(*build.StringExpr).Value] = kv.Value
		}
	}
	return out
}

// goPackage returns a WIT package in binary form.
func goPackage(t *testing.T, text string) []byte {
	t.Helper()
	e, err := componentnew.Start(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	b, err := e.Package(t.Context(), "a.wit", map[string][]byte{"a.wit": []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// generated returns the packages that the generator makes of a world, and those that its exports need.
func generated(t *testing.T, wit []byte, world, prefix string) (imports map[string][]string, exports []string) {
	t.Helper()
	files, err := witbindgen.Generate(t.Context(), witbindgen.Go, wit, world, "package="+prefix)
	if err != nil {
		t.Fatal(err)
	}
	imports = map[string][]string{}
	needed := map[string]bool{}
	for _, f := range files {
		if path.Ext(f.Name) != ".go" {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Content, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		used := []string{}
		for _, spec := range tree.Imports {
			p, _ := strconv.Unquote(spec.Path.Value)
			if p, ok := strings.CutPrefix(p, prefix+"/exports/"); ok {
				needed[p] = true
			}
			if p, ok := strings.CutPrefix(p, prefix+"/imports/"); ok {
				used = append(used, p)
			}
		}
		slices.Sort(used)
		folder, name := path.Split(path.Dir(f.Name))
		switch {
		case folder == "imports/":
			imports[name] = used
		case name != "wit_exports":
			needed[name] = true
		}
	}
	return imports, slices.Sorted(maps.Keys(needed))
}
