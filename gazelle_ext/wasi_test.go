package gazelle_ext_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWASI runs gazelle on the WIT packages of WASI in Rust crates. It needs cargo and its registry.
func TestWASI(t *testing.T) {
	for _, c := range []struct {
		version, crate, uses string
		want                 map[string]string // deps of each library
	}{
		{"0.2.4", `wasip2 = "=1.0.1"`, "import wasi:http/outgoing-handler@0.2.4;", map[string]string{
			"app_wit": "cli http", "cli_wit": "clocks filesystem io random sockets", "clocks_wit": "io",
			"filesystem_wit": "clocks io", "http_wit": "cli clocks io random", "io_wit": "", "random_wit": "",
			"sockets_wit": "clocks io",
		}},
		{"0.3.0", `wasip3 = "=0.9.0"`, "import wasi:http/client@0.3.0; export wasi:http/handler@0.3.0;", map[string]string{
			"app_wit": "cli http", "cli_wit": "clocks filesystem random sockets", "clocks_wit": "",
			"filesystem_wit": "clocks", "http_wit": "cli clocks random", "random_wit": "", "sockets_wit": "clocks",
		}},
	} {
		t.Run(c.version, func(t *testing.T) { testWASI(t, c.version, c.crate, c.uses, c.want) })
	}
}

func testWASI(t *testing.T, version, crate, uses string, want map[string]string) {
	if testing.Short() {
		t.Skip("downloads a crate")
	}
	cargo, err := exec.LookPath("cargo")
	if err != nil {
		t.Skip("no cargo on the PATH")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "crate/Cargo.toml"), []byte("[package]\nname = \"x\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[dependencies]\n"+crate+"\n"))
	write(t, filepath.Join(dir, "crate/src/lib.rs"), nil)
	cmd := exec.Command(cargo, "vendor", "-q")
	cmd.Dir = filepath.Join(dir, "crate")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("cargo vendor: %v\n%s", err, out)
	}
	root := filepath.Join(dir, "repo")
	name, _, _ := strings.Cut(crate, " ")
	for name, data := range tree(t, filepath.Join(dir, "crate/vendor", name, "wit/deps")) {
		write(t, filepath.Join(root, "wit/deps", name), data)
	}
	write(t, filepath.Join(root, "wit/app.wit"), []byte("package my:app;\nworld w { include wasi:cli/command@"+version+"; "+uses+" }\n"))
	write(t, filepath.Join(root, "MODULE.bazel"), nil)
	if stderr, code := runGazelle(t, root, "-strict"); stderr != "" || code != 0 {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	build, err := os.ReadFile(filepath.Join(root, "wit/BUILD.bazel"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, block := range bytes.Split(build, []byte("wit_library("))[1:] {
		f := strings.Fields(string(block))
		name := strings.Trim(f[2], `",`)
		if _, deps, ok := strings.Cut(string(block), "deps = ["); ok {
			deps, _, _ = strings.Cut(deps, "]")
			got[name] = strings.Join(strings.Fields(strings.NewReplacer(`"`, "", ",", " ", ":", "", "_wit", "").Replace(deps)), " ")
		} else {
			got[name] = ""
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("deps (-want +got):\n%s", d)
	}
}
