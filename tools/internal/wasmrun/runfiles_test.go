package wasmrun

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// put writes a file, with the folders that it is in, and returns its path.
func put(t *testing.T, text string, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestFindRunfiles checks the places where Bazel leaves runfiles.
func TestFindRunfiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("RUNFILES_DIR", "")
	t.Setenv("RUNFILES_MANIFEST_FILE", "")
	manifest := "_main/here " + put(t, "not this", dir, "files", "a") + "\n" +
		"_main/app/a.wasm " + put(t, "main", dir, "files", "b") + "\n" +
		"other/a.wasm " + put(t, "other", dir, "files", "c") + "\n" +
		` _main/app/a\sb\b.wasm ` + put(t, "escaped", dir, "files", "d e") + "\n"
	put(t, manifest, dir, "listed.runfiles_manifest")
	put(t, "beside", dir, "both.runfiles", "_main", "app", "a.wasm")
	put(t, manifest, dir, "both.runfiles_manifest")
	put(t, manifest, dir, "folder.runfiles", "MANIFEST")
	put(t, "in that of another", dir, "other.runfiles", "_main", "app", "a.wasm")
	put(t, "in the environment's", dir, "env", "_main", "app", "a.wasm")
	env := map[string]string{"RUNFILES_DIR": filepath.Join(dir, "env")}
	for _, c := range []struct {
		executable, name, want string
		env                    map[string]string
	}{
		{"both", "_main/app/a.wasm", "beside", nil},
		{"both", "_main/app/a.wasm", "beside", env},
		{"both", "other/a.wasm", "other", nil},
		{"listed", "_main/app/a.wasm", "main", nil},
		{"listed", `_main/app/a b\.wasm`, "escaped", nil},
		{"other.runfiles/_main/app/run", "_main/app/a.wasm", "in that of another", nil},
		{"other.runfiles/_main/app/run", "_main/app/a.wasm", "in the environment's", env},
		{"none", "_main/app/a.wasm", "main", map[string]string{"RUNFILES_MANIFEST_FILE": filepath.Join(dir, "listed.runfiles_manifest")}},
		{"folder", "_main/app/a.wasm", "main", nil},
		{"listed", "a.wasm", "", nil},
		{"none", "_main/app/a.wasm", "", nil},
	} {
		t.Run(c.executable+" "+c.name, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			place, err := findRunfiles(filepath.Join(dir, filepath.FromSlash(c.executable))).find(c.name)
			if c.want == "" {
				if err == nil || !strings.Contains(err.Error(), "it is not among the runfiles: neither in "+dir) {
					t.Errorf("%s, %v; want that it is not there", place, err)
				}
				return
			}
			got, err := os.ReadFile(place)
			if err != nil || string(got) != c.want {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}
