package fusecore_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/jco"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/script"
)

// TestJCO runs the examples with one memory as jco transpiles them by default, without support for several memories, in
// Node, and compares the answers with those of the script's first composition that jco can run.
func TestJCO(t *testing.T) {
	tool := jco.Need(t)
	single := fuseWith(fusecore.FuseOptions{Memory: fusecore.SingleMemory})
	calls := []jco.Call{{"run", ""}, {"run", "Wörld 𐍈 é"}, {"report", " the quick  brown fôx𐍈 jümps"}, {"run.run"}, {"run", "4095"}, {"leaks"}}
	subjects := map[*script.Script][]*subject{}
	for _, g := range examples.subjects(t) {
		subjects[g.s] = append(subjects[g.s], g)
	}
	for s, graphs := range subjects {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && s.Name != "kv" && s.Name != "wasi-command" {
				return
			}
			calls := calls
			if s.Name == "diamond" {
				calls = calls[:1] // compositions that pass resources on trap in jco when they are called again
			}
			var want string
			var err error
			for _, g := range graphs {
				if want, err = tool.Run(wasmOf(t, compose, g.in), calls...); err == nil {
					break
				}
			}
			switch {
			case err != nil && strings.Contains(err.Error(), "Received protocol 'demo:'"):
				t.Log("not run: it needs a host")
				return
			case err != nil:
				t.Fatalf("no composition runs: %v", err)
			case want == "":
				t.Error("no function was called")
			}
			for _, g := range graphs {
				got, err := tool.Run(wasmOf(t, single, g.in), calls...)
				if err != nil {
					t.Errorf("%s: %v", g.name, err)
				} else if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s (-composed +fused):\n%s", g.name, d)
				}
			}
		})
	}
}
