package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

const examples = "../../examples/"

// wasmfuse runs a command line and returns its exit code and output.
func wasmfuse(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, streams{in: strings.NewReader(""), out: &out, err: &errs})
	return code, out.String(), errs.String()
}

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUsageErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no command", nil, "missing command"},
		{"unknown command", []string{"melt"}, `unknown command "melt"`},
		{"unknown flag", []string{"fuse", "--melt", "a.wasm"}, "unknown flag: --melt"},
		{"no root", []string{"fuse", "-o", "x"}, "no input: name the root component"},
		{"no output", []string{"fuse", "a.wasm"}, "no output file: set one with -o"},
		{"compose without output", []string{"compose", "a.wasm"}, "no output file"},
		{"unknown form", []string{"fuse", "a.wasm", "-o", "x", "--emit=native"}, "--emit=native"},
		{"bad plug", []string{"fuse", "a.wasm", "-o", "x", "--plug", "a=b"}, `--plug "a=b" is not IMPORTER:IMPORT=PROVIDER[:EXPORT]`},
		{"bad name", []string{"fuse", "a.wasm", "-o", "x", "--name", "a"}, `--name "a" is not NAME=FILE`},
		{"name of nothing", []string{"fuse", "a.wasm", "-o", "x", "--name", "a=b.wasm"}, "b.wasm is not among the inputs"},
		{"one name twice", []string{"compose", "a.wasm", "b.wasm", "-o", "x", "--name", "a=a.wasm", "--name", "a=b.wasm"}, "a is already the name of a.wasm"},
		{"two files to inspect", []string{"inspect", "a", "b"}, "expected 1 argument, got 2"},
		{"version with an argument", []string{"version", "x"}, "expected 0 arguments, got 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := wasmfuse(c.args...)
			if code != 2 || stdout != "" {
				t.Errorf("exit code %d, standard output %q; want 2 and nothing", code, stdout)
			}
			if !strings.Contains(stderr, c.want) || !strings.Contains(stderr, "--help' for usage") {
				t.Errorf("standard error %q does not hold %q and how to get help", stderr, c.want)
			}
		})
	}
}

func TestInputErrors(t *testing.T) {
	core := write(t, "core.wasm", []byte("\x00asm\x01\x00\x00\x00"))
	text := write(t, "text.wasm", []byte("(component)"))
	whole, err := os.ReadFile(examples + "c-pair/provider-utf8.wasm")
	if err != nil {
		t.Fatal(err)
	}
	cut := write(t, "cut.wasm", whole[:len(whole)/2])
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"missing file", []string{"fuse", "nowhere.wasm"}, []string{"nowhere.wasm", "no such file"}},
		{"core module", []string{"fuse", core}, []string{core, "core module", "component new"}},
		{"not wasm", []string{"fuse", text}, []string{text, "text format of a component", "wasm-tools parse"}},
		{"cut off", []string{"fuse", cut}, []string{cut, "offset 0x"}},
		{"cut off dependency", []string{"fuse", examples + "c-pair/consumer-utf8.wasm", cut}, []string{cut, "offset 0x"}},
		{"unused dependency", []string{"compose", examples + "c-pair/provider-utf8.wasm", examples + "c-pair/consumer-utf8.wasm"}, []string{"consumer-utf8.wasm"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := write(t, "out.wasm", []byte("precious"))
			code, _, stderr := wasmfuse(append(c.args, "-o", out)...)
			if code != 1 {
				t.Errorf("exit code %d, want 1; standard error:\n%s", code, stderr)
			}
			for _, w := range c.want {
				if !strings.Contains(stderr, w) {
					t.Errorf("standard error does not hold %q:\n%s", w, stderr)
				}
			}
			if got, _ := os.ReadFile(out); string(got) != "precious" {
				t.Errorf("the output was overwritten: %q", got)
			}
			if left, _ := os.ReadDir(filepath.Dir(out)); len(left) != 1 {
				t.Errorf("files were left behind: %v", left)
			}
		})
	}
}

func TestFuseAndInspect(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "fused.wasm")
	code, stdout, stderr := wasmfuse("fuse", examples+"c-pair/consumer-utf8.wasm", examples+"c-pair/provider-utf16.wasm", "-o", out)
	if code != 0 || stdout != "" || general(stderr) != saidOfTwo {
		t.Fatalf("exit code %d, standard output %q, standard error %q", code, stdout, stderr)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("files were left behind: %v", left)
	}
	code, stdout, _ = wasmfuse("inspect", out)
	for _, want := range []string{"export run: func(input: string) -> string", `core module 0 "memory of root/consumer-utf8/`, `"fused"`, "  fused of\n    consumer-utf8\n    provider-utf16\n", "3 of core modules"} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("exit code %d, no %q in the description:\n%s", code, want, stdout)
		}
	}
}

// The last message has the sizes of the files. A file that is two inputs counts once.
func TestSizes(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.wasm")
	pair := []string{examples + "c-pair/consumer-utf8.wasm", examples + "c-pair/provider-utf16.wasm"}
	cases := filepath.Join("..", "..", "fusecore", "testdata", "cases")
	two := []string{filepath.Join(cases, "link-two-instances.wasm"), filepath.Join(cases, "link-counter.wasm")}
	for _, c := range []struct {
		command string
		files   []string
		flags   []string
	}{
		{"fuse", pair, nil},
		{"compose", pair, nil},
		{"fuse", two, []string{"--name", "a=" + two[1], "--name", "b=" + two[1], "--plug", "link-two-instances:first=a:x:y/c@1.0.0", "--plug", "link-two-instances:second=b:x:y/c@1.0.0"}},
	} {
		code, _, stderr := wasmfuse(slices.Concat([]string{c.command, "-o", out, "--log=json"}, c.files, c.flags)...)
		var m struct{ InputBytes, OutputBytes int64 }
		if err := json.Unmarshal([]byte(stderr), &m); code != 0 || err != nil {
			t.Errorf("exit code %d, %v: %s", code, err, stderr)
			continue
		}
		size := func(file string) int64 {
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			return info.Size()
		}
		if in := size(c.files[0]) + size(c.files[1]); m.InputBytes != in || m.OutputBytes != size(out) {
			t.Errorf("%s: %+v, want %d and %d", c.command, m, in, size(out))
		}
	}
}

// A wired import may be named by full or short file names. The wiring overrides the match by name.
func TestPlug(t *testing.T) {
	out := filepath.Join(t.TempDir(), "fused.wasm")
	code, _, stderr := wasmfuse("fuse", examples+"c-pair/consumer-utf8.wasm", examples+"c-pair/provider-utf16.wasm", "-o", out,
		"--plug", "consumer-utf8:demo:pair/calc@0.1.0=provider-utf16:demo:pair/calc@0.1.0")
	if code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	code, _, stderr = wasmfuse("fuse", examples+"c-pair/consumer-utf8.wasm", examples+"c-pair/provider-utf16.wasm", "-o", out,
		"--plug", "consumer-utf8:demo:pair/nothing=provider-utf16")
	if code != 1 || !strings.Contains(stderr, "nothing") {
		t.Errorf("a wiring of an import that does not exist: exit code %d, %q", code, stderr)
	}
}

// Nothing is written if the report cannot be.
func TestReportNotWritten(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out.wasm")
	code, _, stderr := wasmfuse("fuse", examples+"c-pair/provider-utf8.wasm", "-o", out, "--report", filepath.Join(dir, "no", "report.json"))
	if code != 1 || !strings.Contains(stderr, "cannot write") || strings.Contains(stderr, "fused") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the output was written: %v", err)
	}
}

// An output that is not a regular file is written to, not replaced.
func TestOutputIsADevice(t *testing.T) {
	code, _, stderr := wasmfuse("fuse", examples+"c-pair/provider-utf8.wasm", "-o", os.DevNull)
	if code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("the device was replaced: %v %v", info, err)
	}
	if code, _, stderr = wasmfuse("fuse", examples+"c-pair/provider-utf8.wasm", "-o", t.TempDir()); code != 1 || !strings.Contains(stderr, "it is a folder") {
		t.Errorf("a folder as output: exit code %d, %q", code, stderr)
	}
	if code, _, stderr = wasmfuse("fuse", examples+"c-pair/provider-utf8.wasm", "-o", filepath.Join(t.TempDir(), "no", "out.wasm")); code != 1 || !strings.Contains(stderr, "cannot write") {
		t.Errorf("a folder that does not exist: exit code %d, %q", code, stderr)
	}
}

// TestInstancesByName makes two instances of one file with two names, however often the file is mentioned. The output
// is the same as for two inputs, which a test of fusecore runs.
func TestInstancesByName(t *testing.T) {
	dir := filepath.Join("..", "..", "fusecore", "testdata", "cases")
	files := []string{filepath.Join(dir, "link-two-instances.wasm"), filepath.Join(dir, "link-counter.wasm")}
	var in fusecore.Graph
	for i, name := range []string{"two", "a", "b"} {
		b, err := os.ReadFile(files[min(i, 1)])
		if err != nil {
			t.Fatal(err)
		}
		if f := (fusecore.Input{Name: name, Bytes: b}); i == 0 {
			in.Root = f
		} else {
			in.Deps = append(in.Deps, f)
		}
	}
	in.Plugs = []fusecore.Plug{
		{Importer: "two", Import: "first", Provider: "a", Export: "x:y/c@1.0.0"},
		{Importer: "two", Import: "second", Provider: "b", Export: "x:y/c@1.0.0"},
	}
	want, err := fusecore.Fuse(t.Context(), in, fusecore.FuseOptions{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	supplies := []string{files[0], "--supply", "two=a", "--supply", "two=b"} // the file is no input otherwise
	for _, given := range [][]string{files, append(files, files[1]), supplies} {
		out := filepath.Join(t.TempDir(), "out.wasm")
		args := append([]string{"fuse", "-o", out, "--name", "two=" + files[0], "--name", "a=" + files[1], "--name", "b=" + files[1],
			"--plug", "two:first=a:x:y/c@1.0.0", "--plug", "two:second=b:x:y/c@1.0.0"}, given...)
		if code, _, stderr := wasmfuse(args...); code != 0 {
			t.Fatalf("%v: %s", args, stderr)
		}
		if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%v: the output is not that of two inputs (%v)", args, err)
		}
	}
}
