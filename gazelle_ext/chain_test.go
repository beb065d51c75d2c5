package gazelle_ext_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/internal/testcomponent"
)

// chainTree writes components that each import from the next, in separate folders or all in one.
func chainTree(t testing.TB, dir string, length int, folders bool) {
	write(t, filepath.Join(dir, "MODULE.bazel"), nil)
	for i := range length {
		text := fmt.Sprintf("export chain:c%d/i@1.0.0\n", i)
		if i+1 < length {
			text += fmt.Sprintf("import chain:c%d/i@1.0.0\n", i+1)
		}
		b, err := testcomponent.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("c%d.wasm", i)
		if folders {
			name = filepath.Join(fmt.Sprintf("c%d", i), name)
		}
		write(t, filepath.Join(dir, name), b)
	}
}

// TestChain checks that the output for a chain, and the time it takes, grow linearly with its length.
func TestChain(t *testing.T) {
	for _, folders := range []bool{true, false} {
		var sizes []int
		var times []float64 // CPU time in seconds
		for _, length := range []int{250, 1000} {
			dir := t.TempDir()
			chainTree(t, dir, length, folders)
			begin := gazelleTime
			if stderr, code := runGazelle(t, dir, "-strict"); stderr != "" || code != 0 {
				t.Fatalf("exit status %d: %.2000s", code, stderr)
			}
			times = append(times, (gazelleTime - begin).Seconds())
			size, fusions := 0, 0
			for name, data := range tree(t, dir) {
				if filepath.Base(name) == "BUILD.bazel" {
					size += len(data)
					fusions += strings.Count(string(data), "wasm_component_fuse(")
				}
			}
			if fusions != 1 {
				t.Errorf("%d components: %d fusions, want one", length, fusions)
			}
			sizes = append(sizes, size)
		}
		t.Logf("folders %v: %d bytes in %.2f s, %d bytes in %.2f s", folders, sizes[0], times[0], sizes[1], times[1])
		if ratio := float64(sizes[1]) / float64(sizes[0]); ratio > 4.2 {
			t.Errorf("four times the components give %.1f times the text", ratio)
		}
		// A factor of two allows for noise.
		if times[1] > 8*times[0]+1 {
			t.Errorf("four times the components take %.2f s instead of %.2f s", times[1], times[0])
		}
	}
}

// TestChainFuses checks that the generated rules of a chain link it, without a list of its components.
func TestChainFuses(t *testing.T) {
	const length = 200
	dir := t.TempDir()
	chainTree(t, dir, length, true)
	if stderr, code := runGazelle(t, dir, "-strict"); stderr != "" || code != 0 {
		t.Fatalf("exit status %d: %.2000s", code, stderr)
	}
	var in fusecore.Graph
	for i := range length {
		name := fmt.Sprintf("c%d", i)
		b, err := os.ReadFile(filepath.Join(dir, name, name+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		input := fusecore.Input{Name: name, Bytes: b, Private: true}
		if i == 0 {
			in.Root = input
		} else {
			in.Deps = append(in.Deps, input)
		}
	}
	in.Supplies = written(t, dir)
	out, err := fusecore.Fuse(t.Context(), in, fusecore.FuseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := iface.Read("out", out.Bytes())
	if err != nil || len(s.Imports) != 0 || len(s.Exports) != 1 {
		t.Errorf("the output imports %v and exports %v (%v), want nothing and one interface", s.Imports, s.Exports, err)
	}
	slices.Reverse(in.Supplies)
	again, err := fusecore.Fuse(t.Context(), in, fusecore.FuseOptions{})
	if err != nil || !bytes.Equal(again.Bytes(), out.Bytes()) {
		t.Errorf("the order of supplies makes a difference (%v)", err)
	}
}

// TestMiddlewareChain tests a chain of components that all import and export one interface, each with a directive.
func TestMiddlewareChain(t *testing.T) {
	const length = 300
	dir := t.TempDir()
	write(t, filepath.Join(dir, "MODULE.bazel"), nil)
	var directives strings.Builder
	for i := range length {
		b, err := testcomponent.Parse(fmt.Sprintf("import h:h/h\nexport h:h/h\nexport h:h/own%d\n", i))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, fmt.Sprintf("m%d.wasm", i)), b)
		to := fmt.Sprintf(":m%d", i+1)
		if i+1 == length {
			to = "host"
		}
		fmt.Fprintf(&directives, "# gazelle:wasm_supply m%d h:h/h %s\n", i, to)
	}
	write(t, filepath.Join(dir, "BUILD.bazel"), []byte(directives.String()))
	if stderr, code := runGazelle(t, dir, "-strict"); stderr != "" || code != 0 {
		t.Fatalf("exit status %d: %.2000s", code, stderr)
	}
	build, err := os.ReadFile(filepath.Join(dir, "BUILD.bazel"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(build), "    deps = ["); got != length-1 {
		t.Errorf("%d components have deps, want all but the last of %d", got, length)
	}
	if !strings.Contains(string(build), "name = \"m0_fused\"") || strings.Count(string(build), "wasm_component_fuse(") != 1 {
		t.Error("there is to be one fusion, of :m0")
	}
}
