// Package shake removes what nothing can reach from a module: functions, types, tables, memories, globals, tags, segments
// and imports. An item is reachable if the surroundings use it, because it is exported for example, or if a reachable item
// names it:
//
//	(func $run (export "run") (call $a))       (func $run (export "run") (call $a))
//	(func $a)                              =>  (func $a)
//	(func $b (call $c))
//	(func $c (i32.store $mem ...))
//	(memory $mem 1)
//	(data $mem (i32.const 0) "...")
//
// That is unobservable, because only code that runs has an effect, and because a segment is seen through its memory or
// table alone. Segments that could trap when they are applied stay.
//
// A function to which something refers, but which no call can run, keeps its place without its body: a reference is only
// good for a call, and a call by reference traps unless the function's type matches (core specification, "Execution /
// Instructions": call_indirect and call_ref). All such functions of one type become one that is unreachable:
//
//	(elem (i32.const 0) $a $b)                 (elem (i32.const 0) $a $stub)
//	(func $a (param i32) ...)              =>  (func $a (param i32) ...)
//	(func $b (param i64) ...)                  (func $stub (param i64) unreachable)
//	(call_indirect (param i32) ...)            (call_indirect (param i32) ...)
//
// So the slot of $b still holds a function with another type than that of the call, and the call traps as before.
package shake

import (
	"context"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
)

// Options are the options of [Module].
type Options struct {
	// Keep, if set, reports for a source whether all its functions stay. Everything that is not a function then stays too.
	Keep func(s *draft.Source) bool
	// Bodies, if set, are those of the functions before others took their places, for Result.Sources.
	Bodies []draft.Body
	// Explain keeps what [Result.Text] needs for functions without a name.
	Explain bool
}

// Result is what shaking has done.
type Result struct {
	// Places are the new indices of the items that the module had before.
	Places *draft.Places
	// Calls are the positions of those elements of draft.Calls that stay, in order.
	Calls []int
	// Sources count what is left of each of the module's sources.
	Sources []Count
	before  *corewasm.Module // without bodies
	parents parents
	// bodies are Options.Bodies, imported are the numbers of imported functions of the sources. Both are nil unless Options.Explain is
	// set.
	bodies   []draft.Body
	imported []uint32
}

// Count counts the functions of a source that stay and those that go, and the bytes of their bodies.
type Count struct {
	Name                               string
	Generated                          bool
	Funcs, Bytes, FuncsGone, BytesGone int
}

// Module removes what nothing reaches from a draft, of which the references have been listed (draft.Module.Scan).
func Module(ctx context.Context, d *draft.Module, o Options) (*Result, error) {
	s, err := newShaker(d)
	if err != nil {
		return nil, err
	}
	s.roots(o)
	if err := s.reach(ctx); err != nil {
		return nil, err
	}
	return s.rebuild(o)
}

// Root is why an item stays although no other item names it.
type Root uint32

// The reasons.
const (
	NoRoot Root = iota
	Exported
	Starts
	Called // by the surroundings
	Traps  // perhaps, when it is applied
	Kept   // see Options.Keep
	numRoots
)

var rootNames = [...]string{
	Exported: "is exported", Starts: "is the start function", Called: "is used by what the module is instantiated with",
	Traps: "could trap when it is applied", Kept: "is kept, because nothing is removed from components",
}

// String completes "it ...".
func (r Root) String() string { return rootNames[r] }

// parents are the parents of items, by index space and index: 0 if an item is not reachable, a Root, or numRoots and more
// for another item. The reference of a parent is packed: its space in the upper bits.
type parents [draft.NumSpaces][]uint32

const indexBits = 28

func pack(i draft.Item) uint32 { return uint32(i.Space)<<indexBits | i.Index + uint32(numRoots) }
