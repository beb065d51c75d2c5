// Package fusecore statically fuses WebAssembly components. It links a root component with its dependencies, evaluates
// their instantiation, generates the Canonical ABI's adapters, merges all core modules into one and writes a component
// around it that behaves like the un-fused composition. ARCHITECTURE.md describes the stages.
//
// Errors about inputs are [*Error]s, which say where the problem is and how to fix it. The only other errors are an
// [*InternalError], and the cause of a context that is done. The same graph and options produce the same bytes.
package fusecore

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/analyse"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits/check"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	output "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
)

// fuse fuses a linked component.
func fuse(ctx context.Context, l *linked, o FuseOptions) (pieces.Pieces, *Report, error) {
	c := l.take()
	found, err := instantiate.Surfaced(c.comp, c.surface) // the instantiated graph
	if err != nil {
		return nil, nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	for i := range found.Insts {
		if in := &found.Insts[i]; in.Kept != nil {
			return nil, nil, &Error{Component: in.Path, Offset: diag.NoOffset, Msg: in.Kept.Why}
		}
	}
	g := analyse.Devirtualise(found) // without functions that only forward calls
	report := newReport(g, partition.Whole(g), l)
	p, err := plan.Decide(g) // what is omitted, called directly or guarded
	if err != nil {
		return nil, nil, err
	}
	simd := cmp.Or(o.Features, DefaultFeatures)&SIMD != 0
	code := emit.Module(p, emit.Options{SIMD: simd})                      // the generated code that the plan requires
	out := output.New(p, code)                                            // how the module is joined to its surroundings
	module, err := merge.Module(ctx, g, p.Live, code.Unit, out.Outside()) // one module of the guests' and the generated code
	if err != nil {
		return nil, nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	wrapped, err := out.Write(module) // the component around it
	if err != nil {
		return nil, nil, err
	}
	wasm, err := finish(wrapped)
	return wasm, report, err
}

// finish encodes c and validates it concurrently. Invalid output is an internal error and is never returned, nor is
// output that exceeds the limits of engines.
func finish(c *component.Component) (pieces.Pieces, error) {
	if err := check.Component(c); err != nil {
		return nil, overLimit(err)
	}
	var invalid error
	var wg sync.WaitGroup
	wg.Go(func() {
		defer diag.Recover(&invalid)
		invalid = validate.Component(c)
	})
	wasm, tooLarge := encode.Pieces(c)
	wg.Wait()
	if invalid != nil {
		return nil, &InternalError{Msg: "the generated component is invalid, nothing was written", Err: invalid}
	}
	if tooLarge != nil {
		return nil, overLimit(tooLarge)
	}
	return wasm, nil
}

// overLimit completes the error about an output that exceeds a limit of engines.
func overLimit(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Item = strings.TrimSuffix("the output, "+e.Item, ", ")
		e.Hint = diag.HintCompose
	}
	return err
}
