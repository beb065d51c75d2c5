// Package world represents the type of a component: its imports and exports, down to single functions and types, with
// the identities of types that matter for WIT's `use`. Linking, fusing and writing components work on it.
package world

import (
	"slices"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// World is a component's type, in the order of the component's declarations.
type World struct {
	Imports, Exports []Item
	// Outside has the resource types that are defined outside, each with the path of its import: the import's name,
	// then names of exports inside the instance.
	Outside map[*ctypes.Resource][]string
}

// FuncID identifies a component-level function, by index in the list of functions that accompanies a world.
type FuncID int32

// OpaqueID identifies a core module or a component, by index in another such list.
type OpaqueID int32

// Item is an import or export of the world, or of an instance in it.
type Item struct {
	Name       string
	Attributes *component.Attributes
	Sort       component.Sort // not SortValue; those of SortCore are core modules
	Func       FuncID         // SortFunc
	Opaque     OpaqueID       // SortCore, SortComponent
	// Def is the type of a core module or component, or the type of functions, instances or components that a type item
	// names. It may be nil for exports.
	Def *Def
	// FuncType is the type of a function as declared by the item. It may use other definitions of the same types than
	// the function's own type.
	FuncType *ctypes.Func
	Type     *ctypes.Type // SortType, a value type
	Resource *ctypes.Resource
	// Ident is the type that handle types using Resource under this item's name refer to (ctypes.ResourceType). It may
	// be nil.
	Ident *ctypes.Type
	// Of is the type that a type item renames, if known. The item's own Type or Ident only records that for types of
	// the same component.
	Of    *ctypes.Type
	Items []Item // SortInstance, in order
	// Import, for an export that is an import of the world, or a part of one, is its path.
	Import []string
}

// Def is a type other than a value or resource type. One of Module and Func is set for types of core modules and
// functions; the others are types of components, or, if Instance is set, of instances, which have no imports.
type Def struct {
	Module           *component.ModuleType // without aliases
	Func             *ctypes.Func
	Instance         bool
	Imports, Exports []Item
}

// HasOpaque reports whether an import or export is a core module or component, a type of functions, instances or
// components, or an instance with one.
func (w *World) HasOpaque() bool { return hasOpaque(w.Imports) || hasOpaque(w.Exports) }

func hasOpaque(items []Item) bool {
	return slices.ContainsFunc(items, func(it Item) bool {
		return it.Sort == component.SortCore || it.Sort == component.SortComponent || it.Def != nil || hasOpaque(it.Items)
	})
}

// TypesOnly reports whether an import only has value types. They are equal by structure, so such an import needs no
// supplier: it can also remain an import of the result.
func (it *Item) TypesOnly() bool {
	switch it.Sort {
	case component.SortType:
		return it.Resource == nil && it.Def == nil
	case component.SortInstance:
		for i := range it.Items {
			if !it.Items[i].TypesOnly() {
				return false
			}
		}
		return true
	}
	return false
}

// Find returns the item with a name, or nil.
func Find(items []Item, name string) *Item {
	for i := range items {
		if items[i].Name == name {
			return &items[i]
		}
	}
	return nil
}

// ItemsOf returns the items of an imported or exported instance. If an export is merely an import, they are the
// import's.
func (w *World) ItemsOf(it *Item) []Item {
	if it.Import == nil {
		return it.Items
	}
	at := w.Imports
	for _, name := range it.Import {
		found := Find(at, name)
		if found == nil {
			return nil
		}
		at = found.Items
	}
	return at
}

// Names returns the quoted names of items, for messages.
func Names(items []Item) string {
	var s []string
	for i := range items {
		s = append(s, strconv.Quote(items[i].Name))
	}
	if s == nil {
		return "nothing"
	}
	return diag.List(s)
}
