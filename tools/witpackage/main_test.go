package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDeclaration(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		line             int
		err              string
	}{
		{name: "plain", text: "package a:b;", want: "a:b", line: 1},
		{name: "version", text: "package a:b@1.2.3-rc.1+x;\ninterface i {}", want: "a:b@1.2.3-rc.1+x", line: 1},
		{name: "comments", text: "// package x:y;\n/* a /* b */ package x:z; */\n/// doc\npackage // c\n a : b /* d */ @ 0.1.0 ;", want: "a:b@0.1.0", line: 4},
		{name: "escaped", text: "package %use:%record;", want: "use:record", line: 1},
		{name: "nested namespace", text: "package a:b:c/d;", want: "a:b:c/d", line: 1},
		{name: "none", text: "interface package { }", line: 1},
		{name: "empty", text: " \n", line: 2},
		{name: "braces", text: "package a:b { interface i {} }", line: 1},
		{name: "longer word", text: "packages a:b;", line: 1},
		{name: "no namespace", text: "package b;", line: 1, err: "has no namespace"},
		{name: "no end", text: "package a:b\n", line: 2, err: "a ; is missing"},
		{name: "open comment", text: "\n/* /* */ package a:b;", line: 2, err: "begins in line 2 does not end"},
		{name: "odd character", text: "package a:\n(b);", line: 2, err: "has no place"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, line, err := declaration(c.text)
			if got != c.want || line != c.line {
				t.Errorf("got %q in line %d, want %q in line %d", got, line, c.want, c.line)
			}
			checkError(t, err, c.err)
		})
	}
}

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
