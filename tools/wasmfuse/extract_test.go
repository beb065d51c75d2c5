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

// TestWasmOptDebug checks what becomes of debug information of DWARF 4 and 5, with the program that FUSE_WASM_OPT names, and
// without it with one that copies. TestWasmOptLines of fusecore checks the lines.
func TestWasmOptDebug(t *testing.T) {
	folder, err := filepath.Abs("../../fusecore/testdata/dwarf")
	if err != nil {
		t.Fatal(err)
	}
	tool := os.Getenv("FUSE_WASM_OPT")
	t.Chdir(t.TempDir())
	if tool == "" {
		t.Log("there is no wasm-opt, which FUSE_WASM_OPT would name: see tools/guests/get-binaryen.sh")
		tool = "./copy"
		if err := os.WriteFile("copy", []byte("#!/bin/sh\nwhile test $# -gt 3; do shift; done\ncp \"$1\" \"$3\"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		library, flags string
		kept           bool
		warning        string
	}{
		{"lib-rust.wasm", "-O2 -g", true, ""},
		{"lib-rust.wasm", "-Oz --debuginfo", true, ""},
		{"lib-rust.wasm", "-O2", false, ""},
		{"lib.wasm", "-O2 -g", false, "debug information is left out: it is in DWARF 5, and wasm-opt knows versions up to 4; build with -gdwarf-4"},
		{"lib.wasm", "-O2", false, ""},
	} {
		name := x.library + " " + x.flags
		if code, _, said := wasmfuse("fuse", filepath.Join(folder, "app.wasm"), filepath.Join(folder, x.library), "--dwarf=keep", "-o", "fused.wasm"); code != 0 {
			t.Fatal(said)
		}
		code, _, said := wasmfuse(append([]string{"wasm-opt", "fused.wasm", "-o", "out.wasm", "--tool=" + tool, "--"}, strings.Fields(x.flags)...)...)
		if code != 0 || x.warning != "" != strings.Contains(said, "warning") || !strings.Contains(said, x.warning) {
			t.Fatalf("%s: exit code %d: %s", name, code, said)
		}
		out, err := os.ReadFile("out.wasm")
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(out, []byte(".debug_info")); got != x.kept {
			t.Errorf("%s: debug information is there: %v", name, got)
		}
	}
}
