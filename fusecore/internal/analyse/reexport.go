// This file implements exports that are imports.

package analyse

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// ReExporting returns a graph in which the host also calls the functions of its own that the world exports again. A form of
// output that cannot name an import as an export needs them.
func ReExporting(g *graph.Graph) *graph.Graph {
	out := *g
	out.Calls = slices.Clone(g.Calls)
	seen := map[graph.FuncID]bool{}
	var visit func(items []world.Item, imported bool)
	visit = func(items []world.Item, imported bool) {
		for i := range items {
			it := &items[i]
			again := imported || it.Import != nil
			switch {
			case it.Sort == component.SortInstance:
				visit(g.World.ItemsOf(it), again)
			case it.Sort == component.SortFunc && again && !seen[it.Func]:
				seen[it.Func] = true
				out.Calls = append(out.Calls, graph.Call{Func: it.Func, Caller: graph.Side{Inst: graph.Host}, Callee: graph.Side{Inst: graph.Host}})
			}
		}
	}
	visit(g.World.Exports, false)
	return &out
}
