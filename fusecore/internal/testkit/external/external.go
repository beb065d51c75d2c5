// Package external finds what tests use from outside the repository: tools that scripts in tools/guests install, and
// the reference tests. A test that needs something missing is skipped, and prints a line about it even without go test
// -v.
package external

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Tool returns the path in an environment variable, or the path where tools/guests/get-TOOL.sh installs a tool: its
// folder, or a program in that folder, which may also be on the PATH under the tool's name.
func Tool(variable, tool, program string) (string, error) {
	if path := os.Getenv(variable); path != "" {
		return path, nil
	}
	kit := os.Getenv("GUEST_KIT")
	if cache, err := os.UserCacheDir(); kit == "" && err == nil {
		kit = filepath.Join(cache, "rules_wasm_fuse", "guests")
	}
	path := filepath.Join(kit, "prefix", tool, program)
	_, err := os.Stat(path)
	if err != nil && program != "" {
		path, err = exec.LookPath(tool)
	}
	if err != nil {
		return "", fmt.Errorf("%s is not installed: set %s, or run tools/guests/get-%s.sh: %w", tool, variable, tool, err)
	}
	return path, nil
}

// Need returns the result of find, or skips the test.
func Need[T any](t testing.TB, find func() (T, error)) T {
	t.Helper()
	found, err := find()
	if err != nil {
		fmt.Fprintf(os.Stderr, "SKIPPED %s: %v\n", t.Name(), err)
		t.Skip(err)
	}
	return found
}

// Conformance returns the folder of the component model's reference tests, converted to JSON, from the environment
// variable WASMFUSE_CONFORMANCE, or skips the test.
func Conformance(t testing.TB) string {
	t.Helper()
	const variable = "WASMFUSE_CONFORMANCE"
	return Need(t, func() (string, error) {
		if folder := os.Getenv(variable); folder != "" {
			return folder, nil
		}
		return "", fmt.Errorf("%s does not name the folder of the reference tests", variable)
	})
}
