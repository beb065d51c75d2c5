package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/internal/componentnew"
)

const three = "../../examples/three/"

// TestRun makes components, with the encoder interpreted and compiled.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.wasm")
	core, err := os.ReadFile(three + "words.core.wasm")
	if err != nil {
		t.Fatal(err)
	}
	// A custom section makes the module large.
	size := componentnew.InterpretBelow
	core = append(core, 0, byte(size)|0x80, byte(size>>7)|0x80, byte(size>>14), 1, 'x')
	core = append(core, make([]byte, size-2)...)
	if err := os.WriteFile(large, core, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, core, wit, world, encoding, exports, message string }{
		{name: "small", core: three + "words.core.wasm", wit: three + "wit/three.wit", world: "words-world", exports: "demo:three/words@0.1.0"},
		{name: "utf16", core: three + "stats.core.wasm", wit: three + "wit/three.wit", world: "stats-world", encoding: "utf16", exports: "demo:three/stats@0.1.0"},
		{name: "large", core: large, wit: three + "wit/three.wit", world: "words-world", exports: "demo:three/words@0.1.0"},
		{name: "no such world", core: three + "words.core.wasm", wit: three + "wit/three.wit", world: "none", message: `the WIT package has no world "none": the attribute world has to name one of "root-world", "stats-world", "words-world"`},
		{name: "other world", core: three + "words.core.wasm", wit: three + "wit/three.wit", world: "root-world", message: `name another world, or build the module for this one`},
		{name: "encoding", core: three + "words.core.wasm", wit: three + "wit/three.wit", world: "words-world", encoding: "ebcdic", message: `unknown string encoding ebcdic`},
	} {
		o := options{core: c.core, world: c.world, encoding: "utf8", out: filepath.Join(dir, "out.wasm"), wit: []string{"w.wit=" + c.wit}}
		if c.encoding != "" {
			o.encoding = c.encoding
		}
		err := run(context.Background(), o)
		if c.message != "" {
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("%s: %v, want %q", c.name, err, c.message)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		out, err := os.ReadFile(o.out)
		if err != nil {
			t.Fatal(err)
		}
		got, err := iface.Read("out.wasm", out)
		if err != nil || len(got.Exports) != 1 || got.Exports[0].Name != c.exports {
			t.Errorf("%s: exports %v, %v, want %s", c.name, got.Exports, err, c.exports)
		}
	}
}

// TestEmbedded makes a component of a core module with an embedded world, and refuses one without.
func TestEmbedded(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.wasm")
	command := "../../examples/wasi-command/command.core.wasm" // wasi-libc embeds the world that it uses
	if err := run(context.Background(), options{core: command, encoding: "utf8", out: out}); err == nil || !strings.Contains(err.Error(), "demo:format") ||
		!strings.Contains(err.Error(), "name another by the attributes wit and world") {
		t.Errorf("the embedded world lacks what the program imports besides: %v", err)
	}
	for _, c := range []struct {
		name string
		core []byte
		want bool
	}{
		{"none", wasmHeader, false},
		{"a world", append(wasmHeader[:8:8], "\x00\x0f\x0ecomponent-type"...), true},
		{"after another section", append(wasmHeader[:8:8], "\x00\x02\x01x\x00\x10\x0fcomponent-type:"...), true},
		{"another name", append(wasmHeader[:8:8], "\x00\x03\x02xy"...), false},
		{"a section that is too long", append(wasmHeader[:8:8], "\x00\x7f\x0ecomponent-type"...), false},
		{"a name that is too long", append(wasmHeader[:8:8], "\x00\x0f\x7fcomponent-type"...), false},
	} {
		if got := hasWorld(c.core); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	bare := filepath.Join(t.TempDir(), "bare.wasm")
	if err := os.WriteFile(bare, wasmHeader, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(context.Background(), options{core: bare, encoding: "utf8", out: out}); err == nil || !strings.Contains(err.Error(), "has no embedded world") {
		t.Error(err)
	}
}

var wasmHeader = []byte("\x00asm\x01\x00\x00\x00")

// TestAdapter adapts a core module: it imports a function of preview1, which the adapter has in terms of its own world.
func TestAdapter(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	wit := write("w.wit", []byte("package a:b; world w { export run: func(); }"))
	// (module (import "wasi_snapshot_preview1" "sched_yield" (func)) (memory (export "memory") 1) (export "run" (func 0)))
	core := write("core.wasm", append(wasmHeader[:8:8], "\x01\x04\x01\x60\x00\x00"+
		"\x02\x26\x01\x16wasi_snapshot_preview1\x0bsched_yield\x00\x00"+
		"\x05\x03\x01\x00\x01\x07\x10\x02\x06memory\x02\x00\x03run\x00\x00"...))
	// (module (func (export "sched_yield")))
	adapter := write("wasi_snapshot_preview1.stub.wasm", append(wasmHeader[:8:8], "\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00"+
		"\x07\x0f\x01\x0bsched_yield\x00\x00\x0a\x04\x01\x02\x00\x0b"...))
	o := options{core: core, world: "w", encoding: "utf8", out: filepath.Join(dir, "out.wasm"), wit: []string{"w.wit=" + wit}}
	if err := run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "@wasi//adapters:reactor") {
		t.Errorf("without an adapter: %v", err)
	}
	o.adapt = []string{adapter}
	if err := run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	out, err := os.ReadFile(o.out)
	if err != nil {
		t.Fatal(err)
	}
	got, err := iface.Read("out.wasm", out)
	if err != nil || len(got.Imports) != 0 || len(got.Exports) != 1 {
		t.Errorf("imports %v, exports %v, %v", got.Imports, got.Exports, err)
	}
	// (module (import "x" "sched_yield" (func)) (memory (export "memory") 1))
	nameless := write("nameless.wasm", append(wasmHeader[:8:8], "\x01\x04\x01\x60\x00\x00\x02\x11\x01\x01x\x0bsched_yield\x00\x00"+
		"\x05\x03\x01\x00\x01\x07\x0a\x01\x06memory\x02\x00"...))
	err = run(context.Background(), options{core: nameless, encoding: "utf8", out: o.out, adapt: o.adapt})
	if err == nil || !strings.Contains(err.Error(), "has no embedded world: name its WIT and world") {
		t.Errorf("with an adapter and without a world: %v", err)
	}
	other := write("other.wasm", nil)
	o.adapt = []string{other}
	if err := run(context.Background(), o); err == nil {
		t.Error("an empty file is an adapter")
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-core=a -o=b -world=w", "-world and -wit need each other"},
		{"-core=a -o=b -wit=w.wit=w.wit", "-world and -wit need each other"},
		{"-o=b", "-core is missing"},
		{"-core=a", "-o is missing"},
		{"-core=a -o=b", ""},
	} {
		_, err := parse(strings.Fields(c.args))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.args, err, c.want)
		}
	}
}
