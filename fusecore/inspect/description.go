package inspect

// This file declares descriptions.

// Description describes a file. [Description.Print] writes it as text.
type Description struct {
	Format Format
	Size   int // in bytes
	// Component is set for components and WIT packages, Module for core modules. A core module from which a component can
	// be made, because it carries a world, also has the type of that component.
	Component *Component
	Module    *Module
	// Instances counts what instantiating a component creates, if known. It is nil for WIT packages, and for components
	// that cannot be linked.
	Instances *Instances
	// Fused is what it was fused of, as far as the names in it tell, or nil.
	Fused *Fused
	// Truncated reports whether the component is too large to be described in full.
	Truncated bool
}

// Fused names the components of which fused modules consist.
type Fused struct {
	Parts []string `json:"parts"` // sorted
	// Links are the calls from one part to another, or to or from the host, for which the module has a function with a name: those
	// that are not direct, and not inlined.
	Links []Link `json:"links,omitempty"`
}

// Link is a function of one part that another one calls.
type Link struct {
	Caller string `json:"caller"`
	Callee string `json:"callee"`
	Func   string `json:"func"`
}

// Format is the format of a file.
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
	Parts            []Part // empty in a type
	// Async names what it uses of the engine's tasks, in the order of its definitions: "async lift", "async lower" and
	// async built-ins, such as "stream.new". Empty in a type.
	Async []string
}

// Part is a core module or a component within a component.
type Part struct {
	Index int    // in the index space of core modules or components
	Name  string // in its name section; may be empty
	Size  int    // in bytes
	// One of them is set.
	Module    *Module
	Component *Component
}

// Item is an import or export, or an export of an instance.
type Item struct {
	Name string
	Kind Kind
	// Type is in WIT syntax. For a Func or Value it is its type. For a Type it is the type that it is equal to, or
	// empty if that is unknown. For a Use it is the interface and type that it names.
	Type      string
	Items     []Item     // for an Instance or InstanceType
	Component *Component // for a Component or ComponentType; nil if unknown
	// For a core module one of these is set, or neither if it is unknown.
	Module     *Module
	ModuleType []CoreItem
}

// Kind is the kind of an [Item].
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

// CoreItem is an import or export in the type of a core module.
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
	// Defined and Imported are numbers of resource types: defined by instances, and imported by the root.
	Defined, Imported int
}
