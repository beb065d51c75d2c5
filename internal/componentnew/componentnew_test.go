package componentnew

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
)

const three = "../../examples/three/"

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func begin(t *testing.T, compile bool) *Encoder {
	t.Helper()
	e, err := Start(t.Context(), compile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(t.Context()) })
	return e
}

// TestNew makes a component in both ways, and several times at once.
func TestNew(t *testing.T) {
	core := read(t, three+"words.core.wasm")
	world := &World{Name: "words-world", WIT: "three.wit", Files: map[string][]byte{"three.wit": read(t, three+"wit/three.wit")}, Encoding: "utf8"}
	var all [][]byte
	for _, compile := range []bool{false, true} {
		e := begin(t, compile)
		outs, errs := make([][]byte, 4), make([]error, 4)
		var wg sync.WaitGroup
		for i := range outs {
			wg.Go(func() { outs[i], errs[i] = e.New(t.Context(), core, world) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		all = append(all, outs...)
	}
	for _, b := range all[1:] {
		if !bytes.Equal(b, all[0]) {
			t.Error("the components differ")
		}
	}
	got, err := iface.Read("words.wasm", all[0])
	if err != nil || len(got.Exports) != 1 || got.Exports[0].Name != "demo:three/words@0.1.0" {
		t.Errorf("exports %v, %v", got, err)
	}
	// A module without a world is one of the empty world.
	out, err := begin(t, false).New(t.Context(), core, nil)
	if err == nil {
		got, err = iface.Read("words.wasm", out)
	}
	if err != nil || len(got.Exports) != 0 {
		t.Errorf("without a world: exports %v, %v", got, err)
	}
}

// TestErrors tells errors about the module from those about the world.
func TestErrors(t *testing.T) {
	e := begin(t, false)
	core, files := read(t, three+"words.core.wasm"), map[string][]byte{"three.wit": read(t, three+"wit/three.wit")}
	for _, c := range []struct {
		name string
		core []byte
		w    *World
		want string
		wit  bool
	}{
		{"not of the world", core, &World{Name: "root-world", WIT: "three.wit", Files: files, Encoding: "utf8"}, "report", false},
		{"no such world", core, &World{Name: "none", WIT: "three.wit", Files: files, Encoding: "utf8"}, "none", true},
		{"no module", []byte("no"), nil, "unexpected end-of-file", false},
	} {
		_, err := e.New(t.Context(), c.core, c.w)
		var m ModuleError
		var w WITError
		if is := errors.As(err, &w); is != c.wit || is == errors.As(err, &m) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %T %v, want %q", c.name, err, err, c.want)
		}
	}
}
