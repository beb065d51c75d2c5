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
	"bytes"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi/worldsection"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
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

// Sections that contain others, in components.
const (
	secCustom     = 0
	secCoreModule = 1
	secComponent  = 4
)

// preamble is the length of what precedes the sections of a module or component.
const preamble = 8

var coreVersion = []byte{0x01, 0x00, 0x00, 0x00}

// Bytes returns an encoded module or component without what is left out. What is not a list of sections stays as it is.
func Bytes(b []byte, w What) []byte {
	if len(b) < preamble {
		return b
	}
	inComponent := !bytes.Equal(b[4:preamble], coreVersion)
	out := append(make([]byte, 0, len(b)), b[:preamble]...)
	for rest := b[preamble:]; len(rest) > 0; {
		size, n, err := leb128.U32(rest[1:])
		if err != nil || uint64(len(rest)-1-n) < uint64(size) {
			return b
		}
		end := 1 + n + int(size)
		section, content, id := rest[:end], rest[1+n:end], rest[0]
		rest = rest[end:]
		switch {
		case id == secCustom:
			name, ok := sectionName(content)
			if ok && w.drops(name) {
				continue
			}
		case inComponent && (id == secCoreModule || id == secComponent):
			inner := Bytes(content, w)
			out = leb128.AppendU32(append(out, id), uint32(len(inner)))
			out = append(out, inner...)
			continue
		}
		out = append(out, section...)
	}
	return out
}

// sectionName returns the name of a custom section, or false if it has none.
func sectionName(content []byte) (string, bool) {
	size, n, err := leb128.U32(content)
	if err != nil || uint64(len(content)-n) < uint64(size) {
		return "", false
	}
	return string(content[n : n+int(size)]), true
}
