// This file implements copies of worlds.

package world

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// Clone returns a copy of a world in which every resource type and type definition has a new identity, as in a second
// instance of the component.
func (w *World) Clone() *World { return w.Bound(map[*ctypes.Resource]*ctypes.Resource{}) }

// Bound is like [World.Clone], with the values of a map in place of the resource types that are its keys. It adds the
// other resource types to the map.
func (w *World) Bound(to map[*ctypes.Resource]*ctypes.Resource) *World {
	c := &cloner{types: map[*ctypes.Type]*ctypes.Type{}, resources: to}
	out := &World{Imports: c.items(w.Imports), Exports: c.items(w.Exports), Outside: map[*ctypes.Resource][]string{}}
	for r, path := range w.Outside {
		out.Outside[c.resource(r)] = path
	}
	return out
}

// cloner maps the types of a world to those of its clone.
type cloner struct {
	types     map[*ctypes.Type]*ctypes.Type
	resources map[*ctypes.Resource]*ctypes.Resource
}

func (c *cloner) items(items []Item) []Item {
	out := slices.Clone(items)
	for i := range out {
		it := &out[i]
		it.FuncType = c.fn(it.FuncType)
		if d := it.Def; d != nil {
			it.Def = &Def{Module: d.Module, Func: c.fn(d.Func), Instance: d.Instance, Imports: c.items(d.Imports), Exports: c.items(d.Exports)}
		}
		it.Type, it.Ident, it.Of = c.typ(it.Type), c.typ(it.Ident), c.typ(it.Of)
		it.Resource = c.resource(it.Resource)
		it.Items = c.items(it.Items)
	}
	return out
}

func (c *cloner) fn(f *ctypes.Func) *ctypes.Func {
	if f == nil {
		return nil
	}
	return &ctypes.Func{Async: f.Async, Params: c.fields(f.Params), Result: c.typ(f.Result)}
}

func (c *cloner) resource(r *ctypes.Resource) *ctypes.Resource {
	if r == nil {
		return nil
	}
	if c.resources[r] == nil {
		out := *r
		c.resources[r] = &out
	}
	return c.resources[r]
}

func (c *cloner) typ(t *ctypes.Type) *ctypes.Type {
	if t == nil || t.Shared() {
		return t
	}
	if known := c.types[t]; known != nil {
		return known
	}
	out := *t
	c.types[t] = &out
	out.Fields = c.fields(t.Fields)
	out.Types = slices.Clone(t.Types)
	for i, u := range out.Types {
		out.Types[i] = c.typ(u)
	}
	out.Elem, out.Err, out.Key = c.typ(t.Elem), c.typ(t.Err), c.typ(t.Key)
	out.Resource = c.resource(t.Resource)
	out.Of, out.Ident = c.typ(t.Of), c.typ(t.Ident)
	return &out
}

func (c *cloner) fields(fs []ctypes.Field) []ctypes.Field {
	out := slices.Clone(fs)
	for i := range out {
		out[i].Type = c.typ(out[i].Type)
	}
	return out
}
