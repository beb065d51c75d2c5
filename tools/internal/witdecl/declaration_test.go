package witdecl

import (
	"os"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
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
			got, line, err := Text(c.text)
			if got != c.want || line != c.line {
				t.Errorf("got %q in line %d, want %q in line %d", got, line, c.want, c.line)
			}
			checkError(t, err, c.err)
		})
	}
}

func TestOf(t *testing.T) {
	b, err := os.ReadFile("../../../fusecore/iface/testdata/package.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if name, _, err := Of("x/package.wasm", b); name != "a:b@1.0.0" || err != nil {
		t.Errorf("of the binary form: %q, %v", name, err)
	}
	if name, line, err := Of("x.wit", []byte("\npackage a:b;")); name != "a:b" || line != 2 || err != nil {
		t.Errorf("of text: %q in line %d, %v", name, line, err)
	}
	_, _, err = Of("x.wasm", b[:20])
	checkError(t, err, "x.wasm")
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
