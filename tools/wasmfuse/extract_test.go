package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWasmOpt runs the command wasm-opt with programs that do what it must cope with.
func TestWasmOpt(t *testing.T) {
	inputs, err := filepath.Abs("testdata/inputs")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	makeInputs(t, inputs)
	fused, err := os.ReadFile("fused.wasm")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ name, program, args, want string }{
		{"copies", `test "$1 $3 $#" = "-O2 -o 4" && cp "$2" "$4"`, "", ""},
		{"flags", `test "$1 $2 $4" = "-Oz -g -o" && cp "$3" "$5"`, "-- -Oz -g", ""},
		{"fails", `echo its words >&2; exit 3`, "", "its words\n"},
		{"writes nothing", `exit 0`, "", "wasm-opt -O2 wrote no core module"},
		{"writes something else", `echo text > "$4"`, "", "wasm-opt's output for core module"},
		{"drops exports", `printf '\000asm\001\000\000\000' > "$4"`, "", "lacks this func"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if err := os.WriteFile("tool", []byte("#!/bin/sh\n"+x.program+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			os.Remove("out.wasm")
			args := append([]string{"wasm-opt", "fused.wasm", "-o", "out.wasm", "--tool=./tool"}, strings.Fields(x.args)...)
			code, _, said := wasmfuse(args...)
			out, _ := os.ReadFile("out.wasm")
			switch {
			case x.want == "" && (code != 0 || !bytes.Equal(out, fused)):
				t.Errorf("exit code %d, %d bytes: %s", code, len(out), said)
			case x.want != "" && (code != 1 || out != nil || !strings.Contains(said, x.want)):
				t.Errorf("exit code %d, %d bytes: %s, want %q", code, len(out), said, x.want)
			}
		})
	}
}
