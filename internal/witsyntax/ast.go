// Package witsyntax parses the WIT text format of the component model (WIT.md). It turns one file into a syntax tree
// with positions, without resolving names or reading other files. After an error it continues with the next item, so
// that the rest of the tree is usable.
package witsyntax

import (
	"fmt"
	"strings"
)

// Pos is a position in a file.
type Pos struct {
	Offset int // in bytes, from 0
	Line   int // from 1
	Col    int // in bytes, from 1
}

// Error is a syntax error: its position, what was expected and what was found.
type Error struct {
	File string
	Pos  Pos
	Msg  string
	// Expected and Found are what Msg says was expected, and what there is in its place, or both are "".
	Expected, Found string
}

// Error returns the problem as file:line:column: message.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Pos.Line, e.Pos.Col, e.Msg)
}

// File is one WIT file.
type File struct {
	Name    string
	Package *PackageDecl // nil if the file does not declare its package
	Items   []Item
}

// Item is a top-level item: *TopUse, *Interface, *World or *NestedPackage.
type Item interface{ item() }

// PackageName names a package: namespace:name@version, or with nested namespaces and packages a:b:c/d@version.
type PackageName struct {
	Namespaces []string // at least one
	Names      []string // at least one
	Version    string   // a semantic version, or empty
}

// ID returns the name without its version.
func (n PackageName) ID() string {
	return strings.Join(n.Namespaces, ":") + ":" + strings.Join(n.Names, "/")
}

// String returns the name as it is parsed.
func (n PackageName) String() string {
	if n.Version == "" {
		return n.ID()
	}
	return n.ID() + "@" + n.Version
}

// PackageDecl is `package a:b@1.0.0`.
type PackageDecl struct {
	Pos  Pos
	Docs []string
	Name PackageName
}

// NestedPackage is `package a:b { ... }`.
type NestedPackage struct {
	Decl  PackageDecl
	Items []Item // no *NestedPackage
}

// UsePath names an interface or world of the same file or package, or of another package.
type UsePath struct {
	Pos Pos
	// Package is nil if the path is a bare name.
	Package *PackageName
	Name    string
}

// String returns the path as it is parsed.
func (p UsePath) String() string {
	if p.Package == nil {
		return p.Name
	}
	s := p.Package.ID() + "/" + p.Name
	if p.Package.Version != "" {
		s += "@" + p.Package.Version
	}
	return s
}

// TopUse is `use a:b/c as d;` at the top level of a file.
type TopUse struct {
	Pos  Pos
	Path UsePath
	As   string // empty if there is none
}

// Local returns the name that the use declares in its file.
func (u *TopUse) Local() string {
	if u.As != "" {
		return u.As
	}
	return u.Path.Name
}

// Attrs is the annotations of an item.
type Attrs struct {
	Docs       []string // lines of doc comments, without their marks
	Gates      []Gate
	ExternalID *string // of @external-id
}

// GateKind is the kind of a feature gate.
type GateKind uint8

// Kinds of gates.
const (
	Since GateKind = iota
	Unstable
	Deprecated
)

var gateNames = [...]string{"since", "unstable", "deprecated"}

// String returns the gate's name without "@".
func (k GateKind) String() string { return gateNames[k] }

// Gate is @since(version = Arg), @unstable(feature = Arg) or @deprecated(version = Arg).
type Gate struct {
	Pos  Pos
	Kind GateKind
	Arg  string
}

// Interface is `interface name { ... }`. Name is empty if it is inside an import or export.
type Interface struct {
	Pos   Pos
	Attrs Attrs
	Name  string
	Items []InterfaceItem
}

// InterfaceItem is *Use, *TypeDef or *Func.
type InterfaceItem interface{ interfaceItem() }

// World is `world name { ... }`.
type World struct {
	Pos   Pos
	Attrs Attrs
	Name  string
	Items []WorldItem
}

// WorldItem is *Extern, *Use, *TypeDef or *Include.
type WorldItem interface{ worldItem() }

// Extern is an import or export of a world. Exactly one of Path, Func and Interface is set.
type Extern struct {
	Pos    Pos
	Attrs  Attrs
	Export bool
	// Name is the plain name, or empty if the name is that of the interface Path.
	Name      string
	Path      *UsePath
	Func      *FuncType
	Interface *Interface
}

// Include is `include path with { a as b };`.
type Include struct {
	Pos   Pos
	Attrs Attrs
	Path  UsePath
	With  []Rename
}

// Rename is `a as b`; As is empty for a bare `a`.
type Rename struct {
	Pos      Pos
	Name, As string
}

// Use is `use path.{a, b as c};`.
type Use struct {
	Pos   Pos
	Attrs Attrs
	Path  UsePath
	Names []Rename
}

// FuncKind is the kind of a function within a resource.
type FuncKind uint8

// Kinds of functions. Outside of resources all are Freestanding.
const (
	Freestanding FuncKind = iota // in a resource: a method
	Static
	Constructor
)

// Func is a named function of an interface or resource.
type Func struct {
	Pos   Pos
	Attrs Attrs
	Kind  FuncKind
	Name  string // empty for a constructor
	Type  FuncType
}

// FuncType is a function's type.
type FuncType struct {
	Async  bool
	Params []Field
	Result *Type // nil if there is none
	// Named, in documents, is the name of a function type, in place of the other fields.
	Named *Name
}

// Field is a named value: a parameter, a field of a record, a case of a variant, enum or flags.
type Field struct {
	Pos  Pos
	Docs []string
	Name string
	Type *Type // nil for a case without payload
}

// TypeKind is the kind of a type definition.
type TypeKind uint8

// Kinds of type definitions.
const (
	Alias TypeKind = iota
	Record
	Variant
	Enum
	Flags
	Resource
)

var typeKindNames = [...]string{"type", "record", "variant", "enum", "flags", "resource"}

// String returns the kind's keyword.
func (k TypeKind) String() string { return typeKindNames[k] }

// TypeDef defines a type. Kind determines which fields are used.
type TypeDef struct {
	Pos   Pos
	Attrs Attrs
	Kind  TypeKind
	Name  string
	Type  *Type // Alias
	// Func, in documents, is set for an Alias of a function type, in place of Type.
	Func   *FuncType
	Fields []Field // Record, Variant, Enum, Flags
	Funcs  []*Func // Resource
	// Opaque reports whether a resource has no body: `resource r;`.
	Opaque bool
}

// Type is a use of a type.
type Type struct {
	Pos Pos
	// Name is a keyword for a built-in type (`u8`, `list`, `error-context`), otherwise the name of a definition.
	Name    string
	Builtin bool
	// Args are the arguments between "<" and ">"; an argument that is `_` is nil.
	Args []*Type
	// Length is that of a fixed-length list, else 0.
	Length uint32
}

func (*TopUse) item()        {}
func (*Interface) item()     {}
func (*World) item()         {}
func (*NestedPackage) item() {}

func (*Use) interfaceItem()     {}
func (*TypeDef) interfaceItem() {}
func (*Func) interfaceItem()    {}

func (*Use) worldItem()     {}
func (*TypeDef) worldItem() {}
func (*Extern) worldItem()  {}
func (*Include) worldItem() {}
