// This file implements the custom section with the world of a core module.

package coreabi

import (
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/worldtype"
)

// SectionName is the name of the custom section with the world.
const SectionName = "component-type"

// Names in the section: of a custom section with the version of the format and the encoding of strings, and of the world.
const (
	encodingName = "wit-component-encoding"
	worldName    = "root"
	worldID      = "root:component/root"
)

// encodingUTF8 is the content of the custom section: version 4, UTF-8.
var encodingUTF8 = []byte{4, 0}

// Section returns the content of the custom section with a world, as wit-component reads it: a component that exports the
// type of a component that exports the type of a component with the world's imports and exports.
//
//	(component
//	  (@custom "wit-component-encoding" "\04\00")
//	  (type $t (component (type $w (component (import "ns:p/i" (instance ...)) ...)) (export "root:component/root" (component (type $w)))))
//	  (export "root" (type $t)))
//
// It returns an error for a world that WIT cannot express.
func Section(w *world.World) ([]byte, error) {
	if err := check(w); err != nil {
		return nil, err
	}
	c := &component.Component{Defs: []component.Def{&component.Custom{Name: encodingName, Bytes: encodingUTF8}}}
	inner := world.Item{Name: worldID, Sort: component.SortComponent, Def: &world.Def{Imports: versioned(w, w.Imports), Exports: versioned(w, w.Exports)}}
	wr := worldtype.New(c)
	t, err := wr.Definition(&world.Def{Exports: []world.Item{inner}})
	if err != nil {
		return nil, err
	}
	outer := c.Defs[len(c.Defs)-1].(*component.Type).Def.(*component.ComponentDef)
	typ := outer.Decls[0].(*component.Type).Def.(*component.ComponentDef)
	nameUses(typ)
	if err := checkUses(typ); err != nil {
		return nil, err
	}
	wr.Add(&component.Export{Name: component.ExternName{Name: worldName}, Item: component.SortType.Item(t)})
	return encode.Component(c), nil
}

// versioned returns items with the names that they have in WIT. The version of an interface is whole there, not divided
// into a canonical version and a suffix.
func versioned(w *world.World, items []world.Item) []world.Item {
	out := slices.Clone(items)
	for i := range out {
		it := &out[i]
		it.Name, it.Items = Name(it), w.ItemsOf(it)
		it.Attributes = component.NewAttributes(slices.DeleteFunc(slices.Clone(it.Attributes.All()), func(a component.Attribute) bool {
			return a.Kind == component.AttrVersionSuffix
		}))
	}
	return out
}

// Name returns the name of an import or export of a world in WIT.
func Name(it *world.Item) string { return component.WithVersionSuffix(it.Name, it.Attributes) }
