// This file implements explanations: why an item stays.

package shake

import (
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Why returns the way from an item of the module, as it was before shaking, to a root: the item, and then what made the one
// before reachable. root is why the last one is. Without a root the item is not reachable.
func (r *Result) Why(i draft.Item) (way []draft.Item, root Root) {
	for {
		p := r.parents[i.Space][i.Index]
		if p == 0 {
			return nil, NoRoot
		}
		way = append(way, i)
		if p < uint32(numRoots) {
			return way, Root(p)
		}
		i = draft.Item{Space: op.Space(p >> indexBits), Index: p&(1<<indexBits-1) - uint32(numRoots)}
	}
}

// Explain returns the way of [Result.Why] as text, with the reason of the last item at the end, or nil if the item is not
// reachable.
func (r *Result) Explain(i draft.Item) []string {
	way, root := r.Why(i)
	if root == NoRoot {
		return nil
	}
	out := make([]string, 0, len(way)+1)
	for _, it := range way {
		out = append(out, r.Text(it))
	}
	return append(out, root.String())
}

// Functions returns the functions with a name, or with one that ends with it after a slash, of the module as it was before shaking.
func (r *Result) Functions(name string) (out []draft.Item) {
	for _, run := range r.before.Names.All() {
		for i, n := range run.Names {
			if f := run.First + uint32(i); n != "" && named(run.Prefix+n, name) && int(f) < len(r.parents[op.SpaceFunc]) {
				out = append(out, draft.Item{Space: op.SpaceFunc, Index: f})
			}
		}
	}
	return out
}

// named reports whether a function's name is a given one, or ends with it after a slash.
func named(function, name string) bool {
	head, ok := strings.CutSuffix(function, name)
	return ok && (head == "" || strings.HasSuffix(head, "/"))
}

// Text returns the name of an item in a sentence: a function without a name is one of its core instance, by its index there.
func (r *Result) Text(i draft.Item) string {
	if i.Space == op.SpaceFunc {
		if at, imported := r.before.ImportAt(corewasm.ExternFunc, i.Index); imported {
			return "the imported function " + r.before.Imports[at].Name
		}
		for _, run := range r.before.Names.All() {
			if k := int(i.Index) - int(run.First); k >= 0 && k < len(run.Names) && run.Names[k] != "" {
				return run.Prefix + run.Names[k]
			}
		}
	}
	if k := int(i.Index) - int(r.before.NumImported(corewasm.ExternFunc)); i.Space == op.SpaceFunc && k >= 0 && k < len(r.bodies) {
		if b := r.bodies[k]; r.Sources[b.Source].Name != "" && !r.Sources[b.Source].Generated {
			return "function " + strconv.Itoa(int(r.imported[b.Source])+int(b.Index)) + " of " + r.Sources[b.Source].Name
		}
	}
	return i.Space.String() + " " + strconv.Itoa(int(i.Index))
}
