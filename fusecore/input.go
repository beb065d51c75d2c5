// This file implements linking: it turns a graph of files into one component.

package fusecore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/input"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/match"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/pieces"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
)

// linkOptions are the options of linking; see [FuseOptions].
type linkOptions struct {
	skipBodies, attributes bool
	wasi                   WASI
	leave                  []string
	noNetwork              bool
	imports                []string
	progress               progress
	packages               bool // inputs may be WIT packages, which a document can name
}

// loaded is a valid component.
type loaded struct {
	comp    *component.Component
	surface *validate.Surface
}

// load decodes and validates one input.
func load(ctx context.Context, in Input, o linkOptions, modules *input.Modules) (*loaded, error) {
	f := in.file(o.attributes, modules)
	f.Packages = o.packages
	c, s, err := f.Component(ctx, !o.skipBodies)
	return &loaded{c, s}, err
}

// linked is the component made by linking several.
type linked struct {
	comp     *loaded
	inputs   []Input
	files    []InputSize       // all inputs
	contents [][]byte          // of files
	labels   map[string]string // name of an input in messages, by the last part of the path of its instance
	warnings []*Error
	// unsupported is the error about a proposal for which the only input has not been validated, and comp is nil, or nil.
	unsupported error
}

// link decodes and validates the inputs of a graph and links them into one component.
func link(ctx context.Context, g Graph, o linkOptions) (*linked, error) {
	all := supplyWASI(g.inputs(), o)
	o.packages = g.Document != nil
	o.progress.enter(validating)
	comps := make([]*loaded, len(all))
	errs := make([]error, len(all))
	var modules input.Modules
	var wg sync.WaitGroup
	for i := range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer diag.Recover(&errs[i])
			comps[i], errs[i] = load(ctx, all[i], o, &modules)
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil && len(all) == 1 && g.Document == nil && o.imports == nil && diag.Unsupported(err) {
			return &linked{inputs: all, unsupported: err}, nil
		}
		if err != nil {
			return nil, err
		}
	}
	l := &linked{inputs: all, labels: map[string]string{}}
	for i := range all {
		l.files = append(l.files, InputSize{all[i].label(), len(all[i].Bytes)})
		l.contents = append(l.contents, all[i].Bytes)
	}
	if g.Document != nil {
		o.progress.enter(linking)
		given := len(g.inputs())
		c, err := l.document(ctx, &g, comps[:given])
		if err != nil {
			return nil, err
		}
		all = append([]Input{g.Document.input()}, all[given:]...)
		comps = append([]*loaded{c}, comps[given:]...)
		l.inputs = all
	}
	l.comp = comps[0]
	if len(all) == 1 && len(g.Plugs)+len(g.Supplies) == 0 && o.imports == nil {
		return l, nil
	}
	o.progress.enter(linking)
	inputs := make([]match.Input, len(all))
	for i := range all {
		w, err := instantiate.World(comps[i].comp, comps[i].surface)
		if err != nil {
			return nil, diag.In(err, all[i].label(), "", "")
		}
		inputs[i] = match.Input{Name: all[i].Name, Label: all[i].label(), Comp: comps[i].comp, World: w, Private: all[i].Private}
	}
	if o.wasi != ImportWASI {
		inputs[len(all)-1].Last = o.supplies
	}
	mo := match.Options{Imports: o.imports, Attributes: o.attributes}
	for _, p := range g.Plugs {
		mo.Plugs = append(mo.Plugs, match.Plug(p))
	}
	for _, s := range g.Supplies {
		mo.Supplies = append(mo.Supplies, match.Supply(s))
	}
	composition, warnings, err := match.Composition(inputs, mo)
	if err != nil {
		return nil, err
	}
	if o.wasi != ImportWASI {
		if err := checkWASI(composition, o); err != nil {
			return nil, err
		}
	}
	l.warnings = append(l.warnings, warnings...)
	if len(composition.Instances) == 1 {
		return l, nil // the root, which needs no dependency
	}
	l.labels = labels(composition) // a document is now one of the instances
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := compose.Write(composition)
	if err != nil {
		return nil, o.leftAlone(err)
	}
	l.comp, err = l.valid(c, slices.ContainsFunc(inputs, func(in match.Input) bool { return in.World.HasOpaque() }))
	return l, err
}

// labels returns the names of a composition's instances in messages, by the last parts of their paths (instantiate).
func labels(g *compose.Graph) map[string]string {
	out := map[string]string{}
	for i := range g.Instances {
		in := &g.Instances[i]
		if in.Declares != nil {
			continue
		}
		name := g.Components[in.Component].Name
		part := name
		for n := 2; out[part] != ""; n++ {
			part = name + "-" + strconv.Itoa(n)
		}
		out[part] = cmp.Or(in.Label, in.Name)
	}
	return out
}

// valid validates the component that compose has written. opaque reports whether nothing has compared the types of some
// of what is given to another component.
func (l *linked) valid(c *component.Component, opaque bool) (*loaded, error) {
	s, err := validate.Options{}.Surface(c)
	switch {
	case err == nil:
		return &loaded{c, s}, nil
	case opaque:
		return nil, l.located(err)
	}
	return nil, &InternalError{Msg: "the linked component is invalid", Err: l.located(err)}
}

// composed links a graph and writes the composition.
func composed(ctx context.Context, g Graph, o linkOptions) (*Result, error) {
	l, err := link(ctx, g, o)
	if err != nil {
		return nil, err
	}
	r := &Result{Warnings: l.warnings, wasm: pieces.Pieces{g.Root.Bytes}}
	if len(g.Deps) > 0 || g.Document != nil {
		o.progress.enter(writing)
		if r.wasm, err = finish(l.comp.comp, encode.Pieces); err != nil {
			return nil, l.located(err)
		}
	}
	return r, nil
}

// composition returns the composition of a graph that cannot be fused because of why. An error that is not about a valid
// graph is returned: one that follows from function bodies that were trusted, or an internal one.
func composition(ctx context.Context, g Graph, o linkOptions, why error) (*Result, error) {
	var e *Error
	if !errors.As(why, &e) {
		return nil, why
	}
	if o.skipBodies {
		o.skipBodies = false
		if _, err := link(ctx, g, o); err != nil {
			return nil, why
		}
	}
	r, err := composed(ctx, g, o)
	if err != nil {
		return nil, err
	}
	r.Report = unfused(g, e)
	return r, nil
}

// instantiate returns the instantiated graph of the linked component, with the instances with some paths kept. It drops
// the component, so that decoded inputs are not kept in memory longer than needed.
func (l *linked) instantiate(keep map[string]string) (*graph.Graph, error) {
	c := l.comp
	l.comp = nil
	return instantiate.Options{Keep: keep}.Surfaced(c.comp, c.surface)
}

// located adds the file to an error about the linked component. It removes the byte offset if there are several inputs,
// because that is an offset in the linked component.
func (l *linked) located(err error) error {
	err = diag.In(err, l.inputs[0].label(), "", "")
	var e *Error
	if len(l.inputs) == 1 || !errors.As(err, &e) {
		return err
	}
	e.Offset = diag.NoOffset
	// The path is ROOT/INSTANCE/..., with the name of an input's instance.
	if path := strings.Split(e.Component, "/"); len(path) > 1 && l.labels[path[1]] != "" {
		e.File = l.labels[path[1]]
	}
	return err
}
