package iface_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
)

// TestReadWorldAgrees checks that wasm-tools reads the WIT of examples' worlds as it reads the components.
func TestReadWorldAgrees(t *testing.T) {
	tool := wasmtools.Need(t)
	files, err := filepath.Glob("../../examples/*/*.wasm")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, file := range files {
		wasm, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !iface.IsComponent(wasm[:8]) || strings.Contains(file, "/web/") { // wasm-tools does not know async types
			continue
		}
		p, err := iface.ReadWorld(t.Context(), file, wasm)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		text := filepath.Join(t.TempDir(), "w.wit")
		if err := os.WriteFile(text, []byte(p.Whole()), 0o644); err != nil {
			t.Fatal(err)
		}
		lines := func(of string) []string {
			out := strings.Split(run(t, tool.Path(), "component", "wit", of), "\n")
			slices.Sort(out) // packages are in another order
			return out
		}
		if d := cmp.Diff(lines(file), lines(text)); d != "" {
			t.Errorf("%s: wasm-tools reads (-component +text):\n%s", file, d)
		}
		read++
	}
	if read < 20 {
		t.Errorf("only %d components were read", read)
	}
}

// TestReadWorld checks which files have a world.
func TestReadWorld(t *testing.T) {
	read := func(file string) (*iface.Package, error) {
		wasm, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return iface.ReadWorld(t.Context(), "file", wasm)
	}
	p, err := read("../../examples/diamond/c.wasm")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"package root:component;\n\nworld root {\n", "  export run: func() -> u32;\n", "package demo:d@0.1.0 {\n  interface p {\n    resource r {\n"} {
		if !strings.Contains(p.Whole(), want) {
			t.Errorf("no %q in\n%s", want, p.Whole())
		}
	}
	if p, err := read("testdata/package.wasm"); err != nil || strings.Contains(p.Text(), "root:component") {
		t.Errorf("a WIT package: %v, %v", p, err)
	}
	for file, want := range map[string]string{"../../examples/diamond/c.core.wasm": "carries no world", "testdata/package.golden": "this is WIT"} {
		if _, err := read(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
}
