package gazelle_ext_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/internal/testcomponent"
)

// TestExitStatus checks the table of exit statuses in README.md.
func TestExitStatus(t *testing.T) {
	component := func(text string) []byte {
		b, err := testcomponent.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "MODULE.bazel"), nil)
	write(t, filepath.Join(dir, "a.wasm"), component("import t:t/i\n"))
	write(t, filepath.Join(dir, "b.wasm"), component("export t:t/i\n"))
	run := func(what string, want int, args ...string) {
		t.Helper()
		before := tree(t, dir)
		stderr, code := runGazelle(t, dir, args...)
		if code != want {
			t.Errorf("%s: exit status %d, want %d: %s", what, code, want, stderr)
		}
		if len(args) > 0 && len(before) != len(tree(t, dir)) {
			t.Errorf("%s: files were written", what)
		}
	}
	run("no BUILD files yet", 1, "-mode=diff", "-strict")
	run("written", 0)
	run("all as Gazelle writes it", 0, "-mode=diff", "-strict")
	write(t, filepath.Join(dir, "c.wasm"), component("export t:t/j\n"))
	run("a rule is missing", 1, "-mode=diff", "-strict")
	run("a rule is missing, not strict", 1, "-mode=diff")
	run("written again", 0)
	run("all there again", 0, "-mode=diff", "-strict")
	if err := os.Remove(filepath.Join(dir, "b.wasm")); err != nil {
		t.Fatal(err)
	}
	run("a problem", 1, "-strict")
	run("a problem, compared", 1, "-mode=diff", "-strict")
	run("a problem, not strict", 0)
	run("a problem that changes nothing, compared, not strict", 0, "-mode=diff")
	run("a problem that changes nothing, compared", 1, "-mode=diff", "-strict")
}
