package fusecore_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layers are the packages that packages must not import, directly or indirectly. A name stands for the package and all
// below it. No package is forbidden to import itself.
var layers = []struct{ pkg, never string }{
	{"fusecore/internal/compose", "fusecore/internal/match"},
	{"fusecore/internal/compose", "fusecore/internal/wac"},
	{"fusecore/internal/wac", "fusecore/internal/match"},
	{"fusecore/internal/match", "fusecore/internal/wac"},
	{"fusecore/internal/wac", "fusecore/internal/graph"},
	{"fusecore/internal/graph", "fusecore/internal/asm"},
	{"fusecore/internal/graph", "fusecore/internal/analyse"},
	{"fusecore/internal/graph", "fusecore/internal/plan"},
	{"fusecore/internal/analyse", "fusecore/internal/asm"},
	{"fusecore/internal/analyse", "fusecore/internal/plan"},
	{"fusecore/internal/partition", "fusecore/internal/plan"},
	{"fusecore/internal/plan", "fusecore/internal/partition"},
	{"fusecore/internal/plan", "fusecore/internal/asm"},
	{"fusecore/internal/plan", "fusecore/internal/emit"},
	{"fusecore/internal/plan", "fusecore/internal/merge"},
	{"fusecore/internal/emit", "fusecore/internal/merge"},
	{"fusecore/internal/merge", "fusecore/internal/plan"},
	{"fusecore/internal/merge", "fusecore/internal/output"},
	{"fusecore/internal/onememory", "fusecore/internal/graph"},
	{"fusecore/internal/onememory", "fusecore/internal/asm"},
	{"fusecore/internal/coreabi", "fusecore/internal/plan"},
	{"", "fusecore/internal/testkit"}, // every package
}

// broken lists the imports that layers forbid, each with the path that leads there. imports has the imports of every
// package of the module, by path inside it, without those of tests.
func broken(imports map[string][]string) (out []string) {
	in := func(pkg, of string) bool { return of == "" || pkg == of || strings.HasPrefix(pkg, of+"/") }
	var lead func(pkg, never string, seen map[string]bool) []string
	lead = func(pkg, never string, seen map[string]bool) []string {
		if in(pkg, never) {
			return []string{pkg}
		}
		if seen[pkg] {
			return nil
		}
		seen[pkg] = true
		for _, next := range imports[pkg] {
			if way := lead(next, never, seen); way != nil {
				return append([]string{pkg}, way...)
			}
		}
		return nil
	}
	for _, l := range layers {
		for pkg := range imports {
			if !in(pkg, l.pkg) || in(pkg, l.never) {
				continue
			}
			if way := lead(pkg, l.never, map[string]bool{}); way != nil {
				out = append(out, strings.Join(way, " imports "))
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestLayers(t *testing.T) {
	if _, err := os.Stat("../go.mod"); errors.Is(err, os.ErrNotExist) {
		t.Skip("needs the Go module, which Bazel does not lay out")
	}
	list := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")
	list.Dir = ".."
	text, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/wasmfuse/rules_wasm_fuse/"
	imports := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		var inside []string
		for _, path := range strings.Fields(line) {
			if pkg, ok := strings.CutPrefix(path, module); ok {
				inside = append(inside, pkg)
			}
		}
		imports[inside[0]] = inside[1:]
	}
	for _, l := range layers {
		if l.pkg != "" && imports[l.pkg] == nil {
			t.Errorf("there is no package %s", l.pkg)
		}
	}
	for _, b := range broken(imports) {
		t.Error(b)
	}
}

// TestLayersBroken checks that forbidden imports are found, direct and indirect ones.
func TestLayersBroken(t *testing.T) {
	for _, tc := range []struct {
		imports map[string][]string
		want    string
	}{
		{map[string][]string{"fusecore/internal/plan": {"fusecore/internal/graph"}, "fusecore/internal/graph": {"fusecore/internal/cabi"}}, "[]"},
		{map[string][]string{"fusecore/internal/graph": {"fusecore/internal/asm"}}, "[fusecore/internal/graph imports fusecore/internal/asm]"},
		{map[string][]string{"fusecore/internal/plan": {"fusecore/internal/trap"}, "fusecore/internal/trap": {"fusecore/internal/emit/state"}},
			"[fusecore/internal/plan imports fusecore/internal/trap imports fusecore/internal/emit/state]"},
		{map[string][]string{"fusecore/internal/merge": {"fusecore/internal/output/component"}},
			"[fusecore/internal/merge imports fusecore/internal/output/component]"},
		{map[string][]string{"tools/wasmfuse": {"fusecore/internal/testkit/script"}}, "[tools/wasmfuse imports fusecore/internal/testkit/script]"},
		{map[string][]string{"fusecore/internal/testkit/asmtest": {"fusecore/internal/testkit/script"}}, "[]"},
	} {
		if got := fmt.Sprint(broken(tc.imports)); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.imports, got, tc.want)
		}
	}
}
