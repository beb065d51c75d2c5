package gazelle_ext_test

import (
	"bufio"
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/internal/monorepo"
)

// The size of the smaller repository of TestScale, in teams.
const scaleTeams = 15

// TestScale counts how often each statement of the extension runs in a repository and in one of twice the size, first
// without BUILD files, then with them. Each must run at most about twice as often: nothing but sorting is worse than linear,
// and a statement that is has its place in the message.
func TestScale(t *testing.T) {
	if _, err := os.Stat("../go.mod"); errors.Is(err, os.ErrNotExist) {
		t.Skip("needs the Go module, which Bazel does not lay out")
	}
	tmp := t.TempDir()
	gazelle := filepath.Join(tmp, "gazelle")
	build := exec.Command("go", "build", "-cover", "-covermode=count", "-coverpkg=./bench,./wit,../internal/witsyntax,../fusecore/iface",
		"-o", gazelle, "./bench")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, run := range []string{"first", "second"} {
		small := countStatements(t, gazelle, filepath.Join(tmp, "small"), scaleTeams)
		large := countStatements(t, gazelle, filepath.Join(tmp, "large"), 2*scaleTeams)
		if len(large) < 500 {
			t.Fatalf("only %d statements were counted", len(large))
		}
		for _, place := range slices.Sorted(maps.Keys(large)) {
			// A sort of twice as much compares more than twice as often.
			if large[place] > 1000 && float64(large[place]) > 2.4*float64(small[place]) {
				t.Errorf("%s run: %s: %d times for %d teams, %d times for %d", run, place, small[place], scaleTeams, large[place], 2*scaleTeams)
			}
		}
	}
}

// countStatements runs Gazelle in a folder, which it fills with a repository if it does not exist, and returns how often each
// statement ran.
func countStatements(t *testing.T, gazelle, dir string, teams int) map[string]int {
	t.Helper()
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		if err := monorepo.Write(dir, teams); err != nil {
			t.Fatal(err)
		}
	}
	counts := t.TempDir()
	cmd := exec.Command(gazelle, "gazelle")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOCOVERDIR="+counts, "BUILD_WORKSPACE_DIRECTORY=")
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	profile := filepath.Join(counts, "profile")
	if out, err := exec.Command("go", "tool", "covdata", "textfmt", "-i="+counts, "-o="+profile).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(profile)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		// FILE:FROM,TO STATEMENTS COUNT; the first line has the mode.
		if f := strings.Fields(lines.Text()); len(f) == 3 {
			n, err := strconv.Atoi(f[2])
			if err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			out[f[0]] += n
		}
	}
	return out
}
