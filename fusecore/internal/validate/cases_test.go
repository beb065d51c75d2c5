package validate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/internal/golden"
)

// cases returns the files of a folder of testdata without their extension, and the first line of each .wat.
func cases(t *testing.T, folder string) (names, firsts []string) {
	t.Helper()
	wats, err := filepath.Glob(filepath.Join("testdata", folder, "*.wat"))
	if err != nil || len(wats) == 0 {
		t.Fatalf("no cases in testdata/%s (%v)", folder, err)
	}
	for _, wat := range wats {
		text, err := os.ReadFile(wat)
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		names = append(names, strings.TrimSuffix(wat, ".wat"))
		firsts = append(firsts, strings.TrimPrefix(line, ";; "))
	}
	return names, firsts
}

func validateFile(t *testing.T, path string) error {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := decode.Component(data)
	if err != nil {
		t.Fatalf("%s: decode: %v", path, err)
	}
	return Component(c)
}

func TestValid(t *testing.T) {
	names, why := cases(t, "valid")
	for i, name := range names {
		if err := validateFile(t, name+".wasm"); err != nil {
			t.Errorf("%s: %v (%s)", name, err, why[i])
		}
	}
}

// TestInvalid checks that each case is rejected with the message in its first line, and compares the whole errors, with
// their positions, with invalid.golden, which UPDATE_GOLDEN=1 rewrites.
func TestInvalid(t *testing.T) {
	var out strings.Builder
	names, want := cases(t, "invalid")
	for i, name := range names {
		err := validateFile(t, name+".wasm")
		if err == nil {
			t.Errorf("%s: accepted, want %q", name, want[i])
			continue
		}
		var e *diag.Error
		switch {
		case !errors.As(err, &e):
			t.Errorf("%s: %T is no *diag.Error", name, err)
		case e.Offset <= 8 || e.Component == "" || e.Item == "":
			t.Errorf("%s: the error does not say where: %#v", name, e)
		case !strings.Contains(e.Msg, want[i]):
			t.Errorf("%s:\ngot  %s\nwant %s", name, e.Msg, want[i])
		}
		fmt.Fprintf(&out, "%s\n\t%v\n", filepath.Base(name), err)
	}
	golden.Check(t, "testdata/invalid.golden", out.String())
}
