package fusecore_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
)

// TestRules ignores one rule of domains at a time. A script then tells the output from the composition, unless the plan
// rejects the domain.
func TestRules(t *testing.T) {
	for _, test := range []struct {
		rule   partition.Rule
		name   string
		reject string // or empty
	}{
		{partition.StartsBetween, "domain-starts", ""},
		{partition.HoldsHandles, "domain-held", "handles pass between another instance and the host, by make"},
		{partition.LendsHandles, "domain-handles", "handles pass between another instance and the host, by make"},
		{partition.Yields, "yield-in-sync", ""},
		{partition.MixesHandles, "member-mixed", "its call of f passes both owned and borrowed handles"},
	} {
		t.Run(test.rule.String(), func(t *testing.T) {
			sub := async.subject(t, test.name)
			out, err := fuseWith(fusecore.Without(test.rule))(sub.in)
			if err != nil || test.reject != "" {
				if err == nil || test.reject == "" || !strings.Contains(err.Error(), test.reject) {
					t.Errorf("%v, want %q", err, test.reject)
				}
				return
			}
			if !sub.s.Playable() {
				return
			}
			p := sub.s.Player()
			defer p.Close()
			for _, x := range sub.s.Sections {
				seen, err := p.Play(out.Bytes(), x)
				if err != nil {
					t.Fatal(err)
				}
				if cmp.Diff(script.Lines(x.Steps, true), script.Lines(seen, true)) != "" {
					return
				}
			}
			t.Error("the script does not tell")
		})
	}
}
