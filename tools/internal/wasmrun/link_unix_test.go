//go:build unix

package wasmrun

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLaunched checks that a target is found by the path by which its executable is started, and by no other.
func TestLaunched(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	program := put(t, "the program", dir, "bin", "wasmrun")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, `{"label": "//app:a"}`, dir, "app", "a.wasmrun.json")
	put(t, `{"label": "//app:b"}`, dir, "app", "b.wasmrun.json")
	put(t, `{"label": "//app:c", "new": 1}`, dir, "app", "c.wasmrun.json")
	put(t, `{"label": "//app:d"}`, dir, "app", "d.wasmrun.json")
	for name, to := range map[string]string{
		"app/a": "../bin/wasmrun", "app/b": program, "app/c": program, "app/d.exe": program, "app/none": program,
		"user": "app/a", "bin/user2": filepath.Join(dir, "user"),
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", filepath.Join(dir, "bin"))
	for arg0, want := range map[string]string{
		"app/a":                     "//app:a",
		filepath.Join(dir, "app/b"): "//app:b",
		"app/d.exe":                 "//app:d",
		"./user":                    "//app:a",
		"user2":                     "//app:a",
		"app/none":                  "",
		"wasmrun":                   "",
		"nowhere":                   "",
	} {
		got, err := launched(arg0)
		if err != nil {
			t.Errorf("%s: %v", arg0, err)
			continue
		}
		label := ""
		if got != nil {
			label = got.Label
		}
		if label != want {
			t.Errorf("%s is %q, want %q", arg0, label, want)
		}
	}
	if _, err := launched("app/c"); err == nil || !strings.Contains(err.Error(), "does not belong to this program") {
		t.Errorf("a file with unknown contents: %v", err)
	}
}

// TestCopyAll checks that links are followed, to files and to folders, and that one that leads to itself ends.
func TestCopyAll(t *testing.T) {
	dir := t.TempDir()
	real := put(t, "text", dir, "real", "a")
	put(t, "more", dir, "real", "sub", "b")
	from := filepath.Join(dir, "from")
	for name, to := range map[string]string{"file": real, "folder": filepath.Dir(real)} {
		if err := os.MkdirAll(from, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, filepath.Join(from, name)); err != nil {
			t.Fatal(err)
		}
	}
	to := filepath.Join(dir, "to")
	if err := copyAll(to, from); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"file": "text", "folder/a": "text", "folder/sub/b": "more"} {
		file := filepath.Join(to, filepath.FromSlash(name))
		info, err := os.Lstat(file)
		got, _ := os.ReadFile(file)
		if err != nil || !info.Mode().IsRegular() || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if err := copyAll(filepath.Join(dir, "x"), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of nothing: %v", err)
	}
	if err := os.Symlink(from, filepath.Join(from, "self")); err != nil {
		t.Fatal(err)
	}
	if err := copyAll(filepath.Join(dir, "y"), from); err == nil {
		t.Error("a folder that contains itself was copied")
	}
}
