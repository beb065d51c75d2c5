package inspect_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/iface"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/inspect"
)

// TestInspectCases describes every component of the cases, and checks that all imports and exports in their texts are
// there.
func TestInspectCases(t *testing.T) {
	files, err := filepath.Glob("../testdata/cases/*.wasm")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		s, err := iface.Read(f, b)
		if err != nil {
			continue // a component that cannot be linked has no interface, but is described
		}
		text, err := describe(t, f, b)
		if err != nil {
			if !errors.As(err, new(*inspect.Error)) || !strings.Contains(err.Error(), "offset 0x") {
				t.Errorf("%s: %v", f, err)
			}
			continue
		}
		for word, list := range map[string][]iface.Extern{"import": s.Imports, "export": s.Exports} {
			for _, x := range list {
				if !hasItem(text, word, x.Name) {
					t.Errorf("%s: no %s %s in\n%s", f, word, x.Name, text)
				}
			}
		}
		if strings.Contains(text, "?") {
			t.Errorf("%s: something is unknown in\n%s", f, text)
		}
	}
}

// describe returns the text of a description.
func describe(t *testing.T, name string, wasm []byte) (string, error) {
	d, err := inspect.Describe(t.Context(), inspect.File{Name: name, Bytes: wasm})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := d.Print(&b); err != nil {
		t.Fatal(err)
	}
	return b.String(), nil
}

// hasItem reports whether a line says that name is imported or exported.
func hasItem(text, word, name string) bool {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "  "+word+" ")
		if !ok {
			continue
		}
		for _, before := range []string{"", "type ", "resource "} {
			if r, ok := strings.CutPrefix(rest, before+name); ok && (r[0] == ':' || r[0] == ' ' || r[0] == '\n') {
				return true
			}
		}
		if strings.HasPrefix(rest, "use ") && strings.Contains(rest, name+"}") {
			return true
		}
	}
	return false
}

// TestInspectCircles checks that types that refer to themselves do not make a description endless. No valid component
// has such types, but one with values is not validated.
func TestInspectCircles(t *testing.T) {
	const value = "\x0a\x06\x01\x00\x01v\x02\x73" // imports a value
	for name, section := range map[string]string{
		"list":      "\x07\x03\x01\x70\x00" + "\x0a\x07\x01\x00\x01t\x03\x00\x00",
		"instance":  "\x07\x0e\x01\x42\x02\x02\x03\x02\x01\x00\x04\x00\x01a\x05\x00" + "\x0a\x06\x01\x00\x01i\x05\x00",
		"component": "\x07\x0e\x01\x41\x02\x02\x03\x02\x01\x00\x04\x00\x01a\x04\x00" + "\x0a\x06\x01\x00\x01i\x04\x00",
	} {
		wasm := "\x00asm\x0d\x00\x01\x00" + value + section
		text, err := describe(t, name, []byte(wasm))
		if err != nil || len(text) > 1<<24 {
			t.Errorf("%s: %v, %d bytes", name, err, len(text))
		}
	}
}

// FuzzInspect checks that arbitrary input leads to a description or an error, and that both can be printed.
func FuzzInspect(f *testing.F) {
	files, _ := filepath.Glob("../testdata/cases/*.wasm")
	for i, file := range files {
		if b, err := os.ReadFile(file); err == nil && i%4 == 0 && len(b) < 4000 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, wasm []byte) {
		text, err := describe(t, "x.wasm", wasm)
		if err != nil && (!errors.As(err, new(*inspect.Error)) || strings.ContainsAny(err.Error(), "\n\x1b\x00")) {
			t.Error(err)
		}
		if strings.ContainsAny(text, "\x1b\x00") {
			t.Errorf("%q", text)
		}
	})
}
