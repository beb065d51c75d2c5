package fusecore_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/pairs"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/testkit/wasmtools"
)

func inputs(t testing.TB, g pairs.Graph) fusecore.Inputs {
	t.Helper()
	root, deps, err := g.Load("../examples")
	if err != nil {
		t.Fatal(err)
	}
	in := fusecore.Inputs{Root: fusecore.Input{Name: g.Root, Bytes: root}}
	for i, d := range deps {
		in.Deps = append(in.Deps, fusecore.Input{Name: g.Deps[i], Bytes: d})
	}
	return in
}

// TestComposed holds our baseline, Compose, against the frozen answers. With UPDATE_GOLDEN=1 it freezes them anew.
func TestComposed(t *testing.T) {
	update := map[string]*pairs.Outcome{}
	for _, g := range pairs.All() {
		t.Run(g.Name, func(t *testing.T) {
			out, err := fusecore.Compose(inputs(t, g), fusecore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := g.Run(out.Wasm)
			if err != nil {
				t.Fatal(err)
			}
			update[g.Name] = got
			if os.Getenv("UPDATE_GOLDEN") != "" {
				return
			}
			want, err := g.Want()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("composed, not as frozen (-want +got):\n%s", d)
			}
		})
	}
	if os.Getenv("UPDATE_GOLDEN") != "" && !t.Failed() {
		if err := pairs.Freeze("..", update); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFused holds the fused form of every example against the frozen answers, to which the compositions are held too.
func TestFused(t *testing.T) {
	for _, g := range pairs.All() {
		t.Run(g.Name, func(t *testing.T) {
			out, err := fusecore.Fuse(inputs(t, g), fusecore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := g.Run(out.Wasm)
			if err != nil {
				t.Fatal(err)
			}
			want, err := g.Want()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("fused, not as composed (-composed +fused):\n%s", d)
			}
		})
	}
}

// TestOutputValid has wasm-tools check every composed and every fused example.
func TestOutputValid(t *testing.T) {
	tool := wasmtools.Need(t)
	for _, g := range pairs.All() {
		t.Run(g.Name, func(t *testing.T) {
			in := inputs(t, g)
			for what, make := range map[string]func(fusecore.Inputs, fusecore.Options) (*fusecore.Output, error){"composed": fusecore.Compose, "fused": fusecore.Fuse} {
				out, err := make(in, fusecore.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if err := tool.Validate(out.Wasm); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}
