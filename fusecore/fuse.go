// Package fusecore statically fuses WebAssembly components. It links a root component with its dependencies, evaluates
// their instantiation, generates the Canonical ABI's adapters, merges the core modules into one, or as few as
// possible, and writes a component around it that behaves like the un-fused composition. ARCHITECTURE.md describes the stages.
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
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/draft"
	coreencode "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/emit"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/limits/check"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/merge"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/onememory"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/optimise/inline"
	output "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/module"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/producers"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/output/strip"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/partition"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/preview1"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
)

// maxAttempts limits how often fusing begins again because an instance has to be kept.
const maxAttempts = 50

// fuse links a graph and fuses it: into one module, or, if it has several domains, into one for each. An instance that a
// stage refuses is kept, and fusing begins again without it.
func fuse(ctx context.Context, g Graph, o FuseOptions) (*Result, error) {
	o.stage = changes(o.Progress)
	keep, lo := map[string]string{}, linkOptions{
		skipBodies: o.SkipBodyValidation, attributes: o.Attributes, wasi: o.WASI, leave: o.Leave, noNetwork: o.NoNetwork, imports: o.Imports, progress: o.stage}
	if o.WASI != ImportWASI && o.Emit != EmitModule {
		return nil, diag.New("", "an implementation of WASI over preview1 is for bare modules, and the output is a component").
			WithHint("emit a module, or leave WASI imported")
	}
	for _, path := range o.keep {
		keep[path] = "a test asks for it"
	}
	var failed error
	for range maxAttempts {
		l, err := link(ctx, g, lo)
		if err != nil {
			return nil, err
		}
		if failed = l.unsupported; failed != nil {
			break
		}
		r, more, err := attempt(ctx, l, keep, o)
		if err == nil {
			return r, nil
		}
		var wrong *formError
		if errors.As(err, &wrong) {
			return nil, l.located(wrong.error)
		}
		if failed = l.located(err); !more {
			break
		}
		lo.skipBodies = true // they have been validated, or are trusted
	}
	lo.skipBodies = o.SkipBodyValidation
	r, err := composition(ctx, g, lo, failed)
	if what, ok := strips[o.Strip]; ok && err == nil {
		r.wasm = pieces.Pieces{strip.Bytes(r.wasm.Join(), what)}
	}
	return r, err
}

// attempt fuses a linked component with the instances with some paths kept. After an error, more reports whether there
// are others to keep.
func attempt(ctx context.Context, l *linked, keep map[string]string, o FuseOptions) (r *Result, more bool, err error) {
	o.stage.enter(fusing)
	g, err := l.instantiate(keep) // the instantiated graph
	if err != nil {
		return nil, false, err
	}
	g = analyse.Devirtualise(g) // without functions that only forward calls
	p, err := o.partition(g)    // what becomes one module
	if err != nil {
		return nil, false, err
	}
	var out *component.Component
	var one *onememory.Layout
	o.seen = &observer{detailed: o.Details, strip: o.Strip, names: map[string]string{}}
	write := encode.Pieces
	switch {
	case len(p.Keep) > 0:
		k := &p.Keep[0]
		err = &diag.Error{Component: g.Insts[k.Inst].Path, Offset: diag.NoOffset, Msg: k.Reason}
	case o.check(newReport(g, p, l)) != nil:
	case o.Emit == EmitModule:
		out, one, err = fuseModule(ctx, g, o)
		write = onlyModule
	default:
		out, p, one, err = fuseDivided(ctx, g, p, o)
	}
	if err != nil {
		return nil, refused(err, g, p, keep), err
	}
	r = &Result{Warnings: l.warnings, Report: newReport(g, p, l)}
	for _, w := range o.seen.warnings {
		_ = l.located(w) // which completes it
		r.Warnings = append(r.Warnings, w)
	}
	r.Report.Memory = newOneMemory(one)
	r.Report.removed(g, o.seen.shaken)
	if o.Strip == StripNothing {
		r.Report.nameCores(g, o.seen.names)
	}
	if out != nil && o.Details {
		r.Report.Details = describe(g, p, l, o.seen.modules)
	}
	if out != nil { // from here on the graph is not needed any more, which may be large
		o.stage.enter(writing)
		o.produced(out, l)
		r.wasm, err = finish(o.stripped(out), write)
	}
	if err == nil && r.Report.Details != nil {
		err = r.Report.Details.measure(ctx, r.wasm)
	}
	return r, false, err
}

// produced adds the section that says with which languages and tools an output was made.
func (o *FuseOptions) produced(out *component.Component, l *linked) {
	content := producers.Merge(l.contents, toolName, o.Version).Encode()
	if o.Emit == EmitModule {
		m := out.Defs[0].(*component.CoreModule).Module
		m.Customs = append(m.Customs, corewasm.Custom{Name: producers.Name, Bytes: content})
		return
	}
	out.Defs = append(out.Defs, &component.Custom{Name: producers.Name, Bytes: content})
}

// stripped returns the output without what the options leave out.
func (o *FuseOptions) stripped(c *component.Component) *component.Component {
	if what, ok := strips[o.Strip]; ok {
		return strip.Component(c, what)
	}
	return c
}

var strips = map[Strip]strip.What{StripNames: strip.Names, StripAll: strip.Customs}

// formError is an error about what could be fused, but not written in the form that the options ask for.
type formError struct{ error }

// partition decides what becomes one module.
func (o *FuseOptions) partition(g *graph.Graph) (*partition.Partition, error) {
	if o.divide != nil {
		return o.divide(g)
	}
	return partition.Decide(g)
}

// refused adds the instances that an attempt cannot fuse to those to keep, with the reasons. It reports whether there
// are any; the root cannot be kept beside others.
func refused(err error, g *graph.Graph, p *partition.Partition, keep map[string]string) (more bool) {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	add := func(path, why string) {
		if _, again := keep[path]; !again {
			keep[path], more = why, true
		}
	}
	for _, k := range p.Keep {
		if k.Inst == graph.Root {
			return false
		}
		add(g.Insts[k.Inst].Path, k.Reason)
	}
	for i := range g.Insts {
		if in := &g.Insts[i]; !more && graph.InstID(i) > graph.Root && in.Path == e.Component && in.Kept == nil {
			add(in.Path, e.Reason(in.Path))
		}
	}
	return more
}

// fuseDivided fuses a graph as a partition says. It returns the partition that it has followed: domains whose modules
// would exceed a limit of engines are divided.
func fuseDivided(ctx context.Context, g *graph.Graph, p *partition.Partition, o FuseOptions) (*component.Component, *partition.Partition, *onememory.Layout, error) {
	if p.OneModule() {
		out, one, err := fuseDomain(ctx, g, o)
		smaller := split(err, g, p, 0)
		if smaller == nil || o.Memory == SingleMemory {
			return out, p, one, err
		}
		p = smaller
	}
	if err := overLimit(limits.Check("", "component instances", len(p.Domains), limits.Instances)); err != nil {
		return nil, p, nil, err
	}
	var parts []output.Part
	cut := partition.Cut(g, p)
	for d := partition.DomainID(0); int(d) < len(p.Domains); d++ {
		part, err := output.Part{}, error(nil)
		if !p.Domains[d].Kept {
			of := cut.Graph(d)
			part.World = &of.World
			part.Component, _, err = fuseDomain(ctx, of, o)
		}
		if smaller := split(err, g, p, d); smaller != nil {
			p, cut = smaller, partition.Cut(g, smaller)
			d--
			continue
		}
		if err != nil {
			return nil, p, nil, diag.In(err, "", g.Insts[p.Domains[d].Insts[0]].Path, "")
		}
		parts = append(parts, part)
	}
	out, err := output.Nest(g, p, parts)
	return out, p, nil, err
}

// split returns the partition with a domain divided, if an error says that its module would exceed a limit of engines.
func split(err error, g *graph.Graph, p *partition.Partition, d partition.DomainID) *partition.Partition {
	var e *Error
	if !errors.As(err, &e) || !e.Limit || len(p.Domains) >= limits.Components {
		return nil
	}
	return partition.Split(g, p, d)
}

// fuseDomain fuses a graph into one module, and writes the component around it.
func fuseDomain(ctx context.Context, g *graph.Graph, o FuseOptions) (*component.Component, *onememory.Layout, error) {
	po := plan.Options{OneMemory: o.Memory == SingleMemory, Joined: o.Memory == SingleMemory}
	form, fused, facts, err := fuseGraph(ctx, g, o, po, func(p *plan.Plan, c *emit.Code) (*output.Form, error) { return output.New(p, c), nil })
	if err != nil {
		return nil, nil, err
	}
	one, err := o.oneMemory(ctx, fused)
	if err == nil {
		err = o.debugInfo(fused)
	}
	if err != nil {
		return nil, nil, err
	}
	out, err := form.Write(fused)
	if err != nil {
		return nil, nil, err
	}
	if err := overLimit(check.Component(out)); err != nil {
		return out, one, err
	}
	o.seen.fused(facts, fused.Module)
	return out, one, nil
}

// fuseModule fuses a graph into a bare module, the only definition of a component.
func fuseModule(ctx context.Context, g *graph.Graph, o FuseOptions) (*component.Component, *onememory.Layout, error) {
	mo := module.Options{ABI: abis[o.ABI], Preview1: o.WASI == Preview1}
	po := mo.Plan()
	po.Joined = o.Memory == SingleMemory
	form, fused, facts, err := fuseGraph(ctx, analyse.ReExporting(g), o, po, func(p *plan.Plan, c *emit.Code) (*module.Form, error) {
		return module.New(p, c, mo)
	})
	if err != nil {
		return nil, nil, &formError{err}
	}
	one, err := o.oneMemory(ctx, fused)
	if err == nil {
		err = o.debugInfo(fused)
	}
	if err != nil {
		return nil, nil, err
	}
	m := form.Write(fused)
	o.seen.fused(facts, fused.Module)
	return &component.Component{Defs: []component.Def{&component.CoreModule{Module: m}}}, one, nil
}

var abis = [...]*coreabi.ABI{WITNames: &coreabi.WITNames, CM32P2: &coreabi.CM32P2}

// fuseGraph fuses a graph into one module for a form of output.
func fuseGraph[F interface{ Outside() *merge.Outside }](ctx context.Context, g *graph.Graph, o FuseOptions, po plan.Options, newForm func(*plan.Plan, *emit.Code) (F, error)) (form F, fused *merge.Fused, facts *facts, err error) {
	if err := ctx.Err(); err != nil {
		return form, nil, nil, err
	}
	o.stage.enter(fusing)
	p, err := plan.Decide(g, po) // what is omitted, called directly or guarded
	if err != nil {
		return form, nil, nil, err
	}
	simd := cmp.Or(o.Features, DefaultFeatures)&SIMD != 0
	code := emit.Module(p, emit.Options{SIMD: simd, Size: o.Optimize == OptimizeSize}) // the generated code that the plan requires
	if form, err = newForm(p, code); err != nil {                                      // how the module is joined to its surroundings
		return form, nil, nil, err
	}
	fused, err = merge.Module(ctx, g, p.Live, p.Names, code.Unit, form.Outside()) // one module of the guests' and the generated code
	if err == nil {
		facts = o.seen.merged(p, code, fused)
		fused.Draft.Traced = o.keepsDWARF(fused.Draft)
		err = o.optimise(ctx, fused, facts) // what can be left out, or done in less code
	}
	if err == nil {
		o.stage.enter(writing)
		fused.Module, err = fused.Draft.Write(ctx)
		fused.Traces = fused.Draft.Traces
	}
	if err == nil {
		facts.written(fused)
	}
	return form, fused, facts, err
}

// optimise optimises a merged module.
func (o *FuseOptions) optimise(ctx context.Context, fused *merge.Fused, facts *facts) error {
	o.stage.enter(optimising)
	oo := optimise.Options{Explain: o.Details}
	if o.Optimize != OptimizeNone {
		oo.Layout, oo.Share = true, !o.NoShake // what is shared leaves functions that shaking removes
		oo.Inline = &inline.Options{Size: o.Optimize == OptimizeSize}
	}
	if o.NoShake {
		oo.Keep = guests
	}
	r, err := optimise.Module(ctx, fused.Draft, oo)
	if err != nil {
		return err
	}
	o.seen.optimised(facts, r)
	return fused.Follow(r.Places, r.Shake.Calls)
}

// guests reports whether a source is code of an input, not what this module adds: generated code and the implementation
// of WASI.
func guests(s *draft.Source) bool {
	wasi := "root/" + preview1.Name
	return !s.Generated && s.Name != wasi && !strings.HasPrefix(s.Name, wasi+"/")
}

// oneMemory replaces a merged module by one with a single memory, if the options say so. The layout is nil if nothing has
// changed.
func (o *FuseOptions) oneMemory(ctx context.Context, fused *merge.Fused) (*onememory.Layout, error) {
	if o.Memory != SingleMemory || fused.Module.Count(corewasm.ExternMem) < 2 {
		return nil, nil
	}
	bottom, err := onememory.Seen(fused.Module)
	if err != nil {
		return nil, err
	}
	r, err := onememory.Module(ctx, fused.Module, fused.AllData(), onememory.Options{
		Bottom: bottom, Reserve: o.Reserve, Name: func(mem uint32) string { return fused.Owners[mem] }, Traces: fused.Traces,
	})
	if err != nil {
		return nil, &formError{err}
	}
	fused.Module, fused.Traces, fused.Data, fused.LateData = r.Module, r.Traces, r.Data, nil
	if len(fused.Memories) > 0 {
		fused.Memories = []corewasm.MemType{r.Memory}
	}
	return r.Layout, nil
}

// onlyModule encodes the only definition of a component, a core module.
func onlyModule(c *component.Component) (pieces.Pieces, error) {
	return coreencode.Pieces(c.Defs[0].(*component.CoreModule).Module), nil
}

// finish encodes c, with write, and validates it concurrently. Invalid output is an internal error and is never returned,
// nor is output that exceeds the limits of engines.
func finish(c *component.Component, write func(*component.Component) (pieces.Pieces, error)) (pieces.Pieces, error) {
	if err := check.Component(c); err != nil {
		return nil, overLimit(err)
	}
	var invalid error
	var wg sync.WaitGroup
	wg.Go(func() {
		defer diag.Recover(&invalid)
		invalid = validate.Component(c)
	})
	wasm, tooLarge := write(c)
	wg.Wait()
	if invalid != nil {
		return nil, &InternalError{Msg: "the generated output is invalid, nothing was written", Err: invalid}
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
		e.Hint = "link fewer components into one"
	}
	return err
}
