package gazelle_ext_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bazel-contrib/bazel-gazelle/v2/cmd/gazelle/update"
	"github.com/bazelbuild/bazel-gazelle/language"
	golang "github.com/bazelbuild/bazel-gazelle/language/go"
	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/internal/testcomponent"
	"github.com/wasmfuse/rules_wasm_fuse/gazelle_ext/wit"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

// asGazelle makes this test binary run gazelle's main with the extension, in a separate process. Its value "go" adds the extension
// for Go.
const asGazelle = "TEST_AS_GAZELLE"

func TestMain(m *testing.M) {
	if os.Getenv(asGazelle) == "" {
		os.Exit(m.Run())
	}
	log.SetPrefix("gazelle: ")
	log.SetFlags(0)
	wd, err := os.Getwd()
	if err == nil {
		languages := []language.Language{wit.NewLanguage()}
		if os.Getenv(asGazelle) == "go" {
			languages = append(languages, golang.NewLanguage())
		}
		err = update.Run(context.Background(), languages, wd, os.Args[1:])
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatal(err)
	}
}

// gazelleTime is the CPU time of all processes of runGazelle.
var gazelleTime time.Duration

// runGazelle runs gazelle in a folder and returns what it writes to stderr and its exit status.
func runGazelle(t testing.TB, dir string, args ...string) (stderr string, code int) {
	t.Helper()
	return runLanguages(t, dir, "wit", args...)
}

func runLanguages(t testing.TB, dir, languages string, args ...string) (stderr string, code int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asGazelle+"="+languages, "BUILD_WORKSPACE_DIRECTORY=")
	var b bytes.Buffer
	cmd.Stderr = &b
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	gazelleTime += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return strings.ReplaceAll(b.String(), dir, "%WORKSPACEPATH%"), cmd.ProcessState.ExitCode()
}

// TestGolden runs gazelle in each folder of testdata. BUILD.in files become BUILD.bazel, and must equal BUILD.out
// afterwards. expectedStderr.txt and expectedExitCode.txt have the other results (empty and 0 by default), and
// arguments.txt the command line; languages.txt is "go" for the extension for Go besides. A second run must change nothing, and print the same unless there is an
// expectedStderrAgain.txt. NAME.wasm.txt describes the NAME.wasm beside it.
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 40 {
		t.Errorf("%d cases, want at least 40", len(cases))
	}
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			goldenCase(t, dir)
		})
	}
}

func goldenCase(t *testing.T, dir string) {
	tmp := t.TempDir()
	tmp, err := filepath.EvalSymlinks(tmp)
	if err != nil {
		t.Fatal(err)
	}
	files := tree(t, dir)
	components(t, dir, files)
	for name, data := range files {
		switch base := filepath.Base(name); {
		case base == "BUILD.out", name == "expectedStderr.txt", name == "expectedStderrAgain.txt", name == "expectedExitCode.txt",
			name == "arguments.txt", name == "languages.txt", name == "README.md":
			continue
		case base == "BUILD.in":
			name = filepath.Join(filepath.Dir(name), "BUILD.bazel")
		}
		write(t, filepath.Join(tmp, name), data)
	}
	if _, ok := files["MODULE.bazel"]; !ok {
		write(t, filepath.Join(tmp, "MODULE.bazel"), nil)
	}
	before := tree(t, tmp)
	args := strings.Fields(string(files["arguments.txt"]))
	languages := "wit"
	if more := files["languages.txt"]; more != nil {
		languages = strings.TrimSpace(string(more))
	}
	stderr, code := runLanguages(t, tmp, languages, args...)
	got := tree(t, tmp)
	if code != 0 {
		if d := cmp.Diff(before, got); d != "" {
			t.Errorf("gazelle failed and wrote files nevertheless:\n%s", d)
		}
	}
	expect(t, dir, files, "expectedStderr.txt", stderr)
	exit := ""
	if code != 0 {
		exit = fmt.Sprintln(code)
	}
	expect(t, dir, files, "expectedExitCode.txt", exit)
	outs := map[string]bool{}
	for name, data := range got {
		if filepath.Base(name) == "BUILD.bazel" {
			out := filepath.Join(filepath.Dir(name), "BUILD.out")
			outs[out] = true
			expect(t, dir, files, out, string(data))
		}
	}
	for name := range files {
		if filepath.Base(name) == "BUILD.out" && !outs[name] {
			t.Errorf("%s: gazelle wrote no such file", name)
			if golden.Update {
				os.Remove(filepath.Join(dir, name))
			}
		}
	}
	again, _ := runLanguages(t, tmp, languages, args...)
	if d := cmp.Diff(got, tree(t, tmp)); d != "" {
		t.Errorf("a second run changed files (-first +second):\n%s", d)
	}
	if _, ok := files["expectedStderrAgain.txt"]; ok {
		expect(t, dir, files, "expectedStderrAgain.txt", again)
	} else if len(args) == 0 && again != stderr {
		t.Errorf("a second run says other things (-first +second):\n%s", cmp.Diff(stderr, again))
	}
}

// components checks that .wasm files match their descriptions.
func components(t *testing.T, dir string, files map[string][]byte) {
	for name, text := range files {
		wasm, ok := strings.CutSuffix(name, ".wasm.txt")
		if !ok {
			continue
		}
		want, err := testcomponent.Parse(string(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wasm += ".wasm"
		if golden.Update {
			write(t, filepath.Join(dir, wasm), want)
			files[wasm] = want
		}
		if !bytes.Equal(files[wasm], want) {
			t.Errorf("%s is not what %s says", wasm, name)
		}
	}
}

// expect compares with a golden file. A missing file means empty.
func expect(t *testing.T, dir string, files map[string][]byte, name, got string) {
	t.Helper()
	if d := cmp.Diff(string(files[name]), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
		if !golden.Update {
			return
		}
		if got == "" {
			os.Remove(filepath.Join(dir, name))
			return
		}
		write(t, filepath.Join(dir, name), []byte(got))
	}
}

func tree(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		out[rel], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
