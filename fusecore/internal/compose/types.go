// This file implements the canonical forms of types, in which joined types are one.

package compose

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// canonType returns the representative of t and all types joined to it. Its parts are canonical too.
func (c *composer) canonType(t *ctypes.Type) *ctypes.Type {
	if t == nil {
		return nil
	}
	t = c.types.find(t)
	if known, ok := c.canonical[t]; ok {
		return known
	}
	if t.Shared() {
		return t
	}
	out := *t
	c.canonical[t] = &out
	out.Fields = c.canonFields(t.Fields)
	out.Types = nil
	for _, u := range t.Types {
		out.Types = append(out.Types, c.canonType(u))
	}
	out.Elem, out.Err, out.Key = c.canonType(t.Elem), c.canonType(t.Err), c.canonType(t.Key)
	if t.Resource != nil {
		out.Resource = c.resources.find(t.Resource)
	}
	out.Of, out.Ident = c.canonType(t.Of), c.canonType(t.Ident)
	return &out
}

func (c *composer) canonFields(fs []ctypes.Field) []ctypes.Field {
	var out []ctypes.Field
	for _, f := range fs {
		out = append(out, ctypes.Field{Label: f.Label, Type: c.canonType(f.Type)})
	}
	return out
}

func (c *composer) canonFunc(f *ctypes.Func) *ctypes.Func {
	return &ctypes.Func{Async: f.Async, Params: c.canonFields(f.Params), Result: c.canonType(f.Result)}
}
