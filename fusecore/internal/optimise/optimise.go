// Package optimise makes a merged module smaller and faster, without a change that anything could observe. It runs passes over
// the draft of the module, before any function body is written:
//
//	inline   the bodies of small functions take the place of calls between components
//	share    functions that are the same become one
//	shake    what nothing can reach goes
//	layout   what is used often gets short indices
//
// Each pass changes indices, and the draft's editors apply all changes at once when bodies are written.
package optimise

import (
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/inline"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/layout"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/shake"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/share"
)

// Options are the options of [Module].
type Options struct {
	// Inline are the options of inlining; nil for none.
	Inline *inline.Options
	Share  bool
	Layout bool
	// Keep, if set, reports for a source whether all its functions stay. Everything that is not a function then stays too.
	Keep func(s *draft.Source) bool
	// Explain is shake.Options.Explain.
	Explain bool
}

// Result is what has been done.
type Result struct {
	// Places are the new indices of the items that the module had before.
	Places *draft.Places
	Shake  *shake.Result
	// Copies has how many calls the body of a function has taken the place of, by its number among those that the module defined.
	Copies map[int32]int
	// Same has the function that has taken the place of each, usually itself; nil if none was replaced.
	Same []uint32
}

// Module optimises a draft.
func Module(ctx context.Context, d *draft.Module, o Options) (*Result, error) {
	bodies := slices.Clone(d.Bodies)
	r := &Result{}
	var err error
	if o.Inline != nil {
		if r.Copies, err = inline.Module(ctx, d, *o.Inline); err != nil {
			return nil, err
		}
	}
	if err := d.Scan(ctx); err != nil {
		return nil, err
	}
	if o.Share {
		if r.Same, err = share.Module(ctx, d); err != nil {
			return nil, err
		}
	}
	s, err := shake.Module(ctx, d, shake.Options{Keep: o.Keep, Bodies: bodies, Explain: o.Explain})
	if err != nil {
		return nil, err
	}
	r.Places, r.Shake = s.Places, s
	if o.Layout {
		if err := d.Scan(ctx); err != nil { // shaking may have generated functions
			return nil, err
		}
		places, err := layout.Module(ctx, d)
		if err != nil {
			return nil, err
		}
		r.Places = r.Places.Then(places)
	}
	return r, nil
}
