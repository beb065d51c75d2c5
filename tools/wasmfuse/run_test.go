package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun runs a program in all forms: composed, fused, and as modules for WASI preview1.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	separateCache(t, dir)
	inputs := []string{examples + "wasi-command/command.wasm", examples + "wasi-command/formatter.wasm"}
	for form, command := range map[string][]string{
		"composed": {"compose"},
		"fused":    {"fuse"},
		"single":   {"fuse", "--emit=module", "--wasi=preview1", "--memory=single"},
	} {
		file := filepath.Join(dir, form+".wasm")
		if code, _, stderr := wasmfuse(append(append(command, inputs...), "-q", "-o", file)...); code != 0 {
			t.Fatalf("%s: %s", form, stderr)
		}
		var out, errs bytes.Buffer
		code := run([]string{"run", "--env", "WHO=me", "--env", "LANG=C", file, "one", "--", "--two"}, streams{in: strings.NewReader("first\nsecond\n"), out: &out, err: &errs})
		want := "arg 1: " + form + ".wasm\narg 2: one\narg 3: --two\nenv 1: WHO = me\nenv 2: -3\nstdin 1: first\nstdin 2: second\n"
		if code != 0 || out.String() != want || errs.String() != "2 lines read\n" {
			t.Errorf("%s: exit code %d, output %q, error output %q", form, code, out.String(), errs.String())
		}
		code, stdout, stderr := wasmfuse("run", file, "fail")
		if code != 1 || !strings.HasPrefix(stdout, "arg 1:") || stderr != "0 lines read\n" {
			t.Errorf("%s: exit code %d, output %q, error output %q", form, code, stdout, stderr)
		}
	}
}

// TestCall calls functions of a component and of a module in the ABI of its world, with resources.
func TestCall(t *testing.T) {
	store := func(f string) string { return "demo:kv/store@0.1.0#" + f }
	calls := []string{
		store(`[constructor]bucket("fruit")`), store(`[method]bucket.put(res(0), "apple", [0x72, 101])`), store(`[method]bucket.put(res(0), "", [])`),
		store(`[method]bucket.get(res(0), "apple")`), store(`count(res(0))`), store(`consume(res(0))`), store(`live()`),
		store(`paint(green, {read, exec})`), store(`shift({x: 1, label: "l", y: -2}, 3)`),
	}
	want := `res(0)
ok(1)
err("empty key")
hit({key: "apple", value: [114, 101], rev: 1})
1
1
0
(blue, {write})
{x: 4, y: -5, label: "l'"}
`
	dir := t.TempDir()
	separateCache(t, dir)
	file := filepath.Join(dir, "module.wasm")
	for _, abi := range []string{"", "wit", "cm32p2"} {
		input := examples + "kv/provider-go.wasm"
		if abi != "" {
			if code, _, stderr := wasmfuse("fuse", "--emit=module", "--abi="+abi, input, "-q", "-o", file); code != 0 {
				t.Fatal(stderr)
			}
			input = file
		}
		code, stdout, stderr := wasmfuse(append([]string{"call", input}, calls...)...)
		if code != 0 || stdout != want {
			t.Errorf("%s: exit code %d, output\n%s%s", abi, code, stdout, stderr)
		}
		if code, stdout, _ := wasmfuse("call", input); code != 0 || !strings.Contains(stdout, store("[method]bucket.get: func(self: borrow<")) {
			t.Errorf("%s: exit code %d, list\n%s", abi, code, stdout)
		}
		code, _, stderr = wasmfuse("call", input, calls[0], calls[5], calls[5])
		if code != 1 || !strings.Contains(stderr, "was dropped or passed on") {
			t.Errorf("%s: a resource passed on twice: exit code %d, %s", abi, code, stderr)
		}
	}
}

// TestRunDirectory gives a program a directory, under its own name and under another one.
func TestRunDirectory(t *testing.T) {
	dir := t.TempDir()
	separateCache(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "in"), []byte("content\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	const program = "testdata/inputs/show-file.wasm"
	for _, flag := range []string{dir, dir + "::/data"} {
		if code, stdout, stderr := wasmfuse("run", "--dir", flag, program); code != 0 || stdout != "content\n" {
			t.Errorf("%s: exit code %d, output %q, error output %q", flag, code, stdout, stderr)
		}
	}
	if code, stdout, _ := wasmfuse("run", program); code != 9 || stdout != "" {
		t.Errorf("without a directory: exit code %d, output %q", code, stdout)
	}
}

// separateCache keeps machine code out of the user's cache until the test ends.
func separateCache(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} { // of Linux, macOS and Windows
		t.Setenv(name, dir)
	}
}

// TestCache checks that machine code is kept, unless it must not be.
func TestCache(t *testing.T) {
	for flag, kept := range map[string]bool{"--no-cache": false, "--no-cache=false": true} {
		dir := t.TempDir()
		separateCache(t, dir)
		if code, stdout, stderr := wasmfuse("call", flag, examples+"three/words.wasm", "demo:three/words@0.1.0#calls()"); code != 0 || stdout != "0\n" {
			t.Fatalf("%s: exit code %d, %s%s", flag, code, stdout, stderr)
		}
		files, err := filepath.Glob(filepath.Join(dir, "wasmfuse", "*", "*"))
		if err != nil || len(files) > 0 != kept {
			t.Errorf("%s: the cache has %v, %v", flag, files, err)
		}
	}
}
