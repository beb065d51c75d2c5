package match

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

func TestNear(t *testing.T) {
	for _, c := range []struct {
		want, have string
		how        closeness
		why        string
	}{
		{"a:b/i@0.2.0", "a:b/i@0.2.0-rc.1", nearVersion, "a pre-release, which is only compatible with itself"},
		{"a:b/i@0.2.0-rc.1", "a:b/i@0.2.0", nearVersion, "while the import is of a pre-release, which no other version supplies"},
		{"a:b/i@0.2.0", "a:b/i@0.3.0", nearVersion, "which is not compatible with that version"},
		{"a:b/i@1.2.0", "a:b/i@2.0.0", nearVersion, "which is not compatible with that version"},
		{"a:b/i@0.0.1", "a:b/i@0.0.2", nearVersion, "which is not compatible with that version"},
		{"a:b/i@1.2.0", "a:b/i@1.1.0", nearVersion, "which is older"},
		{"a:b/i@1.2.0", "a:b/i", nearVersion, "which has no version"},
		{"a:b/i", "a:b/i@1.2.0", nearVersion, "which has a version, while the import has none"},
		{"a:b/URL@1.0.0", "a:b/url@1.0.0", nearCase, "which differs in upper and lower case"},
		{"a:b/streams@1.0.0", "a:b/stream@1.0.0", nearLetter, "which differs in one letter"},
		{"a:b/streams@1.0.0", "a:b/straems@2.0.0", nearLetter, "which differs in one letter"},
		{"a:calc/api@1.0.0", "b:math/api@1.0.0", nearPackage, "which is of another package"},
		{"api", "b:math/api@1.0.0", nearPackage, "where one is a plain name and the other an interface"},
		{"b:math/api", "api", nearPackage, "where one is a plain name and the other an interface"},
		{"handle", "handel", nearLetter, "which differs in one letter"},
		{"handle", "HANDLE", nearCase, "which differs in upper and lower case"},
		{"a:b/i@1.0.0", "a:b/j@1.0.0", nearLetter, "which differs in one letter"},
		{"a:b/left@1.0.0", "a:b/right@1.0.0", notNear, ""},
		{"add", "sub", notNear, ""},
		{"f", "g", notNear, ""},
		{"a:b/i@1.0.0", "x", notNear, ""},
	} {
		how, why := near(&world.Item{Name: c.want, Sort: component.SortInstance}, &world.Item{Name: c.have, Sort: component.SortInstance})
		if how != c.how || why != c.why {
			t.Errorf("%s, %s: %d, %q; want %d, %q", c.want, c.have, how, why, c.how, c.why)
		}
	}
}
