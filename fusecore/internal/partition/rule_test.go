package partition

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
)

// TestReasons checks that every rule has a name and a text, which is whole whether it is about an instance or something
// else.
func TestReasons(t *testing.T) {
	names := map[string]bool{}
	for r := NoRule + 1; int(r) < len(rules); r++ {
		if names[r.String()] || r.String() == "" {
			t.Errorf("rule %d has the name %q, or another has", r, r)
		}
		names[r.String()] = true
		needs := strings.Contains(rules[r].text, "%s")
		for _, about := range []About{{Inst: 2}, {Text: "x"}} {
			if !needs {
				about = About{}
			}
			e := Edge{Rule: r, About: about}
			got := e.Reason(func(graph.InstID) string { return "x" })
			if want := strings.ReplaceAll(rules[r].text, "%s", "x"); got != want || got == "" {
				t.Errorf("%v: %q, want %q", r, got, want)
			}
		}
	}
}
