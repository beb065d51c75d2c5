// This file implements linking by a WAC document.

package fusecore

import (
	"cmp"
	"context"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/wac"
)

// inputs returns the inputs of a graph. A document can do without any.
func (g *Graph) inputs() []Input {
	if g.Document != nil && g.Root.Name == "" && len(g.Root.Bytes) == 0 {
		return slices.Clone(g.Deps)
	}
	return append([]Input{g.Root}, g.Deps...)
}

// root returns the input that stands for a graph in messages.
func (g *Graph) root() Input {
	if g.Document != nil {
		return g.Document.input()
	}
	return g.Root
}

// input returns the component that a document makes, as an input.
func (d *Document) input() Input { return Input{Name: d.Name} }

// document makes the component of a graph with a document. comps are its inputs.
func (l *linked) document(ctx context.Context, g *Graph, comps []*loaded) (*loaded, error) {
	if len(g.Plugs)+len(g.Supplies) > 0 {
		return nil, diag.New("", "a document says how components are composed: plugs and supplies have no place beside it").
			WithHint("write them as arguments in %s", g.Document.Name)
	}
	var packages []*wac.Package
	opaque := false
	for i, in := range g.inputs() {
		w, err := instantiate.World(comps[i].comp, comps[i].surface)
		if err != nil {
			return nil, diag.In(err, in.label(), "", "")
		}
		opaque = opaque || w.HasOpaque()
		packages = append(packages, &wac.Package{Names: in.Packages, File: cmp.Or(in.File, in.Name), Label: in.label(), Comp: comps[i].comp, World: w})
	}
	c, err := wac.Compose(g.Document.Name, g.Document.Text, packages)
	if err != nil {
		return nil, err
	}
	for _, p := range c.Unused {
		l.warnings = append(l.warnings, (&Error{File: p.Label, Offset: diag.NoOffset, Msg: "the document " + g.Document.Name + " does not name this input"}).
			WithHint("remove it, or instantiate it with `new`"))
	}
	l.labels = labels(c.Graph)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	comp, err := compose.Write(c.Graph)
	if err != nil {
		return nil, c.Located(err)
	}
	l.inputs = []Input{g.Document.input()}
	out, err := l.valid(comp, opaque)
	if err != nil {
		return nil, err
	}
	w, err := instantiate.World(out.comp, out.surface)
	if err == nil {
		err = c.CheckTarget(w)
	}
	return out, diag.In(err, g.Document.Name, "", "")
}
