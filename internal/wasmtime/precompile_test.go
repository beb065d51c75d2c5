package wasmtime

import (
	"bytes"
	"debug/elf"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/internal/runner"
)

func precompiled(t *testing.T, wasm []byte, o PrecompileOptions) []byte {
	t.Helper()
	b, err := Precompile(wasm, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// loader returns an engine for machine code.
func loader(t *testing.T) *Engine {
	t.Helper()
	o := hostOptions()
	o.Precompiled = true
	e := New(o)
	t.Cleanup(e.Close)
	return e
}

func TestPrecompiledComponent(t *testing.T) {
	wasm := read(t, "echo.wasm")
	code := precompiled(t, wasm, PrecompileOptions{})
	if !bytes.Equal(code, precompiled(t, wasm, PrecompileOptions{Target: Target()})) {
		t.Error("compiling again makes other bytes")
	}
	in, err := loader(t).Load(code)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if got, err := in.Call("str", `"wörld"`); err != nil || got != `"wörld"` {
		t.Error(got, err)
	}
}

// addModule is a core module that exports add, of two i32.
const addModule = "\x00asm\x01\x00\x00\x00\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\x00\x07\x07\x01\x03add\x00\x00\x0a\x09\x01\x07\x00\x20\x00\x20\x01\x6a\x0b"

func TestPrecompiledModule(t *testing.T) {
	code := precompiled(t, []byte(addModule), PrecompileOptions{})
	in, err := loader(t).LoadCore(code, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if got, err := in.Call("add", 40, 2); err != nil || len(got) != 1 || got[0] != 42 {
		t.Error(got, err)
	}
}

// TestExtensions compiles with each extension that this machine has. Those that it lacks are an error.
func TestExtensions(t *testing.T) {
	compiled := 0
	for _, x := range extensions[runtime.GOARCH] {
		_, err := Precompile([]byte(addModule), PrecompileOptions{Extensions: []string{x}})
		switch {
		case err == nil:
			compiled++
		case !strings.Contains(err.Error(), "not compatible with the native host"):
			t.Errorf("%s: %v", x, err)
		}
	}
	if compiled == 0 {
		t.Error("none is supported")
	}
}

func TestPrecompileErrors(t *testing.T) {
	for _, x := range []struct {
		o    PrecompileOptions
		want string
	}{
		{PrecompileOptions{Target: "riscv64gc-unknown-linux-gnu"}, "makes code for " + Target() + " only"},
		{PrecompileOptions{Extensions: []string{"has_avx3"}}, "cranelift-has_avx3: there is no such extension of " + Target()},
	} {
		if _, err := Precompile([]byte(addModule), x.o); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: %v", x.o, err)
		}
	}
	if _, err := Precompile([]byte("no module"), PrecompileOptions{}); err == nil || !strings.HasPrefix(err.Error(), "compile: ") {
		t.Error(err)
	}
}

// TestForeignCode loads files that this engine must not run.
func TestForeignCode(t *testing.T) {
	code := precompiled(t, read(t, "echo.wasm"), PrecompileOptions{})
	for _, x := range []struct {
		name string
		code []byte
		want string
	}{
		{"another version", otherVersion(t, code), "version"},
		{"a core module", precompiled(t, []byte(addModule), PrecompileOptions{}), "incompatible object file format"},
		{"not compiled", read(t, "echo.wasm"), ""},
		{"cut", code[:100], ""},
	} {
		_, err := loader(t).Load(x.code)
		if err == nil || !strings.Contains(err.Error(), "this is not machine code that "+Name()) || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

// otherVersion changes the version in a file of machine code, which a section has as text.
func otherVersion(t *testing.T, code []byte) []byte {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(code))
	if err != nil {
		t.Fatal(err)
	}
	s := f.Section(".wasmtime.engine")
	if s == nil {
		t.Fatal("there is no section with the version")
	}
	out := bytes.Clone(code)
	at := bytes.Index(out[s.Offset:s.Offset+s.Size], fmt.Append(nil, Version))
	if at < 0 {
		t.Fatal("the section has no version")
	}
	out[int(s.Offset)+at]--
	return out
}

// TestPrecompiledCommand runs machine code of core modules.
func TestPrecompiledCommand(t *testing.T) {
	for _, c := range []struct {
		name, wat, stdout string
		want              error
	}{
		{"end", `(func (export "_start"))`, "", nil},
		{"status", `(func (export "_start") (call $exit (i32.const 3)))`, "", &Exit{Status: 3}},
		{"status 0", `(func (export "_start") (call $exit (i32.const 0)) unreachable)`, "", nil},
		{"output", `(func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))`, "hello", nil},
		{"no command", `(func (export "run"))`, "", runner.ErrNoCommand},
	} {
		wasm, err := Text(`(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
			(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
			(memory (export "memory") 1) (data (i32.const 0) "\08\00\00\00\05\00\00\00hello") ` + c.wat + `)`)
		if err != nil {
			t.Fatal(err)
		}
		e := Runner(Options{Precompiled: true, WASI: &runner.WASI{}})
		in, err := e.Load(precompiled(t, wasm, PrecompileOptions{}))
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Run(); !reflect.DeepEqual(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if in.Stdout() != c.stdout {
			t.Errorf("%s: standard output is %q", c.name, in.Stdout())
		}
		if _, err := in.Invoke("run()"); err == nil || !strings.Contains(err.Error(), "machine code of a core module, which can only run as a command") {
			t.Errorf("%s: a call: %v", c.name, err)
		}
		in.Close()
		e.Close()
	}
}
