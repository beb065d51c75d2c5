package fusecore

import (
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
