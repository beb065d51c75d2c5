// Package world holds the type of a component as linking, fusing and writing see it: what it imports from the outside and
// exports to it, down to single functions and types, with the identities of types that matter for WIT's `use`.
package world

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// World is a component's type, in the order of the component's own declarations.
type World struct {
	Imports, Exports []Item
	// Outside has the resource types that the outside defines, each with the path of the import that does: the import's
	// name, then names of exports inside the instance.
	Outside map[*ctypes.Resource][]string
}

// FuncID identifies a component-level function: its position in the list of functions that a world comes with.
type FuncID int32

// Item is an import or export of the world, or of an instance in it.
type Item struct {
	Name       string
	Attributes []component.Attribute
	Sort       component.Sort // SortFunc, SortInstance or SortType
	Func       FuncID         // SortFunc
	// FuncType is the type of a function as the item declares it, which can be written with other definitions of the same
	// types than the function's own.
	FuncType *ctypes.Func
	Type     *ctypes.Type // SortType, a value type
	Resource *ctypes.Resource
	// Ident is what handle types that use Resource under this item's name refer to (ctypes.ResourceType); it may be nil.
	Ident *ctypes.Type
	// Of is the type that a type item is another name of, where that is known: the item's own Type or Ident says so only of
	// types in the same component.
	Of    *ctypes.Type
	Items []Item // SortInstance, in order
	// Import is set on an export that is nothing but an import of the world, or a part of one: the path there.
	Import []string
}

// TypesOnly reports whether an import is nothing but value types. They are equal by structure, so that nobody has to
// supply such an import: it can also be an import of the result.
func (it *Item) TypesOnly() bool {
	switch it.Sort {
	case component.SortType:
		return it.Resource == nil
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

// Find returns the item of a name, nil if there is none.
func Find(items []Item, name string) *Item {
	for i := range items {
		if items[i].Name == name {
			return &items[i]
		}
	}
	return nil
}

// ItemsOf returns the items of an imported or exported instance: those of the import where an export is nothing but one.
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

// Names lists the names of items, quoted, for messages.
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
