package wasmrun

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// launchedEnv makes a process of this test print the label of its target.
const launchedEnv = "WASMRUN_TEST_LAUNCHED"

// TestMain lets this program be what tests start.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "serve" {
		fakeServer(os.Args[2:])
	}
	if os.Getenv(launchedEnv) != "" {
		t, err := launched(os.Args[0])
		switch {
		case err != nil:
			fmt.Print(err)
		case t != nil:
			fmt.Print(t.Label)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestLaunchedCopy checks that the target of a copy of the program, as Bazel makes it on Windows, is found however it is started.
func TestLaunchedCopy(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	put(t, `{"label": "//app:a"}`, dir, "app", "a.wasmrun.json")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a.exe": "//app:a", "none.exe": ""} {
		program := filepath.Join(dir, "app", name)
		if err := copyFile(program, self); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(program, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, arg0 := range []string{program, strings.TrimSuffix(program, ".exe"), filepath.Join("app", name), strings.ToUpper(name), "another", ""} {
			cmd := exec.Command(program)
			cmd.Args[0] = arg0
			cmd.Env = append(os.Environ(), launchedEnv+"=1")
			if got, err := cmd.CombinedOutput(); err != nil || string(got) != want {
				t.Errorf("%s, started as %q, is %q (%v), want %q", name, arg0, got, err, want)
			}
		}
	}
}
