package wasmrun

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

// fake is an engine whose command does what a function says.
type fake struct {
	runner.Engine
	runner.Instance
	o   runner.Options
	run func(runner.Options) error
}

func (f *fake) Load([]byte) (runner.Instance, error) { return f, nil }
func (f *fake) Close()                               {}
func (f *fake) Run() error                           { return f.run(f.o) }
func (f *fake) Stdout() string                       { return "" }
func (f *fake) Stderr() string                       { return "" }
func (f *fake) Log() []runner.HostCall               { return nil }

// TestRun runs targets in an engine that records what it is given.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("RUNFILES_DIR", "")
	t.Setenv("BUILD_WORKING_DIRECTORY", "")
	executable := filepath.Join(dir, "app", "run")
	put(t, "wasm", executable+".runfiles", "_main", "app", "app.wasm")
	put(t, "typed", executable+".runfiles", "_main", "stdin.txt")
	put(t, "a", executable+".runfiles", "_main", "app", "testdata", "a.txt")
	put(t, "x", executable+".runfiles", "other", "x.txt")
	put(t, "user's", dir, "home", "work", "file")
	data := environment{
		Args:     []string{"one"},
		Env:      map[string]string{"B": "2", "A": "1"},
		Data:     map[string]string{"app/testdata/a.txt": "_main/app/testdata/a.txt", "external/other/x.txt": "other/x.txt"},
		DataDirs: map[string]string{"/": "", "/etc": "app/testdata"},
	}
	preopens := environment{Preopens: map[string]string{"/work": "work", "/abs": filepath.ToSlash(dir)}, Writable: []string{"/work"}}
	for _, c := range []struct {
		name  string
		wasi  environment
		cwd   string // of `bazel run`
		check func(t *testing.T, w *runner.WASI)
		err   string
	}{
		{name: "arguments", wasi: data, check: func(t *testing.T, w *runner.WASI) {
			if diff := cmp.Diff([]string{"app.wasm", "one", "two"}, w.Args); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([][2]string{{"A", "1"}, {"B", "2"}}, w.Env); diff != "" {
				t.Error(diff)
			}
			if !w.InheritStdin || w.Stdout != os.Stdout || w.Stderr != os.Stderr {
				t.Error("the streams are not those of the process")
			}
		}},
		{name: "data", wasi: data, check: func(t *testing.T, w *runner.WASI) {
			for i, file := range []string{"app/testdata/a.txt", "a.txt"} {
				if text, err := os.ReadFile(filepath.Join(w.Dirs[i].Host, file)); string(text) != "a" || !w.Dirs[i].ReadOnly {
					t.Errorf("%+v has %q, %v", w.Dirs[i], text, err)
				}
			}
			if text, err := os.ReadFile(filepath.Join(w.Dirs[0].Host, "external/other/x.txt")); string(text) != "x" {
				t.Errorf("of another repository: %q, %v", text, err)
			}
		}},
		{name: "stdin", wasi: environment{Stdin: "_main/stdin.txt"}, check: func(t *testing.T, w *runner.WASI) {
			if w.Stdin != "typed" || w.InheritStdin {
				t.Errorf("standard input is %q", w.Stdin)
			}
		}},
		{name: "preopens", wasi: preopens, cwd: filepath.Join(dir, "home"), check: func(t *testing.T, w *runner.WASI) {
			want := []runner.Dir{
				{Guest: "/abs", Host: dir, ReadOnly: true},
				{Guest: "/work", Host: filepath.Join(dir, "home", "work")},
			}
			if diff := cmp.Diff(want, w.Dirs); diff != "" {
				t.Error(diff)
			}
		}},
		{name: "no such folder", wasi: preopens, cwd: dir, err: `//app:run: preopens: "/work" is the folder "work", and there is no folder ` + filepath.Join(dir, "work") + ": make it"},
		{name: "no such file", wasi: environment{Stdin: "_main/none"}, err: "//app:run: stdin: find _main/none: it is not among the runfiles"},
		{name: "no such data", wasi: environment{Data: map[string]string{"a": "_main/none"}}, err: "//app:run: data: find _main/none: it is not among the runfiles"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("BUILD_WORKING_DIRECTORY", c.cwd)
			text, err := json.Marshal(target{Label: "//app:run", Component: "_main/app/app.wasm", WASI: c.wasi})
			if err != nil {
				t.Fatal(err)
			}
			tgt, err := parseTarget(executable, text)
			if err != nil {
				t.Fatal(err)
			}
			var folders []string
			p := &Program{Check: func(fusecore.Input) error { return nil }, New: func(o runner.Options) (runner.Engine, error) {
				return &fake{o: o, run: func(o runner.Options) error {
					c.check(t, o.WASI)
					for _, d := range o.WASI.Dirs {
						folders = append(folders, d.Host)
					}
					return &runner.Exit{Status: 7}
				}}, nil
			}}
			err = tgt.run(p, []string{"two"})
			var exit *runner.Exit
			if c.err == "" && (!errors.As(err, &exit) || exit.Status != 7) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("%v, want %q", err, c.err)
			}
			for _, d := range folders {
				if _, err := os.Stat(d); len(c.wasi.Data) > 0 && err == nil {
					t.Errorf("the copies in %s are still there", d)
				}
			}
		})
	}
}
