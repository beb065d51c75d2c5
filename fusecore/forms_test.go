package fusecore_test

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
)

// form makes an output of a graph.
type form func(fusecore.Graph) (*fusecore.Result, error)

func fuse(g fusecore.Graph) (*fusecore.Result, error) { return fuseWith(fusecore.FuseOptions{})(g) }

func fuseWith(o fusecore.FuseOptions) form {
	return func(g fusecore.Graph) (*fusecore.Result, error) { return fusecore.Fuse(context.Background(), g, o) }
}

func compose(g fusecore.Graph) (*fusecore.Result, error) {
	return fusecore.Compose(context.Background(), g, fusecore.ComposeOptions{})
}
