// Package mutants checks tests: they must notice changes of what they test.
package mutants

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Mutant is a change of a source: another text in the place of the first one that is From.
type Mutant = struct{ File, From, To string }

// Check checks that every mutant changes its file, and, with MUTANTS=all or the beginning of files' names, that tests fail
// with it. These are run by the go command, with each list of arguments that runs returns for the file until one fails. That
// compiles tests for each mutant and takes minutes.
func Check(t *testing.T, mutants []Mutant, runs func(file string) [][]string) {
	t.Helper()
	for _, m := range mutants {
		source, err := os.ReadFile(m.File)
		if errors.Is(err, os.ErrNotExist) {
			t.Skip("needs the packages' sources, which Bazel does not lay out")
		}
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(source), m.From, m.To, 1)
		if text == string(source) {
			t.Errorf("%s has no %q", m.File, m.From)
			continue
		}
		if which := os.Getenv("MUTANTS"); which == "" || which != "all" && !strings.HasPrefix(m.File, which) {
			continue
		}
		if !noticed(t, m, overlaid(t, m.File, text), runs(m.File)) {
			t.Errorf("nothing notices %s: %q instead of %q", m.File, m.To, m.From)
		}
	}
}

// overlaid returns a file that makes the go command compile a text in the place of a source.
func overlaid(t *testing.T, source, text string) string {
	t.Helper()
	original, err := filepath.Abs(source)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mutant, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{original: mutant}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{mutant: []byte(text), overlay: list} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return overlay
}

// noticed reports whether tests fail with a mutant. It logs them.
func noticed(t *testing.T, m Mutant, overlay string, runs [][]string) bool {
	t.Helper()
	for _, args := range runs {
		out, err := exec.Command("go", append([]string{"test", "-short", "-vet=off", "-overlay", overlay}, args...)...).CombinedOutput()
		if err == nil {
			continue
		}
		text := string(out)
		if strings.Contains(text, "[build failed]") || strings.Contains(text, "[setup failed]") {
			t.Errorf("%s: %q: %s", m.File, m.To, text)
			return true
		}
		var failed []string
		for line := range strings.Lines(text) {
			if name, ok := strings.CutPrefix(line, "--- FAIL: "); ok {
				failed = append(failed, strings.Fields(name)[0])
			}
		}
		t.Logf("%s: %q is noticed by %s", m.File, m.To, strings.Join(failed, ", "))
		return true
	}
	return false
}
