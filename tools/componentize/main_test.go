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
		{name: "no such world", core: three + "words.core.wasm", wit: three + "wit/three.wit", world: "none", message: `see the attribute world`},
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
