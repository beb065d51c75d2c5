package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name, want, err string
		files           []string
		dep             string // of a package that it uses
	}{
		{name: "right", want: "a:b@1.0.0", files: []string{"package a:b@1.0.0; interface j {}"}},
		{name: "not said", files: []string{"package a:b@1.0.0; interface j {}"}},
		{name: "one file of two declares", want: "a:b@1.0.0", files: []string{"interface i {}", "package a:b@1.0.0;"}},
		{name: "other", want: "a:c", files: []string{"package a:b@1.0.0;"}, err: `//x:y: 0.wit:1: the file is of package a:b@1.0.0, but the target says package = "a:c"`},
		{name: "two packages", files: []string{"package a:b;", "\npackage a:c;"}, err: "//x:y: 1.wit:2: the file is of package a:c, but 0.wit:1 is of a:b"},
		{name: "unknown type", files: []string{"package a:b@1.0.0;\n\ninterface i {\n  f: func(x: stringg);\n}"}, err: "--> 0.wit:4:14"},
		{name: "unknown interface", files: []string{"package a:b@1.0.0;\ninterface i { use j.{t}; }"}, err: "0.wit:2:19"},
		{name: "syntax", files: []string{"package a:b@1.0.0;\ninterface i { func }"}, err: "0.wit:2:15"},
		{name: "missing package", files: []string{"package a:b@1.0.0;\nworld w { import c:d/e; }"}, err: "among deps: add the wit_library of c:d"},
		{name: "missing version", files: []string{"package a:b@1.0.0;\nworld w { import c:d/e@1.2.0; }"}, dep: "package c:d@1.1.0; interface e {}",
			err: "add the wit_library of c:d@1.2.0; or let the files name the version that deps have: c:d@1.1.0"},
		{name: "missing package of WASI", files: []string{"package a:b@1.0.0;\nworld w { import wasi:cli/environment@0.2.12; }"},
			err: "add the wit_library of wasi:cli@0.2.12, which is @wasi//0.2.12:cli with the extension wasi"},
		{name: "found package", want: "a:b@1.0.0", files: []string{"package a:b@1.0.0;\nworld w { import c:d/e; }"}, dep: "package c:d; interface e {}"},
		{name: "fault in a dependency", files: []string{"package a:b@1.0.0;\nworld w { import c:d/e; }"}, dep: "package c:d;\ninterface e { use x.{y}; }", err: "dep.wit:2:19"},
		{name: "none", files: []string{"interface i {}"}, err: "//x:y: no file among srcs declares a package"},
		{name: "malformed", files: []string{"package b;"}, err: "//x:y: 0.wit:1: package b has no namespace"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			args := []string{"-target=//x:y", "-package=" + c.want, "-o=out", "-plain=plain/0.wit"}
			if err := os.Mkdir("plain", 0o777); err != nil {
				t.Fatal(err)
			}
			for i, text := range c.files {
				name := string(rune('0'+i)) + ".wit"
				if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
				args = append(args, name)
			}
			if c.dep != "" {
				if err := os.WriteFile("dep.wit", []byte(c.dep), 0o666); err != nil {
					t.Fatal(err)
				}
				args = append([]string{"-dep=c-d/dep.wit=dep.wit"}, args...)
			}
			err := run(t.Context(), args, io.Discard)
			checkError(t, err, c.err)
			out, readErr := os.ReadFile("out")
			if c.err == "" {
				checkPackage(t, out)
				if plain, err := os.ReadFile("plain/0.wit"); err != nil || string(plain) != string(witsyntax.Plain([]byte(c.files[0]))) {
					t.Errorf("without comments: %q, %v", plain, err)
				}
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
	if err := run(t.Context(), []string{"-target=//x:y", "-package=a:b@1.0.0", "-o=" + out, binary}, io.Discard); err != nil {
		t.Error(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	checkPackage(t, got)
	checkError(t, run(t.Context(), []string{"-target=//x:y", "-package=a:c", "-o=" + out, binary}, io.Discard), "package.wasm: the file is of package a:b@1.0.0, but the target says package = \"a:c\"")
	text := filepath.Join(t.TempDir(), "x.wit")
	if err := os.WriteFile(text, []byte("package a:b@1.0.0;"), 0o644); err != nil {
		t.Fatal(err)
	}
	checkError(t, run(t.Context(), []string{"-target=//x:y", "-o=" + out, text, binary}, io.Discard), "a WIT package in binary form is complete")
}

// Names of files can have any character.
func TestRunNames(t *testing.T) {
	t.Chdir(t.TempDir())
	dir := "d=e f"
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	const own, dep = "d=e f/a=b %s,\u00fc.wit", "d=e f/dep=.wit"
	for name, text := range map[string]string{own: "package a:b@1.0.0;\nworld w { import c:d/e; }", dep: "package c:d; interface e {}"} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(t.Context(), []string{"-target=//x:y", "-o=out", "-dep=c-d/dep,3d.wit=" + dep, own}, io.Discard); err != nil {
		t.Fatal(err)
	}
	out, err := os.ReadFile("out")
	if err != nil {
		t.Fatal(err)
	}
	checkPackage(t, out)
	if err := os.WriteFile(own, []byte("package a:b@1.0.0;\nworld w { import c:d/f; }"), 0o666); err != nil {
		t.Fatal(err)
	}
	checkError(t, run(t.Context(), []string{"-target=//x:y", "-o=out", "-dep=c-d/dep,3d.wit=" + dep, own}, io.Discard), "--> "+own+":2:22")
}

func TestRunCommandLine(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.wit")
	checkError(t, run(t.Context(), []string{"x.wit"}, io.Discard), "-o is missing")
	checkError(t, run(t.Context(), []string{"-o=" + missing + ".out", missing}, io.Discard), "missing.wit")
	checkError(t, run(t.Context(), []string{"-bad"}, io.Discard), "bad")
}

// checkPackage checks that a file is the package a:b in binary form.
func checkPackage(t *testing.T, wasm []byte) {
	t.Helper()
	p, err := iface.ReadPackage("out", wasm)
	if err != nil || p.Name != "a:b@1.0.0" {
		t.Errorf("wrote %v, %v", p, err)
	}
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
