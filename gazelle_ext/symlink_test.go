package gazelle_ext_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSymlinks tests a deps folder full of symbolic links to packages of the repository, as some vendor them.
func TestSymlinks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "MODULE.bazel"), nil)
	write(t, filepath.Join(dir, "wit/base/base.wit"), []byte("package acme:base@1.0.0;\ninterface types { record id { n: u64 } }\n"))
	write(t, filepath.Join(dir, "wit/log/log.wit"), []byte("package acme:log@1.0.0;\ninterface sink { f: func(); }\n"))
	write(t, filepath.Join(dir, "app/wit/app.wit"), []byte("package acme:app;\nworld w { import acme:base/types@1.0.0; import acme:log/sink@1.0.0; }\n"))
	write(t, filepath.Join(dir, "app/wit/deps/README"), nil)
	for link, to := range map[string]string{"deps/base": "../../../wit/base", "deps/log.wit": "../../../wit/log/log.wit"} {
		if err := os.Symlink(to, filepath.Join(dir, "app/wit", link)); err != nil {
			t.Skip(err)
		}
	}
	for range 2 {
		if stderr, code := runGazelle(t, dir, "-strict"); stderr != "" || code != 0 {
			t.Fatalf("exit status %d: %s", code, stderr)
		}
		build, err := os.ReadFile(filepath.Join(dir, "app/wit/BUILD.bazel"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"//wit/base:base_wit"`, `"//wit/log:log_wit"`} {
			if !strings.Contains(string(build), want) {
				t.Errorf("%s is not among deps:\n%s", want, build)
			}
		}
	}
}
