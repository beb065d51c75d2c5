package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name, want, err string
		files           []string
	}{
		{name: "right", want: "a:b@1.0.0", files: []string{"package a:b@1.0.0;"}},
		{name: "not said", files: []string{"package a:b@1.0.0;"}},
		{name: "one file of two declares", want: "a:b@1.0.0", files: []string{"interface i {}", "package a:b@1.0.0;"}},
		{name: "other", want: "a:c", files: []string{"package a:b@1.0.0;"}, err: `//x:y: 0.wit:1: the file is of package a:b@1.0.0, but the target says package = "a:c"`},
		{name: "two packages", files: []string{"package a:b;", "\npackage a:c;"}, err: "//x:y: 1.wit:2: the file is of package a:c, but 0.wit:1 is of a:b"},
		{name: "none", files: []string{"interface i {}"}, err: "//x:y: no file among srcs declares a package"},
		{name: "malformed", files: []string{"package b;"}, err: "//x:y: 0.wit:1: package b has no namespace"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			args := []string{"-target=//x:y", "-package=" + c.want, "-o=out"}
			for i, text := range c.files {
				name := string(rune('0'+i)) + ".wit"
				if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
				args = append(args, name)
			}
			err := run(args, io.Discard)
			checkError(t, err, c.err)
			out, readErr := os.ReadFile("out")
			if c.err == "" && string(out) != "a:b@1.0.0\n" {
				t.Errorf("wrote %q (%v), want the name", out, readErr)
			}
			if c.err != "" && readErr == nil {
				t.Errorf("wrote %q although there is an error", out)
			}
		})
	}
}

// A package in binary form is a single file, which contains its name.
func TestRunBinary(t *testing.T) {
	const binary = "../../fusecore/iface/testdata/package.wasm"
	out := filepath.Join(t.TempDir(), "out")
	if err := run([]string{"-target=//x:y", "-package=a:b@1.0.0", "-o=" + out, binary}, io.Discard); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(out); string(got) != "a:b@1.0.0\n" {
		t.Errorf("wrote %q (%v), want the name", got, err)
	}
	checkError(t, run([]string{"-target=//x:y", "-package=a:c", "-o=" + out, binary}, io.Discard), "package.wasm: the file is of package a:b@1.0.0, but the target says package = \"a:c\"")
	text := filepath.Join(t.TempDir(), "x.wit")
	if err := os.WriteFile(text, []byte("package a:b@1.0.0;"), 0o644); err != nil {
		t.Fatal(err)
	}
	checkError(t, run([]string{"-target=//x:y", "-o=" + out, text, binary}, io.Discard), "a WIT package in binary form is complete")
}

func TestRunCommandLine(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.wit")
	checkError(t, run([]string{"x.wit"}, io.Discard), "-o is missing")
	checkError(t, run([]string{"-o=" + missing + ".out", missing}, io.Discard), "missing.wit")
	checkError(t, run([]string{"-bad"}, io.Discard), "bad")
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("unexpected error: %v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got error %v, want one that contains %q", err, want)
	}
}
