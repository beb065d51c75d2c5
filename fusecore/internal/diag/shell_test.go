package diag

import "testing"

func TestShell(t *testing.T) {
	for word, want := range map[string]string{
		"":                      "''",
		"a/b-c_1.wasm":          "a/b-c_1.wasm",
		"app:a:b/c@1.2.0=d":     "app:a:b/c@1.2.0=d",
		"größe.wasm":            "größe.wasm",
		"a b.wasm":              "'a b.wasm'",
		"it's.wasm":             `'it'\''s.wasm'`,
		"$(x);y|z&*?[]<>`!\\\"": "'$(x);y|z&*?[]<>`!\\\"'",
		"~/a":                   "'~/a'",
	} {
		if got := Shell(word); got != want {
			t.Errorf("Shell(%q) = %s, want %s", word, got, want)
		}
	}
}
