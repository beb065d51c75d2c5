// Package layout gives the items of a module that are named most often the smallest indices, because an index takes a byte
// for each seven bits:
//
//	(func $0 ...)    named once                 (func $f ...)    index 0: a call is 2 bytes
//	...                                     =>  (func $0 ...)
//	(func $f ...)    index 9000, named often    ...
//
// The order of functions, globals, types, tables and tags is unobservable: only their names are seen outside. Segments keep
// their order, which is that in which they are applied. Memories have theirs from package merge, which knows how many
// instructions access each.
package layout

import (
	"cmp"
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/constexpr"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Module gives the items of a draft, of which the references have been listed (draft.Module.Scan), new indices. It returns
// them.
func Module(ctx context.Context, d *draft.Module) (*draft.Places, error) {
	uses, err := count(ctx, d)
	if err != nil {
		return nil, err
	}
	var o draft.Order
	for _, s := range []op.Space{op.SpaceFunc, op.SpaceTable, op.SpaceTag} {
		o.Items[s] = byUse(uses[s], d.NumImported(corewasm.ExternKind(s)), one, two)
	}
	if !readsGlobals(d) {
		o.Items[op.SpaceGlobal] = byUse(uses[op.SpaceGlobal], d.NumImported(corewasm.ExternGlobal), one, two)
	}
	o.Items[op.SpaceType] = types(d, uses[op.SpaceType])
	return d.Renumber(&o)
}

// counts are how often items are named, by index space.
type counts [draft.NumSpaces][]uint64

// count counts the uses of items in bodies.
func count(ctx context.Context, d *draft.Module) (*counts, error) {
	var n counts
	for s := range n {
		n[s] = make([]uint64, d.Count(op.Space(s)))
	}
	for f := range d.Bodies {
		if f%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		n[op.SpaceType][d.Funcs[f]]++
		if err := d.EachRef(f, func(u corewasm.Use, i uint32) {
			if u != corewasm.UseReturnCall { // counted as a call
				n[draft.SpaceOf(u)][i]++
			}
		}); err != nil {
			return nil, err
		}
	}
	for i := range d.Elems {
		e := &d.Elems[i]
		for k := range e.Funcs {
			n[op.SpaceFunc][e.Func(k)]++
		}
	}
	return &n, nil
}

// Numbers of indices that take one byte, and up to two.
const (
	one = 1 << 7
	two = 1 << 14
)

// byUse orders items: those with the most uses first, as many as have the shortest indices, which are those up to an end,
// then those up to the next end, and then all others. Within each of these parts items keep their order. Imports precede
// definitions. The result is nil if nothing changes.
func byUse(uses []uint64, imported uint32, ends ...int) []uint32 {
	if len(uses) <= ends[0] {
		return nil
	}
	all := make([]uint32, len(uses))
	for i := range all {
		all[i] = uint32(i)
	}
	parts := func(items []uint32, base int) {
		slices.SortStableFunc(items, func(a, b uint32) int { return cmp.Compare(uses[b], uses[a]) })
		for _, end := range append(ends, len(uses)) {
			n := min(max(end-base, 0), len(items))
			slices.Sort(items[:n])
			items, base = items[n:], base+n
		}
	}
	parts(all[:imported], 0)
	parts(all[imported:], int(imported))
	return all
}

// readsGlobals reports whether the initial value of a global is that of another one, which must precede it.
func readsGlobals(d *draft.Module) bool {
	for i := range d.NumGlobals() {
		if constexpr.ReadsGlobal(d.GlobalAt(i).Init) {
			return true
		}
	}
	return false
}

// blocks is the number of type indices that take one byte in the type of a block, which is signed.
const blocks = 1 << 6

// types orders types like byUse. Recursion groups that refer to types outside themselves come after all others.
func types(d *draft.Module, uses []uint64) []uint32 {
	if len(uses) <= blocks {
		return nil
	}
	groups := make([]uint32, d.NumGroups())
	sums := make([]uint64, len(groups))
	last := make([]bool, len(groups))
	for g := range groups {
		groups[g] = uint32(g)
		first, end := d.GroupTypes(g)
		for i := first; i < end; i++ {
			sums[g] += uses[i]
		}
		last[g] = refers(d.GroupAt(g))
	}
	rank := func(g uint32) uint64 { // of the group, from the first on
		if last[g] {
			return 0
		}
		return sums[g] + 1
	}
	slices.SortStableFunc(groups, func(a, b uint32) int { return cmp.Compare(rank(b), rank(a)) })
	out := make([]uint32, 0, len(uses))
	for _, g := range groups {
		first, end := d.GroupTypes(int(g))
		for i := first; i < end; i++ {
			out = append(out, i)
		}
	}
	return out
}

// refers reports whether a group refers to types outside it.
func refers(g corewasm.Group) (outside bool) {
	for k := range g.N {
		g.At(k).EachIndex(func(i uint32) { outside = outside || i < g.First || i >= g.First+uint32(g.N) })
	}
	return outside
}
