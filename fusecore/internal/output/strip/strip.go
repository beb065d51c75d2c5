// Package strip leaves out of an output what has no effect on its behaviour: names, or all custom sections. Definitions that
// the output shares with the inputs are not changed, but copied:
//
//	(component                                       (component
//	  (core module (func $a/run ...)                   (core module (func ...))
//	    (@custom "name" ...))
//	  (component $kept ... (@custom ".debug_info"))    (component ...)
//	  (@custom "producers" ...))                     )
//
// The world of a bare module is in a custom section that its users need, so that stays.
package strip

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/sections"
)

// What is what is left out.
type What uint8

const (
	// Names are the name sections of components and modules.
	Names What = iota
	// Customs are all custom sections, but those with the world of a bare module.
	Customs
)

// The names of name sections.
const (
	coreNames      = "name"
	componentNames = "component-name"
)

// drops reports whether the custom section with a name is left out.
func (w What) drops(name string) bool {
	return name == coreNames || name == componentNames || w == Customs
}

// Component returns a component without what is left out. It shares the other parts with c.
func Component(c *component.Component, w What) *component.Component {
	out := *c
	out.Name, out.Names, out.Defs = "", nil, make([]component.Def, 0, len(c.Defs))
	if c.Bytes != nil {
		out.Bytes = Bytes(c.Bytes, w)
	}
	for _, d := range c.Defs {
		switch def := d.(type) {
		case *component.Custom:
			if w.drops(def.Name) {
				continue
			}
		case *component.CoreModule:
			d = module(def, w)
		case *component.NestedComponent:
			nested := *def
			nested.Component = Component(def.Component, w)
			d = &nested
		}
		out.Defs = append(out.Defs, d)
	}
	return &out
}

// module returns a core module without what is left out.
func module(d *component.CoreModule, w What) *component.CoreModule {
	out := *d
	if d.Bytes != nil { // which are what is written
		out.Bytes = Bytes(d.Bytes, w)
		return &out
	}
	m := *d.Module
	m.Name, m.Names, m.Customs = "", corewasm.Names{}, nil
	for _, x := range d.Module.Customs {
		if worldsection.Named(x.Name) || !w.drops(x.Name) {
			m.Customs = append(m.Customs, x)
		}
	}
	out.Module = &m
	return &out
}

// Bytes returns an encoded module or component without what is left out. What is not a list of sections stays as it is.
func Bytes(b []byte, w What) []byte {
	f, ok := sections.Read(b)
	if !ok {
		return b
	}
	out := append(make([]byte, 0, len(b)), f.Preamble...)
	for i := range f.Sections {
		s := &f.Sections[i]
		if name, _, ok := s.Custom(); ok && w.drops(name) {
			continue
		}
		if !f.Contains(s) {
			out = append(out, s.Bytes...)
			continue
		}
		inner := Bytes(s.Content, w)
		out = leb128.AppendU32(append(out, s.ID), uint32(len(inner)))
		out = append(out, inner...)
	}
	return out
}
