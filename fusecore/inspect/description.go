package inspect

// This file declares descriptions.

// Description is what a file is and holds. [Description.Print] writes it as text.
type Description struct {
	Format Format
	Size   int // in bytes
	// Component is set for components and WIT packages, Module for core modules.
	Component *Component
	Module    *Module
	// Instances counts what instantiating a component makes, where that is known: not for WIT packages, and not for what
	// cannot be linked.
	Instances *Instances
	// Truncated reports that the component is too large to be described in full.
	Truncated bool
}

// Format is what a file is.
type Format uint8

// Formats.
const (
	ComponentFile Format = iota
	WITPackage
	CoreModule
)

// Component is a component, or the type of one, in the order of its definitions.
type Component struct {
	Imports, Exports []Item
	Parts            []Part // none in a type
}

// Part is a core module or a component inside a component.
type Part struct {
	Index int    // in the index space of core modules or components
	Name  string // in its name section; empty for none
	Size  int    // in bytes
	// One of them is set.
	Module    *Module
	Component *Component
}

// Item is an import or export, or what an instance exports.
type Item struct {
	Name string
	Kind Kind
	// Type is written in WIT: of a Func or Value its type; of a Type what it is equal to, empty where that is not known; of
	// a Use the interface and type that it names.
	Type      string
	Items     []Item     // of an Instance or InstanceType
	Component *Component // of a Component or ComponentType; nil where it is not known
	// Of a core module one of these is set, or neither where it is not known.
	Module     *Module
	ModuleType []CoreItem
}

// Kind is what an [Item] is.
type Kind uint8

// Kinds of items. Use is a type of another interface.
const (
	Func Kind = iota
	Type
	Use
	Resource
	Instance
	InstanceType
	ComponentItem
	ComponentType
	ModuleItem
	Value
)

// CoreItem is an import or export of the type of a core module.
type CoreItem struct {
	Import       bool
	Module, Name string // Module is empty for exports
	Type         string // "func", "table", "memory", "global" or "tag"
}

// Module counts what a core module defines, imports and exports.
type Module struct {
	Funcs, CodeBytes, Memories, Tables, Globals, DataBytes, Imports, Exports int
}

// Instances counts instances and resource types.
type Instances struct {
	Components, Cores int
	// Defined and Imported are resource types: defined by instances, and imported by the root.
	Defined, Imported int
}
