// Package worldsection reads the custom sections of a core module that carry its world: component-type, or several whose
// names begin with that, each with a part of the world. Such a section is a component that exports a type, which is the
// type of a component that exports the world under its name:
//
//	(component
//	  (@custom "wit-component-encoding" "\04\00")      ;; a version, and the encoding of strings
//	  (type (component
//	    (type (component (import "ns:p/i@0.2.1" (instance ...)) (export "h" (func))))
//	    (export "ns:p/w@0.2.1" (component (type 0)))))
//	  (export "w" (type 0)))
package worldsection

import (
	"context"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/cabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/coreabi"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/instantiate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/validate"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// encodingSection is the name of the section with the encoding of strings.
const encodingSection = "wit-component-encoding"

// Named reports whether a custom section with this name carries a world.
func Named(name string) bool { return strings.HasPrefix(name, coreabi.SectionName) }

// World returns the type of the component that a section's world describes, or nil if the section has none.
func World(section *component.Component) *component.ComponentDef {
	for _, d := range section.Defs {
		t, ok := d.(*component.Type)
		if !ok {
			continue
		}
		outer, ok := t.Def.(*component.ComponentDef)
		if !ok || len(outer.Decls) == 0 {
			return nil
		}
		if inner, ok := outer.Decls[0].(*component.Type); ok {
			world, _ := inner.Def.(*component.ComponentDef)
			return world
		}
	}
	return nil
}

// Read returns the world that sections carry together, and the encoding of strings. Without sections the world is empty.
func Read(ctx context.Context, sections [][]byte) (w *world.World, e cabi.Encoding, err error) {
	w, e = &world.World{}, cabi.UTF8
	for _, s := range sections {
		if err := read(ctx, s, w, &e); err != nil {
			return nil, e, &diag.Error{Item: "custom section " + coreabi.SectionName, Offset: diag.NoOffset, Err: err}
		}
	}
	return w, e, nil
}

// read adds the world of one section to w.
func read(ctx context.Context, section []byte, w *world.World, e *cabi.Encoding) error {
	c, err := decode.Options{}.Component(ctx, section)
	if err != nil {
		return err
	}
	s, err := validate.Options{}.Surface(c)
	if err != nil {
		return err
	}
	outer, err := instantiate.World(c, s)
	if err != nil {
		return err
	}
	if len(outer.Exports) != 1 || outer.Exports[0].Def == nil || len(outer.Exports[0].Def.Exports) != 1 || outer.Exports[0].Def.Exports[0].Def == nil {
		return diag.New("", "it does not export the type of a component that exports a world")
	}
	of := outer.Exports[0].Def.Exports[0].Def
	part := &world.World{Imports: of.Imports, Exports: of.Exports}
	same := map[*ctypes.Resource]*ctypes.Resource{}
	identify(same, w.Imports, part.Imports)
	identify(same, w.Exports, part.Exports)
	part = part.Bound(same)
	if err := merge(&w.Imports, part.Imports); err != nil {
		return err
	}
	if err := merge(&w.Exports, part.Exports); err != nil {
		return err
	}
	for _, d := range c.Defs {
		if custom, ok := d.(*component.Custom); ok && custom.Name == encodingSection && len(custom.Bytes) == 2 {
			encodings := map[byte]cabi.Encoding{0: cabi.UTF8, 1: cabi.UTF16, 2: cabi.Latin1UTF16}
			known := false
			if *e, known = encodings[custom.Bytes[1]]; !known {
				return diag.New("", "there is no encoding of strings with number %d", custom.Bytes[1])
			}
		}
	}
	return nil
}

// identify maps the resource types of items to those of known items with the same names.
func identify(same map[*ctypes.Resource]*ctypes.Resource, known, items []world.Item) {
	for i := range items {
		it := &items[i]
		if k := world.Find(known, it.Name); k != nil {
			if it.Resource != nil && k.Resource != nil {
				same[it.Resource] = k.Resource
			}
			identify(same, k.Items, it.Items)
		}
	}
}

// merge adds items to others. One that both have is the same in both.
func merge(to *[]world.Item, items []world.Item) error {
	for i := range items {
		it := &items[i]
		if known := world.Find(*to, it.Name); known == nil {
			*to = append(*to, *it)
		} else if known.Sort != it.Sort {
			return diag.New("", "two sections have different items %q", it.Name)
		} else if err := merge(&known.Items, it.Items); err != nil {
			return err
		}
	}
	return nil
}
