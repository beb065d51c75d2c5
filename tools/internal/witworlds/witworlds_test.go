package witworlds

import (
	"os"
	"testing"
)

func TestMissing(t *testing.T) {
	const text = "package a:b;\nworld greeter {}\nworld app { import c:d/e; }"
	binary, err := os.ReadFile("../../../fusecore/iface/testdata/package.wasm")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		world string
		files map[string][]byte
		want  string
	}{
		{"app", map[string][]byte{"a.wit": []byte(text)}, ""},
		{"greter", map[string][]byte{"a.wit": []byte(text)}, `the WIT package has no world "greter": did you mean "greeter"? The attribute world has to name one of "app", "greeter"`},
		{"zzzzzz", map[string][]byte{"a.wit": []byte(text), "b.wit": []byte("world more {}")}, `the WIT package has no world "zzzzzz": the attribute world has to name one of "app", "greeter", "more"`},
		{"a", map[string][]byte{"a.wit": []byte("package a:b;")}, "the WIT package has no worlds, and the attribute world names one: add it to the package, or name another package"},
		{"a:b/w", map[string][]byte{"a.wit": []byte(text)}, ""},
		{"a", map[string][]byte{"a.wit": []byte("wrong")}, ""},
		{"a", map[string][]byte{"a.wasm": []byte("wrong")}, ""},
		{"", map[string][]byte{"package.wasm": binary}, ""},
	} {
		got := Missing(c.world, c.files)
		if c.files["package.wasm"] != nil {
			if got == "" {
				t.Error("nothing is said of the package in binary form")
			}
			continue
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.world, got, c.want)
		}
	}
}
