// Package component models the component binary format (component model, design/mvp/Binary.md): the definitions of a
// component in order, with indices as encoded. The model may be invalid. Package component/decode reads it,
// component/encode writes it, validate checks it and instantiate evaluates it.
package component

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"

// Component is one component, a whole file or nested.
type Component struct {
	Offset int64  // in the file
	Bytes  []byte // the whole component with its preamble, or nil for one made by hand
	Name   string // from the "component-name" custom section, or empty
	// Names are names of items from the "component-name" custom section, for messages only.
	Names []SortNames
	Defs  []Def // in order; they determine the index spaces
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

// Def is a definition: one entry of a section. The concrete types are the exported structs of this package.
type Def interface {
	// Pos returns the offset of the definition in the file, or 0 for definitions made by hand.
	Pos() int64
}

// At is the offset of a definition in the file. Every definition embeds it.
type At struct{ Offset int64 }

// Pos implements Def.
func (a At) Pos() int64 { return a.Offset }

// CoreSort is the sort of a core item (core:sort), by its code in the binary format.
type CoreSort byte

// Core sorts.
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

// Sort is the sort of an item, by its code in the binary format. Core items have SortCore, and a CoreSort in addition.
type Sort byte

// Sorts.
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

// NestedComponent defines a component (section 4). It adds an index to the component index space.
type NestedComponent struct {
	At
	Component *Component
}

// CoreModule defines a core module (section 1). It adds an index to the core module index space.
type CoreModule struct {
	At
	Module *corewasm.Module
	Bytes  []byte // the whole module with its preamble
	// Unsupported is the error about a proposal for which the module is not decoded, or nil. Module is empty then.
	Unsupported error
}

// CoreInstance defines a core instance (section 2): an instantiation if Inline is false, else a bundle of exports.
type CoreInstance struct {
	At
	Inline  bool
	Module  uint32
	Args    []CoreArg          // instantiation
	Exports []CoreInlineExport // inline
}

// CoreArg supplies all imports from one module name with the exports of a core instance.
type CoreArg struct {
	Name     string
	Instance uint32
}

// CoreInlineExport is one export of an inline core instance.
type CoreInlineExport struct {
	Name string
	Item CoreSortIdx
}

// Instance defines a component instance (section 5): an instantiation if Inline is false, else a bundle of exports.
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

// AliasTarget is the kind of an alias, by its code in the binary format.
type AliasTarget byte

// Kinds of aliases.
const (
	AliasExport     AliasTarget = 0x00 // of a component instance
	AliasCoreExport AliasTarget = 0x01 // of a core instance
	AliasOuter      AliasTarget = 0x02
)

// Alias defines an alias (section 6). It adds an index to the index space of its sort.
type Alias struct {
	At
	Sort     Sort
	Core     CoreSort // when Sort is SortCore
	Target   AliasTarget
	Instance uint32 // AliasExport, AliasCoreExport
	Name     string // AliasExport, AliasCoreExport
	Outer    uint32 // AliasOuter: number of scopes outwards
	Index    uint32 // AliasOuter: index in that scope
}

// Start is a start definition. Values are gated, so it is only decoded to be rejected by name.
type Start struct {
	At
	Func    uint32
	Args    []uint32
	Results uint32
}

// Value is a value definition. Values are gated, so it is only decoded to be rejected by name.
type Value struct {
	At
	Type  ValType
	Bytes []byte
}

// ExternName is the name of an import or export with its attributes (nameattributes).
type ExternName struct {
	Name string
	// Attributes is nil unless the name is encoded in the 0x02 form, which may have no attributes.
	Attributes *Attributes
}

// Attributes are the attributes of a name. Names refer to them, because most have none.
type Attributes []Attribute

// NewAttributes returns the attributes of a name: nil if there are none.
func NewAttributes(list []Attribute) *Attributes {
	if len(list) == 0 {
		return nil
	}
	return (*Attributes)(&list)
}

// All returns the attributes, which are none if a is nil.
func (a *Attributes) All() []Attribute {
	if a == nil {
		return nil
	}
	return *a
}

// AttributeKind is the kind of a name attribute, by its code in the binary format.
type AttributeKind byte

// Kinds of attributes.
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

// WithVersionSuffix returns s, an interface name or its version, with the suffix of its versionsuffix attribute
// (Explainer.md, "Canonical Interface Name").
func WithVersionSuffix(s string, attrs *Attributes) string {
	for _, a := range attrs.All() {
		if a.Kind == AttrVersionSuffix {
			return s + a.Value
		}
	}
	return s
}

// Import defines an import (section 10). It adds an index to the index space of its sort.
type Import struct {
	At
	Name ExternName
	Type ExternType
}

// Export defines an export (section 11). It adds a new index for Item to the index space of its sort.
type Export struct {
	At
	Name ExternName
	Item SortIdx
	Type *ExternType // ascription, or nil
}

// IsDecl reports whether this is an export declarator of a component or instance type, which only has a Name and a
// Type. No valid definition looks like that, because core functions cannot be exported.
func (e *Export) IsDecl() bool { return e.Type != nil && e.Item == SortIdx{} }

// Custom is a custom section, unless it is the one that the component's Name and Names come from.
type Custom struct {
	At
	Name  string
	Bytes []byte
}
