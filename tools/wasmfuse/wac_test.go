package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWAC composes and fuses by a document, whose packages have names by --name and by their files.
func TestWAC(t *testing.T) {
	document := write(t, "three.wac", []byte(`package demo:app;

let words = new demo:words@0.1.0 {};
let stats = new demo:numbers { ...words };
export new demo:root { ...words, ...stats }...;
`))
	args := []string{"--wac", document, examples + "three/words.wasm", examples + "three/stats.wasm", examples + "three/root.wasm",
		"--name", "demo:numbers=" + examples + "three/stats.wasm"}
	for _, command := range []string{"compose", "fuse"} {
		out := filepath.Join(t.TempDir(), "out.wasm")
		if code, _, stderr := wasmfuse(append([]string{command, "-o", out}, args...)...); code != 0 {
			t.Fatalf("%s: exit code %d, %s", command, code, stderr)
		}
		code, stdout, stderr := wasmfuse("call", out, `report("a b a")`)
		if code != 0 || !strings.Contains(stdout, "words 3") {
			t.Errorf("%s: exit code %d, %q, %s", command, code, stdout, stderr)
		}
	}
}

// TestWACErrors checks that errors show the line, and those of the command line.
func TestWACErrors(t *testing.T) {
	document := write(t, "a.wac", []byte("package demo:app;\nlet x = new demo:wrods {};\n"))
	words := examples + "three/words.wasm"
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"position", []string{words}, 1, "a.wac:2:13: no input is package demo:wrods (did you mean `demo:words`?)\n  2 | let x = new demo:wrods {};\n    |             ^\n"},
		{"no packages", nil, 1, "no input is package demo:wrods (give a component this name)"},
		{"plug", []string{words, "--plug", "a:b=c"}, 2, "--plug and --supply have no place beside --wac"},
		{"twice", []string{words, words}, 2, "is given twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.wasm")
			code, _, stderr := wasmfuse(append([]string{"compose", "-o", out, "--wac", document}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, want %d; %s", code, c.code, stderr)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("there is an output")
			}
		})
	}
}
