// Package ctypes represents resolved component types: value and function types whose type indices have been followed,
// and whose resource types are identities, as in an instantiated component (CanonicalABI.md is defined on these). A
// *Type is immutable. All uses of one type definition share a pointer, so the pointer is the identity of a named type,
// and [Equal] is structural equality.
package ctypes

// Kind is a value type's constructor.
type Kind uint8

// Value type constructors.
const (
	Bool Kind = iota
	S8
	U8
	S16
	U16
	S32
	U32
	S64
	U64
	F32
	F64
	Char
	String
	ErrorContext
	Record
	Variant
	List
	FixedList
	Tuple
	Flags
	Enum
	Option
	Result
	Own
	Borrow
	Stream
	Future
	Map
	// ResourceType is not a value type: it is a resource type as named by an import or export, see [Type.Ident].
	ResourceType
)

var kindNames = [...]string{"bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string",
	"error-context", "record", "variant", "list", "list", "tuple", "flags", "enum", "option", "result", "own", "borrow",
	"stream", "future", "map", "resource"}

// String returns the keyword of the text format.
func (k Kind) String() string { return kindNames[k] }

// Resource is the identity of a resource type: one for each resource type definition in each component instance, and
// one for each resource type imported from the host. Package graph records the implementing instance and the
// destructor.
type Resource struct {
	ID   int    // index in the list of resources of package graph
	Name string // for messages only
}

// Type is a value type. Which fields are used depends on Kind:
//
//	Record              Fields
//	Variant             Fields; Type is nil for a case without payload
//	Flags, Enum         Labels
//	List, Option        Elem
//	FixedList           Elem, Len
//	Tuple               Types
//	Result              Elem (ok) and Err, each may be nil
//	Stream, Future      Elem, may be nil
//	Map                 Key, Elem
//	Own, Borrow         Resource
//	ResourceType        Resource
//
// Of and Ident say how the imports and exports of a world share types; they are nil where that does not matter.
type Type struct {
	Kind     Kind
	Fields   []Field
	Labels   []string
	Elem     *Type
	Err      *Type
	Key      *Type
	Types    []*Type
	Len      uint32
	Resource *Resource

	// Of is the type that this type is another name for, given by an import or export: WIT's `use`, or an alias.
	Of *Type
	// Ident is the name under which Own and Borrow use their resource type.
	Ident *Type
}

// Field is a record field, a variant case or a function parameter.
type Field struct {
	Label string
	Type  *Type
}

// Func is a function type.
type Func struct {
	Async  bool
	Params []Field
	Result *Type // or nil
}

// Prims are the primitive types, indexed by Kind from Bool to ErrorContext. All direct uses of a primitive type share
// them. A definition that names one has a pointer of its own.
var Prims = func() (p [ErrorContext + 1]*Type) {
	for k := range p {
		p[k] = &Type{Kind: Kind(k)}
	}
	return
}()

// Shared reports whether t is the type of all direct uses of a primitive type, rather than a definition.
func (t *Type) Shared() bool { return t.Kind <= ErrorContext && Prims[t.Kind] == t }

// NeedsName reports whether values of the type can only be used in imports and exports under a name (Explainer.md,
// "Import and Export Definitions").
func (t *Type) NeedsName() bool {
	switch t.Kind {
	case Record, Variant, Enum, Flags:
		return true
	}
	return false
}
