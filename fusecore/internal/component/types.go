// This file implements core type, type and external type definitions (Binary.md, "Type Definitions").

package component

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"

// CoreType defines a core type (section 3): a recursion group, which adds one index for each of its types to the core
// type index space, or a module type, which adds one.
type CoreType struct {
	At
	Rec    *corewasm.RecGroup // or nil
	Module *ModuleType        // or nil
}

// ModuleType is the type of a core module. It has a core type index space of its own, initially empty.
type ModuleType struct{ Decls []ModuleDecl }

// ModuleDecl is one declarator. Exactly one field is set.
type ModuleDecl struct {
	Import *corewasm.Import
	Type   *CoreType
	Alias  *Alias      // outer alias of a core type
	Export *CoreExtern // export
}

// CoreExtern is an export declarator of a module type; Import.Module is empty and Import.Name is the export's name.
type CoreExtern struct{ corewasm.Import }

// Type defines a type (section 7). It adds an index to the type index space.
type Type struct {
	At
	Def TypeDef
}

// TypeDef is the content of a type definition: *ValDef, *FuncDef, *ComponentDef, *InstanceDef or *ResourceDef.
type TypeDef interface{ typeDef() }

// Prim is a primitive value type, by its code in the binary format.
type Prim byte

// Primitive value types.
const (
	PrimBool         Prim = 0x7f
	PrimS8           Prim = 0x7e
	PrimU8           Prim = 0x7d
	PrimS16          Prim = 0x7c
	PrimU16          Prim = 0x7b
	PrimS32          Prim = 0x7a
	PrimU32          Prim = 0x79
	PrimS64          Prim = 0x78
	PrimU64          Prim = 0x77
	PrimF32          Prim = 0x76
	PrimF64          Prim = 0x75
	PrimChar         Prim = 0x74
	PrimString       Prim = 0x73
	PrimErrorContext Prim = 0x64
)

// ValType is a use of a value type: a primitive one if Prim is not 0, else the type with an index.
type ValType struct {
	Prim  Prim
	Index uint32
}

// ValKind is the constructor of a defined value type, by its code in the binary format, or KindPrim.
type ValKind byte

// Constructors of defined value types.
const (
	KindPrim      ValKind = 0
	KindRecord    ValKind = 0x72
	KindVariant   ValKind = 0x71
	KindList      ValKind = 0x70
	KindFixedList ValKind = 0x67
	KindTuple     ValKind = 0x6f
	KindFlags     ValKind = 0x6e
	KindEnum      ValKind = 0x6d
	KindOption    ValKind = 0x6b
	KindResult    ValKind = 0x6a
	KindOwn       ValKind = 0x69
	KindBorrow    ValKind = 0x68
	KindStream    ValKind = 0x66
	KindFuture    ValKind = 0x65
	KindMap       ValKind = 0x63
)

// ValDef is a defined value type. Which fields are used depends on Kind:
//
//	KindPrim                Prim
//	KindRecord              Fields (all with types)
//	KindVariant             Fields (Type nil for a case without payload)
//	KindFlags, KindEnum     Labels
//	KindList, KindOption    Elem
//	KindFixedList           Elem, Len
//	KindTuple               Types
//	KindResult              Elem (ok) and Err, each may be nil
//	KindStream, KindFuture  Elem, may be nil
//	KindMap                 Key, Elem
//	KindOwn, KindBorrow     Resource (type index)
type ValDef struct {
	Kind     ValKind
	Prim     Prim
	Fields   []Field
	Labels   []string
	Elem     *ValType
	Err      *ValType
	Key      *ValType
	Types    []ValType
	Len      uint32
	Resource uint32
}

// generics are the names in WIT of types that have type arguments.
var generics = map[ValKind]string{
	KindList: "list", KindFixedList: "list", KindTuple: "tuple", KindOption: "option", KindResult: "result",
	KindStream: "stream", KindFuture: "future", KindMap: "map",
}

// Generic returns the name and the type arguments of a type that WIT writes like result<_, u8>, where nil is written _.
// A list's length is not among them. args is nil if there are no brackets; name is empty for a type of another form.
func (d *ValDef) Generic() (name string, args []*ValType) {
	switch {
	case d.Kind == KindMap:
		args = []*ValType{d.Key, d.Elem}
	case d.Kind == KindTuple:
		args = make([]*ValType, len(d.Types))
		for i := range args {
			args[i] = &d.Types[i]
		}
	case d.Err != nil:
		args = []*ValType{d.Elem, d.Err}
	case d.Elem != nil:
		args = []*ValType{d.Elem}
	}
	return generics[d.Kind], args
}

// Field is a record field, a variant case or a function parameter.
type Field struct {
	Label string
	Type  *ValType
}

// FuncDef is a function type.
type FuncDef struct {
	Async  bool
	Params []Field
	Result *ValType // or nil
}

// ResourceDef is a resource type definition.
type ResourceDef struct {
	Rep  corewasm.ValType
	Dtor *uint32 // core function index, or nil
}

// ComponentDef is a component type. Like an instance type, it has index spaces of its own, initially empty.
type ComponentDef struct{ Decls []Decl }

// InstanceDef is an instance type. Its declarators contain no imports.
type InstanceDef struct{ Decls []Decl }

// Decl is one declarator of a component or instance type: *CoreType, *Type, *Alias, *Import (component types only), or
// an *Export with only Name and Type set (an export declarator).
type Decl = Def

func (*ValDef) typeDef()       {}
func (*FuncDef) typeDef()      {}
func (*ComponentDef) typeDef() {}
func (*InstanceDef) typeDef()  {}
func (*ResourceDef) typeDef()  {}

// ExternKind is the sort of an external type, by its code in the binary format.
type ExternKind byte

// Kinds of external types.
const (
	ExternModule    ExternKind = 0x00
	ExternFunc      ExternKind = 0x01
	ExternValue     ExternKind = 0x02
	ExternTypeBound ExternKind = 0x03
	ExternComponent ExternKind = 0x04
	ExternInstance  ExternKind = 0x05
)

// Sort returns the sort of such items, which has the same code. The core items are modules.
func (k ExternKind) Sort() Sort { return Sort(k) }

// ExternType is the type of an import or export (externtype).
type ExternType struct {
	Kind ExternKind
	// Index is the (core) type index for modules, functions, components and instances, the type index of (type (eq i)),
	// and the value index of (value (eq i)).
	Index uint32
	// SubResource reports whether a type bound is (sub resource) rather than (eq Index).
	SubResource bool
	// Value is the type of (value t), or nil for (value (eq i)).
	Value *ValType
}
