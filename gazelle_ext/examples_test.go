package gazelle_ext_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// TestExamples runs gazelle on the components of examples, each in a folder of its own, and fuses what it says.
func TestExamples(t *testing.T) {
	for _, c := range []struct{ example, root, deps, host string }{
		{"c-pair", "consumer-utf8", "provider-utf8", ""},
		{"kv", "consumer-utf16", "provider-utf16", ""},
		{"three", "root", "stats words", ""},
		{"diamond", "c", "p q", ""},
		{"trio", "runner", "leaf middle", "demo:trio/trace"},
	} {
		t.Run(c.example, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "MODULE.bazel"), nil)
			if c.host != "" {
				write(t, filepath.Join(dir, "BUILD.bazel"), []byte("# gazelle:wit_host "+c.host+"\n"))
			}
			in := fusecore.Inputs{}
			for i, name := range append([]string{c.root}, strings.Fields(c.deps)...) {
				b, err := os.ReadFile(filepath.Join("../examples", c.example, name+".wasm"))
				if err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(dir, name, name+".wasm"), b)
				if i == 0 {
					in.Root = fusecore.Input{Name: name, Bytes: b}
				} else {
					in.Deps = append(in.Deps, fusecore.Input{Name: name, Bytes: b})
				}
			}
			if stderr, code := runGazelle(t, dir, "-strict"); stderr != "" || code != 0 {
				t.Fatalf("exit status %d: %s", code, stderr)
			}
			build, err := os.ReadFile(filepath.Join(dir, c.root, "BUILD.bazel"))
			if err != nil {
				t.Fatal(err)
			}
			_, fuse, _ := strings.Cut(string(build), "\nwasm_component_fuse(")
			_, deps, _ := strings.Cut(fuse, "deps = [")
			var got []string
			for _, m := range regexp.MustCompile(`"//([^"]+)"`).FindAllStringSubmatch(deps, -1) {
				got = append(got, m[1])
			}
			if strings.Join(got, " ") != c.deps {
				t.Errorf("deps of :%s are %v, want %s\n%s", c.root, got, c.deps, build)
			}
			if _, err := fusecore.Fuse(in, fusecore.Options{}); err != nil {
				t.Errorf("what gazelle wired does not fuse: %v", err)
			}
		})
	}
}
