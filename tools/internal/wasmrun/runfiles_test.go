package wasmrun

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string) string {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	write("here", "in the folder")
	manifest := "_main/here " + write("a", "not this") + "\n" +
		"_main/app/a.wasm " + write("b", "main") + "\n" +
		"other/a.wasm " + write("c", "other") + "\n" +
		` _main/app/a\sb\b.wasm ` + write("d e", "escaped") + "\n" +
		"_main/gone " + filepath.Join(dir, "gone") + "\n"
	t.Setenv("RUNFILES_MANIFEST_FILE", write("manifest", manifest))
	for name, want := range map[string]string{
		"here":            "in the folder",
		"app/a.wasm":      "main",
		"../other/a.wasm": "other",
		`app/a b\.wasm`:   "escaped",
	} {
		got, err := readFile(name)
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"gone", "unknown", "a.wasm"} {
		if _, err := readFile(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v, want that it does not exist", name, err)
		}
	}
	t.Setenv("RUNFILES_MANIFEST_FILE", "")
	if _, err := readFile("app/a.wasm"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a manifest: %v", err)
	}
}
