package wasmrun

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

func TestCheckAndDifferences(t *testing.T) {
	check := func(s *spec, got outcome) []string {
		failures, err := s.check(&got, []byte("hello\n"))
		if err != nil {
			return []string{"error: " + err.Error()}
		}
		return failures
	}
	calls := &spec{Calls: []string{"f()", "g()"}, Expected: []string{"1", "trap"}}
	command := &spec{ExpectedStdout: "_main/hello", ExpectedStatus: 3}
	for _, c := range []struct {
		name string
		got  []string
		want []string // what each failure contains
	}{
		{"right", check(calls, outcome{results: []string{"1", "trap"}, trap: "x"}), nil},
		{"wrong result", check(calls, outcome{results: []string{"2", "trap"}, trap: "x"}), []string{"f() = 2; expected 1"}},
		{"no trap", check(calls, outcome{results: []string{"1", "1"}}), []string{"g() = 1; expected trap"}},
		{"lengths", check(&spec{Calls: []string{"f()"}, Expected: []string{}}, outcome{results: []string{"1"}}), []string{"1 calls, but 0"}},
		{"unexpected trap", check(&spec{Calls: []string{"f()"}}, outcome{results: []string{"trap"}, trap: "x"}), []string{"unexpected trap: x"}},
		{"command right", check(command, outcome{status: 3, stdout: "hello\n"}), nil},
		{"command wrong", check(command, outcome{stdout: "hallo\n"}), []string{"standard output", "exit status is 0"}},
		{"same", calls.differences(&outcome{results: []string{"1", "2"}}, &outcome{results: []string{"1", "2"}}), nil},
		{"other result", calls.differences(&outcome{results: []string{"1", "2"}}, &outcome{results: []string{"1", "3"}}), []string{"g()"}},
		{"other output", command.differences(&outcome{stdout: "a", stderr: "b"}, &outcome{status: 1}), []string{"status", "output", "error"}},
		{"other host call", command.differences(&outcome{log: []string{"f()"}}, &outcome{}), []string{"calls of the host"}},
		{"trap messages", calls.differences(&outcome{results: []string{"1", "trap"}, trap: "x"}, &outcome{results: []string{"1", "trap"}, trap: "y"}), nil},
	} {
		if len(c.got) != len(c.want) {
			t.Errorf("%s: failures %q, want %d", c.name, c.got, len(c.want))
			continue
		}
		for i := range c.got {
			if !strings.Contains(c.got[i], c.want[i]) {
				t.Errorf("%s: failure %q lacks %q", c.name, c.got[i], c.want[i])
			}
		}
	}
}

// TestPlayForeign checks the errors for files that are not components.
func TestPlayForeign(t *testing.T) {
	for text, want := range map[string]string{
		"\x00asm\x01\x00\x00\x00": "x.wasm: this is a core module, not a component (make a component of it",
		"(component)":             "x.wasm: this is the text format of a component (convert it with `wasm-tools parse`",
		"":                        "x.wasm: the file is empty",
	} {
		file := filepath.Join(t.TempDir(), "x.wasm")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := (&Program{Check: fusecore.CheckComponent}).play(file, runner.Options{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
