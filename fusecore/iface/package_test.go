package iface_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

// witPackage returns testdata in binary form: `wasm-tools component wit testdata --wasm -o testdata/package.wasm`, by a
// version without asynchronous function types. testdata/async is made the same way by one that has them.
func witPackage(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/package.wasm")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPackage(t *testing.T) {
	for _, dir := range []string{"testdata/", "testdata/async/"} {
		b, err := os.ReadFile(dir + "package.wasm")
		if err != nil {
			t.Fatal(err)
		}
		if !iface.IsPackage(b) {
			t.Errorf("%s: not taken for a WIT package", dir)
		}
		p, err := iface.ReadPackage("package.wasm", b)
		if err != nil {
			t.Fatal(err)
		}
		got := p.Text()
		for _, u := range p.Uses {
			got += "\n" + u.Nested()
		}
		golden.Check(t, dir+"package.golden", got)
	}
}

// run runs a command and returns its output.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestPackageAgrees checks that wasm-tools reads the text and the binary as the same package.
func TestPackageAgrees(t *testing.T) {
	tool := wasmtools.Need(t)
	dir := t.TempDir()
	text := filepath.Join(dir, "p.wit")
	golden, err := os.ReadFile("testdata/package.golden")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(text, golden, 0o644); err != nil {
		t.Fatal(err)
	}
	lines := func(file string) []string {
		var kept []string
		for _, line := range strings.Split(run(t, tool.Path(), "component", "wit", file), "\n") {
			if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "///") {
				kept = append(kept, s)
			}
		}
		slices.Sort(kept) // nested packages are in another order
		return kept
	}
	if d := cmp.Diff(lines("testdata/package.wasm"), lines(text)); d != "" {
		t.Errorf("wasm-tools reads (-binary +text):\n%s", d)
	}
}

// TestPackageRefused checks that components with code, and truncated or corrupted packages, are rejected with an error.
func TestPackageRefused(t *testing.T) {
	for _, file := range []string{"../../examples/kv/consumer-utf8.wasm", "../../examples/three/stats.wasm"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if iface.IsPackage(b) {
			t.Errorf("%s is taken for a WIT package", file)
		}
		if _, err := iface.ReadPackage(file, b); err == nil || !strings.Contains(err.Error(), "it is not a WIT package") {
			t.Errorf("%s: error %v", file, err)
		}
	}
	b := witPackage(t)
	for n := range len(b) {
		iface.IsPackage(b[:n])
		checkWITError(t, b[:n])
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 5000 {
		m := slices.Clone(b)
		for range 1 + r.IntN(3) {
			m[8+r.IntN(len(m)-8)] = byte(r.Uint32())
		}
		checkWITError(t, m)
	}
}

func checkWITError(t *testing.T, b []byte) {
	t.Helper()
	if _, err := iface.ReadPackage("x.wasm", b); err != nil && !errors.As(err, new(*iface.Error)) {
		t.Fatal(err)
	}
}
