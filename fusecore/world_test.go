package fusecore_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/internal/componentnew"
)

// TestCheckWorld checks real components against worlds, their own and others. The components are those of examples, and
// worlds that differ are made by edits of their WIT.
func TestCheckWorld(t *testing.T) {
	e, err := componentnew.Start(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(t.Context()) })
	const (
		three = "three/wit/three.wit"
	)
	for _, c := range []struct {
		name, component, wit, world string
		old, new                    string // an edit of the WIT
		want                        string // in the error; empty for none
	}{
		{name: "its own world", component: "three/words", wit: three, world: "words-world"},
		{name: "its full name", component: "three/words", wit: three, world: "demo:three/words-world@0.1.0"},
		{name: "with imports", component: "three/root", wit: three, world: "root-world"},
		{name: "no such world", component: "three/words", wit: three, world: "nowhere", want: `the package has no world "nowhere"; it has `},
		{name: "an interface", component: "three/words", wit: three, world: "words", want: "it is not a world, but an interface"},
		{name: "another package's world", component: "three/words", wit: three, world: "demo:other/words-world", want: `the package has "demo:three/words-world@0.1.0" instead`},
		{name: "a missing export", component: "three/words", wit: three, world: "stats-world",
			want: `exports "demo:three/stats@0.1.0", which is missing; the component exports "demo:three/words@0.1.0"`},
		{name: "an import too many", component: "three/root", wit: three, world: "words-world",
			want: `the world demo:three/words-world@0.1.0 has no such import`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := readText(t, filepath.Join("../examples", c.wit))
			if c.old != "" && !strings.Contains(text, c.old) {
				t.Fatalf("%s has no %q", c.wit, c.old)
			}
			pkg, err := e.Package(t.Context(), "a.wit", map[string][]byte{"a.wit": []byte(strings.Replace(text, c.old, c.new, 1))})
			if err != nil {
				t.Fatal(err)
			}
			in := fusecore.Input{Name: c.component, Bytes: []byte(readText(t, filepath.Join("../examples", c.component+".wasm")))}
			err = fusecore.CheckWorld(t.Context(), in, fusecore.Input{Name: c.wit, Bytes: pkg}, c.world)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func readText(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
