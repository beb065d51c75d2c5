// This file implements type identities from a component's surface.

package instantiate

import (
	"errors"
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/graph"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// Surfaced is like [Component], with the identities of the world's types taken from the component's surface.
func Surfaced(c *component.Component, s *validate.Surface) (*graph.Graph, error) {
	return Options{}.Surfaced(c, s)
}

// Surfaced is like the function [Surfaced], with options.
func (o Options) Surfaced(c *component.Component, s *validate.Surface) (*graph.Graph, error) {
	g, err := o.component(c)
	if err != nil {
		return nil, err
	}
	n := &surfacer{s: s, imports: g.World.Imports, real: map[*ctypes.Resource]*ctypes.Resource{}}
	if err := n.items(g.World.Imports, s.Imports); err != nil {
		return nil, err
	}
	if err := n.items(g.World.Exports, s.Exports); err != nil {
		return nil, err
	}
	s.Bind(n.real)
	return g, nil
}

// surfacer walks a world and a surface side by side.
type surfacer struct {
	s       *validate.Surface
	imports []world.Item
	real    map[*ctypes.Resource]*ctypes.Resource // the graph's resources by the surface's
}

func (n *surfacer) items(items []world.Item, xs validate.Externs) error {
	for i := range items {
		it := &items[i]
		x, ok := xs.Near(i, it.Name)
		if err := n.item(it, x, ok); err != nil {
			return diag.In(err, "", "", "item "+strconv.Quote(it.Name))
		}
	}
	return nil
}

func (n *surfacer) item(it *world.Item, x validate.Extern, ok bool) error {
	f, t := x.Func(), x.Type()
	switch {
	case !ok:
		return diag.New("", "the component's type lacks it")
	case it.Sort == component.SortFunc && f != nil:
		it.FuncType = f
	case it.Sort == component.SortInstance:
		if it.Import != nil {
			if same, ok := n.imported(it.Import); ok && same == x {
				return nil
			}
			it.Items = n.parts(it.Import)
			it.Import = nil
		}
		return n.items(it.Items, x.Items())
	case it.Sort == x.Sort() && opaque(it):
		def, err := definition(x)
		it.Def = def
		return err
	case it.Sort == component.SortType && t != nil && (t.Kind == ctypes.ResourceType) == (it.Resource != nil):
		it.Of = x.Of()
		if it.Resource != nil {
			n.real[t.Resource] = it.Resource
			it.Ident = t
		} else {
			it.Type = t
		}
	default:
		return diag.New("", "the component's type has another sort of item in its place")
	}
	return nil
}

// opaque reports whether an item is a core module, a component or a type of functions, instances or components.
func opaque(it *world.Item) bool {
	switch it.Sort {
	case component.SortCore, component.SortComponent:
		return true
	}
	return it.Sort == component.SortType && it.Type == nil && it.Resource == nil
}

// imported returns the import with a path, or the part of one.
func (n *surfacer) imported(path []string) (x validate.Extern, ok bool) {
	at := n.s.Imports
	for _, name := range path {
		if x, ok = at.Get(name); !ok {
			return x, false
		}
		at = x.Items()
	}
	return x, ok
}

// parts returns the items of an imported instance as separately exported items, because the export has other identities
// for them than the import.
func (n *surfacer) parts(path []string) []world.Item {
	at := n.imports
	for _, name := range path {
		i := slices.IndexFunc(at, func(it world.Item) bool { return it.Name == name })
		if i < 0 {
			return nil
		}
		at = at[i].Items
	}
	out := slices.Clone(at)
	for i := range out {
		if it := &out[i]; it.Sort != component.SortType || it.Resource != nil {
			it.Import = append(slices.Clone(path), it.Name)
		}
		out[i].Items = nil
	}
	return out
}

// declared returns the world of a component that is not evaluated. It has no functions of a graph, and resource types
// of its own.
func declared(s *validate.Surface) (*world.World, error) {
	var w world.World
	var err error
	if w.Imports, err = declaredItems(s.Imports); err != nil {
		return nil, err
	}
	w.Exports, err = declaredItems(s.Exports)
	return &w, err
}

func declaredItems(xs validate.Externs) (items []world.Item, err error) {
	for name, x := range xs.All() {
		it := world.Item{Name: name, Sort: x.Sort(), FuncType: x.Func(), Of: x.Of()}
		t := x.Type()
		switch {
		case it.Sort == component.SortFunc:
		case it.Sort == component.SortInstance:
			it.Items, err = declaredItems(x.Items())
		case t == nil:
			it.Def, err = definition(x)
		case t.Kind == ctypes.ResourceType:
			it.Resource, it.Ident = t.Resource, t
		default:
			it.Type = t
		}
		if err != nil {
			return nil, diag.In(err, "", "", "item "+strconv.Quote(name))
		}
		items = append(items, it)
	}
	return items, nil
}

// definition returns the type of a core module or component, or the one that a type item names.
func definition(x validate.Extern) (d *world.Def, err error) {
	x, _ = x.Named()
	d = &world.Def{Func: x.Func()}
	switch x.Sort() {
	case component.SortCore:
		var ok bool
		if d.Module, ok = x.Module(); !ok {
			return nil, diag.New("", "its type is not one of a core module with functions of numbers only")
		}
	case component.SortInstance:
		d.Instance = true
		d.Exports, err = declaredItems(x.Items())
	case component.SortComponent:
		imports, exports := x.Component()
		if d.Imports, err = declaredItems(imports); err == nil {
			d.Exports, err = declaredItems(exports)
		}
	}
	return d, err
}

// World returns the world of a component. It is that of the instantiated graph, or what the component's type says if it
// cannot be evaluated.
func World(c *component.Component, s *validate.Surface) (*world.World, error) {
	g, err := Surfaced(c, s)
	if err == nil {
		return &g.World, nil
	}
	if !errors.As(err, new(*diag.Error)) {
		return nil, err
	}
	w, err := declared(s)
	if err != nil {
		return nil, err
	}
	w.Outside = map[*ctypes.Resource][]string{}
	outside(w.Outside, w.Imports, nil)
	imports, exports := w.Imports, w.Exports
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *component.Import:
			imports[0].Attributes, imports = d.Name.Attributes, imports[1:]
		case *component.Export:
			exports[0].Attributes, exports = d.Name.Attributes, exports[1:]
		}
	}
	return w, nil
}

// outside records the paths of the resource types that items name first.
func outside(into map[*ctypes.Resource][]string, items []world.Item, path []string) {
	for i := range items {
		it := &items[i]
		at := append(slices.Clone(path), it.Name)
		if _, again := into[it.Resource]; it.Resource != nil && !again {
			into[it.Resource] = at
		}
		outside(into, it.Items, at)
	}
}
