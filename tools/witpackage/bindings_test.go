package main

import (
	"io"
	"os"
	"strings"
	"testing"
)

func TestBindings(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("a.wit", []byte("package a:b;\nworld a-W { import f: func(s: string); }"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-o=wit.wasm", "a.wit"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	const outs = " -o=a_w.h=x/a_w.h -o=a_w.c=y/a_w.c -o=a_w_component_type.o=y/a_w_component_type.o"
	for _, c := range []struct{ name, args, err string }{
		{"right", "-world=a-W" + outs + " wit.wasm", ""},
		{"no such world", "-target=//x:y -world=w" + outs + " wit.wasm", `//x:y: the WIT package has no world "w": the attribute world has to name one of "a-W"`},
		{"encoding", "-world=a-W -option=encoding=latin1" + outs + " wit.wasm", "unknown string encoding latin1"},
		{"language", "-world=a-W -language=cobol" + outs + " wit.wasm", "unknown language cobol"},
		{"another header", "-world=a-W -o=a_W.h=x -o=a_w.c=x -o=a_w_component_type.o=x wit.wasm", "a_w.h is generated, and there is no -o for it"},
		{"one too many", "-world=a-W -o=more=x" + outs + " wit.wasm", "4 -o for 3 files"},
		{"no package", "-world=a-W", "expected one WIT package"},
		{"missing package", "-world=a-W missing.wasm", "missing.wasm"},
		{"text", "-world=a-W" + outs + " a.wit", "world = \"a-W\": "},
		{"no file", "-world=a-W -o=a_w.h", "expected NAME=FILE"},
		{"flag", "-bad", "bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, folder := range []string{"x", "y"} {
				os.RemoveAll(folder)
				os.Mkdir(folder, 0o777)
			}
			err := bindings(t.Context(), strings.Fields(c.args), io.Discard)
			checkError(t, err, c.err)
			header, readErr := os.ReadFile("x/a_w.h")
			if (c.err == "") != (readErr == nil) {
				t.Errorf("the header: %v", readErr)
			}
			if c.err == "" && !strings.Contains(string(header), "void a_w_f(a_w_string_t *s);") {
				t.Errorf("the header is\n%s", header)
			}
		})
	}
}
