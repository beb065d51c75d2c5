// Package golden compares results of tests with files that are reviewed as text. With the environment variable
// UPDATE_GOLDEN=1 tests rewrite the files instead.
package golden

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update reports whether tests rewrite golden files.
var Update = os.Getenv("UPDATE_GOLDEN") != ""

// Check compares a file with its expected content, or writes that.
func Check(t testing.TB, file, got string) {
	t.Helper()
	if Update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("UPDATE_GOLDEN=1 go test rewrites %s (-want +got):\n%s", file, d)
	}
}
