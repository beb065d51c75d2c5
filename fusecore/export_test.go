package fusecore

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
)

// Alone returns the options with which as many instances as possible become domains of their own. Partitions are passed
// to seen.
func (o FuseOptions) Alone(seen func(*graph.Graph, *partition.Partition)) FuseOptions {
	o.divide = func(g *graph.Graph) (*partition.Partition, error) {
		p := partition.Alone(g)
		seen(g, p)
		return p, nil
	}
	return o
}

// Without returns options with which the partition ignores a rule.
func Without(rule partition.Rule) FuseOptions {
	return FuseOptions{divide: func(g *graph.Graph) (*partition.Partition, error) { return partition.Without(g, rule) }}
}

// Keeping returns options with which the instances with some paths are kept.
func Keeping(paths ...string) FuseOptions { return FuseOptions{keep: paths} }

// Insts returns the paths of the instances of a linked graph, after the root.
func Insts(ctx context.Context, g Graph) (paths []string, err error) {
	l, err := link(ctx, g, linkOptions{})
	if err != nil {
		return nil, err
	}
	all, err := l.instantiate(nil)
	if err != nil {
		return nil, err
	}
	for _, in := range all.Insts[graph.Root+1:] {
		paths = append(paths, in.Path)
	}
	return paths, nil
}
