// Package component is the model of the component binary format (component model, design/mvp/Binary.md): the
// definitions of a component in their order, with indices as they stand in the bytes. It says nothing about validity;
// package component/decode makes it, component/encode writes it, validate checks it and instantiate evaluates it.
package component

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"

// Component is one component, at the top of a file or nested.
type Component struct {
	Offset int64  // of its first byte in the file
	Bytes  []byte // the whole component with its preamble; nil for one made by hand
	Name   string // from the "component-name" custom section; may be empty
	// Names are the names that the "component-name" custom section gives to items, for messages only.
	Names []SortNames
	Defs  []Def // in order; every index space is built from them incrementally
}

// SortNames names items of one sort.
type SortNames struct {
	Sort  Sort
	Core  CoreSort // when Sort is SortCore
	Names []NameAssoc
}

// NameAssoc names one item.
type NameAssoc struct {
	Index uint32
	Name  string
}

// Def is a definition: one entry of a section. The concrete types are the exported structs of this file.
type Def interface {
	// Pos is the offset of the definition's first byte in the file, 0 for definitions made by hand.
	Pos() int64
}

// At is the place of a definition in the file; every definition embeds it.
type At struct{ Offset int64 }

// Pos implements Def.
func (a At) Pos() int64 { return a.Offset }

// CoreSort is the sort of a core item (core:sort).
type CoreSort byte

// Core sorts: their codes in the binary format.
const (
	CoreFunc     CoreSort = 0x00
	CoreTable    CoreSort = 0x01
	CoreMemory   CoreSort = 0x02
	CoreGlobal   CoreSort = 0x03
	CoreTag      CoreSort = 0x04
	CoreTypeSort CoreSort = 0x10
	CoreModSort  CoreSort = 0x11
	CoreInstSort CoreSort = 0x12
)

// Sort is the sort of an item; core items have SortCore and say which in a CoreSort beside it.
type Sort byte

// Sorts: their codes in the binary format.
const (
	SortCore      Sort = 0x00
	SortFunc      Sort = 0x01
	SortValue     Sort = 0x02
	SortType      Sort = 0x03
	SortComponent Sort = 0x04
	SortInstance  Sort = 0x05
)

// SortIdx names an item (sortidx).
type SortIdx struct {
	Sort  Sort
	Core  CoreSort // when Sort is SortCore
	Index uint32
}

// CoreSortIdx names a core item (core:sortidx).
type CoreSortIdx struct {
	Sort  CoreSort
	Index uint32
}

// NestedComponent defines a component (section 4). It adds to the component index space.
type NestedComponent struct {
	At
	Component *Component
}

// CoreModule defines a core module (section 1). It adds to the core module index space.
type CoreModule struct {
	At
	Module *corewasm.Module
	Bytes  []byte // the whole module with its preamble
}

// CoreInstance defines a core instance (section 2): an instantiation when Inline is false, else a bundle of exports.
type CoreInstance struct {
	At
	Inline  bool
	Module  uint32
	Args    []CoreArg          // instantiation
	Exports []CoreInlineExport // inline
}

// CoreArg supplies all imports from one module name with a core instance.
type CoreArg struct {
	Name     string
	Instance uint32
}

// CoreInlineExport is one export of an inline core instance.
type CoreInlineExport struct {
	Name string
	Item CoreSortIdx
}

// Instance defines a component instance (section 5): an instantiation when Inline is false, else a bundle of exports.
type Instance struct {
	At
	Inline    bool
	Component uint32
	Args      []Arg          // instantiation
	Exports   []InlineExport // inline
}

// Arg supplies one import.
type Arg struct {
	Name string
	Item SortIdx
}

// InlineExport is one export of an inline instance.
type InlineExport struct {
	Name ExternName
	Item SortIdx
}

// AliasTarget says what an alias looks through.
type AliasTarget byte

// Targets of aliases: their codes in the binary format.
const (
	AliasExport     AliasTarget = 0x00 // of a component instance
	AliasCoreExport AliasTarget = 0x01 // of a core instance
	AliasOuter      AliasTarget = 0x02
)

// Alias defines an alias (section 6). It adds to the index space of its sort.
type Alias struct {
	At
	Sort     Sort
	Core     CoreSort // when Sort is SortCore
	Target   AliasTarget
	Instance uint32 // AliasExport, AliasCoreExport
	Name     string // AliasExport, AliasCoreExport
	Outer    uint32 // AliasOuter: how many scopes out
	Index    uint32 // AliasOuter: index there
}

// Start is the value section's start definition (gated; decoded so that it can be refused by name).
type Start struct {
	At
	Func    uint32
	Args    []uint32
	Results uint32
}

// Value is a value definition (gated; decoded so that it can be refused by name).
type Value struct {
	At
	Type  ValType
	Bytes []byte
}

// ExternName is the name of an import or export with its attributes (nameattributes).
type ExternName struct {
	Name       string
	Attributes []Attribute
	// HasAttributes says that the 0x02 form was used, which may carry no attribute.
	HasAttributes bool
}

// AttributeKind is the kind of a name attribute.
type AttributeKind byte

// Kinds of attributes: their codes in the binary format.
const (
	AttrImplements    AttributeKind = 0x00
	AttrVersionSuffix AttributeKind = 0x01
	AttrExternalID    AttributeKind = 0x02
)

// Attribute is one attribute of a name.
type Attribute struct {
	Kind  AttributeKind
	Value string
}

// WithVersionSuffix returns s, an interface name or its version, with what a versionsuffix attribute adds to it
// (Explainer.md, "Canonical Interface Name").
func WithVersionSuffix(s string, attrs []Attribute) string {
	for _, a := range attrs {
		if a.Kind == AttrVersionSuffix {
			return s + a.Value
		}
	}
	return s
}

// Import defines an import (section 10). It adds to the index space of its sort.
type Import struct {
	At
	Name ExternName
	Type ExternType
}

// Export defines an export (section 11). It adds a new index, an alias of Item, to the index space of its sort.
type Export struct {
	At
	Name ExternName
	Item SortIdx
	Type *ExternType // ascription, or nil
}

// IsDecl says whether this is an export declarator of a component or instance type, which has a Name and a Type only.
// No valid definition looks like one, for a core function cannot be exported.
func (e *Export) IsDecl() bool { return e.Type != nil && e.Item == SortIdx{} }

// Custom is a custom section other than the one that Name and Names of its component come from.
type Custom struct {
	At
	Name  string
	Bytes []byte
}
