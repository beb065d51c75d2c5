package fusecore_test

import (
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
)

// TestProgress checks the stages that users see.
func TestProgress(t *testing.T) {
	one := fusecore.Graph{Root: file("c-pair/provider-utf8.wasm")}
	pair := fusecore.Graph{Root: file("c-pair/consumer-utf8.wasm"), Deps: []fusecore.Input{one.Root}}
	cut := one.Root
	cut.Bytes = cut.Bytes[:len(cut.Bytes)/2]
	alone := fusecore.FuseOptions{}.Alone(func(*graph.Graph, *partition.Partition) {})
	fuse := func(g fusecore.Graph, o fusecore.FuseOptions) func(func(string)) error {
		return func(f func(string)) error {
			o.Progress = f
			_, err := fusecore.Fuse(t.Context(), g, o)
			return err
		}
	}
	compose := func(g fusecore.Graph) func(func(string)) error {
		return func(f func(string)) error {
			_, err := fusecore.Compose(t.Context(), g, fusecore.ComposeOptions{Progress: f})
			return err
		}
	}
	for _, c := range []struct {
		name  string
		do    func(func(string)) error
		valid bool
		want  string
	}{
		{"fuse one", fuse(one, fusecore.FuseOptions{}), true, "validating fusing optimising writing"},
		{"fuse two", fuse(pair, fusecore.FuseOptions{}), true, "validating linking fusing optimising writing"},
		{"a module", fuse(pair, fusecore.FuseOptions{Emit: fusecore.EmitModule}), true, "validating linking fusing optimising writing"},
		{"two modules", fuse(pair, alone), true, "validating linking fusing optimising writing fusing optimising writing"},
		{"fuse, invalid", fuse(fusecore.Graph{Root: cut}, fusecore.FuseOptions{}), false, "validating"},
		{"compose one", compose(one), true, "validating"},
		{"compose two", compose(pair), true, "validating linking writing"},
		{"compose, invalid", compose(fusecore.Graph{Root: pair.Root, Deps: []fusecore.Input{cut}}), false, "validating"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			if err := c.do(func(stage string) { got = append(got, stage) }); (err == nil) != c.valid {
				t.Fatal(err)
			}
			if all := strings.Join(got, " "); all != c.want {
				t.Errorf("the stages are %q, want %q", all, c.want)
			}
		})
	}
}
