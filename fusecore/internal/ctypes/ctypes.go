// Package ctypes represents resolved component types: value and function types whose type indices have been followed,
// and whose resource types are identities, as in an instantiated component (CanonicalABI.md is defined on these). A
// *Type is immutable. All uses of one type definition share a pointer, so the pointer is the identity of a named type,
// and [Equal] is structural equality.
package ctypes

import (
	"strconv"
	"strings"
)

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

// maxNodes limits the parts of a type in a description. Because parts are shared, a type can be far larger written out
// than in memory.
const maxNodes = 50

// String returns the type in WIT syntax, with named types spelled out structurally, shortened if it is large.
func (t *Type) String() string {
	w := writer{left: maxNodes}
	w.typ(t)
	return w.String()
}

// String returns the function type in WIT syntax, shortened if it is large.
func (f *Func) String() string {
	w := writer{left: maxNodes}
	if f.Async {
		w.WriteString("async ")
	}
	w.WriteString("func")
	w.fields("(", f.Params, ": ", "", ")")
	if f.Result != nil {
		w.WriteString(" -> ")
		w.typ(f.Result)
	}
	return w.String()
}

// writer writes types; left is the number of parts it may still write.
type writer struct {
	strings.Builder
	left int
}

func (w *writer) typ(t *Type) {
	if w.left--; w.left < 0 {
		w.WriteString("...")
		return
	}
	if t == nil {
		w.WriteByte('_')
		return
	}
	switch t.Kind {
	case Record:
		w.fields("record { ", t.Fields, ": ", "", " }")
	case Variant:
		w.fields("variant { ", t.Fields, "(", ")", " }")
	case Flags, Enum:
		w.WriteString(t.Kind.String() + " { ")
		for i, l := range t.Labels {
			if !w.more(i) {
				break
			}
			w.WriteString(l)
		}
		w.WriteString(" }")
	case List, Option:
		w.generic(t.Kind.String(), t.Elem)
	case FixedList:
		w.WriteString("list<")
		w.typ(t.Elem)
		w.WriteString(", " + strconv.FormatUint(uint64(t.Len), 10) + ">")
	case Tuple:
		w.generic("tuple", t.Types...)
	case Result:
		switch {
		case t.Elem == nil && t.Err == nil:
			w.WriteString("result")
		case t.Err == nil:
			w.generic("result", t.Elem)
		default:
			w.generic("result", t.Elem, t.Err)
		}
	case Stream, Future:
		if t.Elem == nil {
			w.WriteString(t.Kind.String())
			return
		}
		w.generic(t.Kind.String(), t.Elem)
	case Map:
		w.generic("map", t.Key, t.Elem)
	case Own:
		w.WriteString(t.Resource.Name)
	case Borrow:
		w.WriteString("borrow<" + t.Resource.Name + ">")
	default:
		w.WriteString(t.Kind.String())
	}
}

// more writes the separator before the i-th part, and reports whether there is room for the part.
func (w *writer) more(i int) bool {
	if i > 0 {
		w.WriteString(", ")
	}
	if w.left--; w.left < 0 {
		w.WriteString("...")
		return false
	}
	return true
}

func (w *writer) fields(begin string, fs []Field, before, after, end string) {
	w.WriteString(begin)
	for i, f := range fs {
		if !w.more(i) {
			break
		}
		w.WriteString(f.Label)
		if f.Type != nil {
			w.WriteString(before)
			w.typ(f.Type)
			w.WriteString(after)
		}
	}
	w.WriteString(end)
}

func (w *writer) generic(name string, args ...*Type) {
	w.WriteString(name)
	w.WriteByte('<')
	for i, t := range args {
		if !w.more(i) {
			break
		}
		w.typ(t)
	}
	w.WriteByte('>')
}

// Any reports whether pred holds for t or any type within it. Shared parts are visited once.
func (t *Type) Any(pred func(*Type) bool) bool {
	v := visitor{pred: pred}
	return v.any(t)
}

// Any reports whether pred holds for any type in the function's parameters or result.
func (f *Func) Any(pred func(*Type) bool) bool {
	v := visitor{pred: pred}
	for _, p := range f.Params {
		if v.any(p.Type) {
			return true
		}
	}
	return v.any(f.Result)
}

// visitor walks types. seen has the compound types already visited, since shared types recur.
type visitor struct {
	pred func(*Type) bool
	seen map[*Type]bool
}

func (v *visitor) any(t *Type) bool {
	if t == nil || v.seen[t] {
		return false
	}
	if v.pred(t) {
		return true
	}
	if t.Kind <= ErrorContext {
		return false
	}
	if v.seen == nil {
		v.seen = map[*Type]bool{}
	}
	v.seen[t] = true
	if v.any(t.Elem) || v.any(t.Err) || v.any(t.Key) {
		return true
	}
	for _, f := range t.Fields {
		if v.any(f.Type) {
			return true
		}
	}
	for _, u := range t.Types {
		if v.any(u) {
			return true
		}
	}
	return false
}
