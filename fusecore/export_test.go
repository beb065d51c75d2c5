package fusecore

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
)

// Alone returns the options with which as many instances as possible become domains of their own. Partitions are passed
// to seen.
func (o FuseOptions) Alone(seen func(*graph.Graph, *partition.Partition)) FuseOptions {
	return o.Runs(1, seen)
}

// Runs is like [FuseOptions.Alone], but joins runs of n domains, in the order of their instantiation, except kept
// instances.
func (o FuseOptions) Runs(n int, seen func(*graph.Graph, *partition.Partition)) FuseOptions {
	o.divide = func(g *graph.Graph) (*partition.Partition, error) {
		p := partition.Alone(g)
		var runs []partition.Domain
		left := 0
		for _, d := range p.Domains {
			if left--; left < 0 || d.Kept {
				runs = append(runs, partition.Domain{Kept: d.Kept})
				if left = n - 1; d.Kept {
					left = 0
				}
			}
			last := &runs[len(runs)-1]
			last.Insts = append(last.Insts, d.Insts...)
			for _, i := range d.Insts {
				p.Of[i] = partition.DomainID(len(runs) - 1)
			}
			slices.Sort(last.Insts)
		}
		p.Domains = runs
		seen(g, p)
		return p, nil
	}
	return o
}

// Without returns options with which the partition ignores a rule.
func Without(rule partition.Rule) FuseOptions {
	return FuseOptions{divide: func(g *graph.Graph) (*partition.Partition, error) { return partition.Without(g, rule) }}
}

// Divided reports whether tests choose the domains.
func (o FuseOptions) Divided() bool { return o.divide != nil || len(o.keep) > 0 }

// Replaced returns a result with other bytes.
func (r *Result) Replaced(wasm []byte) *Result {
	other := *r
	other.wasm = pieces.Pieces{wasm}
	return &other
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
