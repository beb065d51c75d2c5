package gazelle_ext_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// TestExamples runs gazelle on the components of examples, each in a separate folder, and fuses according to the
// result.
func TestExamples(t *testing.T) {
	for _, c := range []struct{ example, root, deps, directives string }{
		{"c-pair", "consumer-utf8", "provider-utf8", ""},
		{"kv", "consumer-utf16", "provider-utf16", ""},
		{"three", "root", "stats words", ""},
		{"diamond", "c", "p q", ""},
		{"trio", "runner", "leaf middle", "# gazelle:wit_host demo:trio/trace\n"},
		{"web", "server", "app gate markup pages", "# gazelle:wit_host demo:web/log\n" +
			"# gazelle:wasm_supply gate demo:web/handler@0.3.0 //app\n# gazelle:wasm_supply server demo:web/handler@0.3.0 //gate\n"},
	} {
		t.Run(c.example, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "MODULE.bazel"), nil)
			if c.directives != "" {
				write(t, filepath.Join(dir, "BUILD.bazel"), []byte(c.directives))
			}
			in := fusecore.Graph{}
			for i, name := range append([]string{c.root}, strings.Fields(c.deps)...) {
				b, err := os.ReadFile(filepath.Join("../examples", c.example, name+".wasm"))
				if err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(dir, name, name+".wasm"), b)
				if i == 0 {
					in.Root = fusecore.Input{Name: name, Bytes: b}
				} else {
					in.Deps = append(in.Deps, fusecore.Input{Name: name, Bytes: b, Private: true})
				}
			}
			if stderr, code := runGazelle(t, dir, "-strict"); stderr != "" || code != 0 {
				t.Fatalf("exit status %d: %s", code, stderr)
			}
			in.Supplies = written(t, dir)
			if got := below(in.Supplies, c.root); strings.Join(got, " ") != c.deps {
				t.Errorf("components below :%s are %v, want %s", c.root, got, c.deps)
			}
			if _, err := fusecore.Fuse(t.Context(), in, fusecore.FuseOptions{}); err != nil {
				t.Errorf("what gazelle wired does not fuse: %v", err)
			}
		})
	}
}

// written returns the suppliers that the generated rules of components name.
func written(t *testing.T, dir string) (out []fusecore.Supply) {
	t.Helper()
	for name, build := range tree(t, dir) {
		importer := filepath.Dir(name)
		if filepath.Base(name) != "BUILD.bazel" || importer == "." {
			continue
		}
		_, rule, _ := strings.Cut(string(build), "\nwasm_component_import(")
		rule, _, _ = strings.Cut(rule, "\n)")
		_, deps, _ := strings.Cut(rule, "deps = [")
		for _, m := range regexp.MustCompile(`"//([^"]+)"`).FindAllStringSubmatch(deps, -1) {
			out = append(out, fusecore.Supply{Importer: importer, Provider: m[1]})
		}
	}
	return out
}

// below returns the transitive suppliers of a component, sorted.
func below(supplies []fusecore.Supply, root string) (out []string) {
	todo := []string{root}
	for ; len(todo) > 0; todo = todo[1:] {
		for _, s := range supplies {
			if s.Importer == todo[0] && !slices.Contains(out, s.Provider) {
				out = append(out, s.Provider)
				todo = append(todo, s.Provider)
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestExampleBuild checks that gazelle has nothing to change in the BUILD files of an example that it has written.
func TestExampleBuild(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "MODULE.bazel"), []byte("module(name = \"rules_wasm_fuse\")\n"))
	for name, data := range tree(t, "../examples/web") {
		write(t, filepath.Join(dir, "examples/web", name), data)
	}
	if stderr, code := runGazelle(t, dir, "-mode=diff", "-strict"); stderr != "" || code != 0 {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
}
