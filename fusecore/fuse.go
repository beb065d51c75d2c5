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
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits/check"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	output "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
)

// maxAttempts limits how often fusing begins again because an instance has to be kept.
const maxAttempts = 50

// fuse fuses a linked component: into one module, or, if it has several domains, into one for each. An instance that a
// stage refuses is kept, and the others are fused without it.
func fuse(ctx context.Context, l *linked, o FuseOptions) (pieces.Pieces, *Report, error) {
	c, keep := l.take(), map[string]string{}
	for range maxAttempts {
		g, p, out, err := attempt(ctx, c, keep, o)
		if err == nil {
			wasm, err := finish(out)
			return wasm, newReport(g, p, l), err
		}
		if more := refused(err, g, p, keep); !more {
			return nil, nil, err
		}
	}
	return nil, nil, diag.New("", "more than %d of its instances cannot be fused", maxAttempts)
}

// attempt fuses a component with the instances with some paths kept.
func attempt(ctx context.Context, c *loaded, keep map[string]string, o FuseOptions) (g *graph.Graph, p *partition.Partition, out *component.Component, err error) {
	found, err := instantiate.Options{Keep: keep}.Surfaced(c.comp, c.surface) // the instantiated graph
	if err != nil {
		return nil, nil, nil, err
	}
	g = analyse.Devirtualise(found) // without functions that only forward calls
	if p, err = o.partition(g); err != nil {
		return g, p, nil, err
	}
	if p.OneModule() {
		out, err = fuseWhole(ctx, g, o)
	} else {
		out, err = fuseDomains(ctx, g, p, o)
	}
	return g, p, out, err
}

// partition decides what becomes one module.
func (o *FuseOptions) partition(g *graph.Graph) (*partition.Partition, error) {
	if o.divide != nil {
		return o.divide(g)
	}
	p, err := partition.Decide(g)
	if err == nil && len(p.Keep) > 0 {
		k := &p.Keep[0]
		err = &diag.Error{Component: g.Insts[k.Inst].Path, Offset: diag.NoOffset, Msg: k.Reason}
	}
	return p, err
}

// refused adds the instances that an attempt cannot fuse to those to keep, with the reasons. It reports whether there
// are any; the root cannot be kept beside others.
func refused(err error, g *graph.Graph, p *partition.Partition, keep map[string]string) (more bool) {
	var e *Error
	if g == nil || !errors.As(err, &e) {
		return false
	}
	add := func(path, why string) {
		if _, again := keep[path]; !again {
			keep[path], more = why, true
		}
	}
	if p != nil {
		for _, k := range p.Keep {
			if k.Inst == graph.Root {
				return false
			}
			add(g.Insts[k.Inst].Path, k.Reason)
		}
	}
	for i := range g.Insts {
		if in := &g.Insts[i]; !more && graph.InstID(i) > graph.Root && in.Path == e.Component && in.Kept == nil {
			add(in.Path, e.Reason(in.Path))
		}
	}
	return more
}

// fuseWhole fuses a graph into one module with a component around it.
func fuseWhole(ctx context.Context, g *graph.Graph, o FuseOptions) (*component.Component, error) {
	form, module, err := fuseDomain(ctx, g, o)
	if err != nil {
		return nil, err
	}
	return form.Write(module)
}

// fuseDomains fuses each domain of a partition, with a component around it, and those into one component.
func fuseDomains(ctx context.Context, g *graph.Graph, p *partition.Partition, o FuseOptions) (*component.Component, error) {
	parts := make([]output.Part, len(p.Domains))
	for d, of := range partition.Cut(g, p) {
		form, module, err := fuseDomain(ctx, of, o)
		if err == nil {
			parts[d].World = &of.World
			parts[d].Component, err = form.WritePart(module)
		}
		if err != nil {
			return nil, diag.In(err, "", g.Insts[p.Domains[d].Insts[0]].Path, "")
		}
	}
	return output.Nest(g, p, parts)
}

// fuseDomain fuses a graph into one module, which the form joins to its surroundings.
func fuseDomain(ctx context.Context, g *graph.Graph, o FuseOptions) (*output.Form, *merge.Fused, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	p, err := plan.Decide(g) // what is omitted, called directly or guarded
	if err != nil {
		return nil, nil, err
	}
	simd := cmp.Or(o.Features, DefaultFeatures)&SIMD != 0
	code := emit.Module(p, emit.Options{SIMD: simd})                       // the generated code that the plan requires
	form := output.New(p, code)                                            // how the module is joined to its surroundings
	module, err := merge.Module(ctx, g, p.Live, code.Unit, form.Outside()) // one module of the guests' and the generated code
	if err != nil {
		return nil, nil, err
	}
	return form, module, ctx.Err()
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
