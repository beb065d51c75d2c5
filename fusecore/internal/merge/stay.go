// This file implements what is left of the interface to the surroundings after optimising.

package merge

import (
	"cmp"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/edit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// Stay says what of Outside a module imports, by positions in the lists of Outside, in the order of the module's imports.
type Stay struct {
	Funcs, Memories, Guests []int
	// Calls are positions in Outside.Tables[0].Funcs. There is no such table if none is left.
	Calls []int
}

// Everything returns what a module imports that needs all of Outside.
func Everything(o *Outside) Stay {
	numbers := func(n int) []int {
		out := make([]int, n)
		for i := range out {
			out[i] = i
		}
		return out
	}
	s := Stay{Funcs: numbers(len(o.Funcs)), Memories: numbers(len(o.Memories)), Guests: numbers(len(o.Guests))}
	if len(o.Tables) > 0 {
		s.Calls = numbers(len(o.Tables[0].Funcs))
	}
	return s
}

// Follow changes what is known about the module after its items have got new places. calls are the elements of
// draft.Calls that are left.
func (f *Fused) Follow(places *draft.Places, calls []int) error {
	tables := 0 // for calls
	if f.Stay.Calls != nil {
		tables = 1
	}
	funcs, memories, guests := f.Stay.Funcs, f.Stay.Memories, f.Stay.Guests
	f.Stay = Stay{Calls: calls}
	// A removed function may have the place of another one.
	if f.Stay.Funcs = moved(funcs, places[op.SpaceFunc], f.Draft.NumImported(corewasm.ExternFunc)); len(calls) == 0 {
		f.Stay.Calls = nil
	}
	f.Stay.Memories, f.Memories = moved(memories, places[op.SpaceMem], edit.Removed), moved(f.Memories, places[op.SpaceMem], edit.Removed)
	at := places[op.SpaceTable]
	if at != nil {
		at = at[tables:]
	}
	f.Stay.Guests, f.Tables = moved(guests, at, edit.Removed), moved(f.Tables, at, edit.Removed)
	f.Owners = moved(f.Owners, places[op.SpaceMem], edit.Removed)
	data := f.Data[:0]
	for _, d := range f.Data {
		if now, ok := places.At(op.SpaceMem, d.Mem); ok {
			d.Mem = now
			data = append(data, d)
		}
	}
	f.Data = data
	late := map[uint32]*corewasm.LateData{}
	for mem, d := range f.LateData {
		if now, ok := places.At(op.SpaceMem, mem); ok {
			late[now] = d
		}
	}
	f.LateData = late
	ed := edit.Editor{}
	ed.Maps[op.SpaceType] = places[op.SpaceType]
	for i := range f.Tables {
		var err error
		if f.Tables[i], err = ed.TableType(f.Tables[i]); err != nil {
			return err
		}
	}
	return nil
}

// moved returns those of a list's items that have a new place below n, in the order of these.
func moved[T any](items []T, places []uint32, n uint32) []T {
	if places == nil {
		return items
	}
	type placed struct {
		at uint32
		it T
	}
	var out []placed
	for i, it := range items {
		if places[i] < n {
			out = append(out, placed{places[i], it})
		}
	}
	slices.SortStableFunc(out, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	list := make([]T, len(out))
	for i := range out {
		list[i] = out[i].it
	}
	return list
}
