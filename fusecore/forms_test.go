package fusecore_test

import (
	"context"
	"os"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
)

// form makes an output of a graph.
type form func(fusecore.Graph) (*fusecore.Result, error)

// fuse fuses a graph that can be fused.
func fuse(g fusecore.Graph) (*fusecore.Result, error) { return fuseWith(fusecore.FuseOptions{})(g) }

// fuseWith is like fuse, with options.
func fuseWith(o fusecore.FuseOptions) form {
	return func(g fusecore.Graph) (*fusecore.Result, error) {
		out, err := fuseOrKeep(o)(g)
		if err == nil && len(out.Report.Kept) > 0 {
			return nil, &fusecore.Error{Offset: -1, Msg: out.Report.String()}
		}
		return out, err
	}
}

// fuseOrKeep fuses any graph: in the form that FUSE_FORM names, if the graph has it, or with as many domains as possible if
// FUSE_ALONE is set.
func fuseOrKeep(o fusecore.FuseOptions) form {
	if n, err := strconv.Atoi(os.Getenv("FUSE_ALONE")); err == nil {
		o = o.Runs(n, func(*graph.Graph, *partition.Partition) {})
	}
	return func(g fusecore.Graph) (*fusecore.Result, error) {
		if f := chosenForm(); f != nil && !o.Divided() && o.Emit == fusecore.EmitComponent && o.Memory == fusecore.MultiMemory {
			out, err := f.with(o)(g)
			if err == nil || !lacking(f.name, err) {
				return out, err
			}
		}
		return fusecore.Fuse(context.Background(), g, o)
	}
}

func compose(g fusecore.Graph) (*fusecore.Result, error) {
	return fusecore.Compose(context.Background(), g, fusecore.ComposeOptions{})
}
