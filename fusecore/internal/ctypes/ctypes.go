// Package ctypes holds resolved component types: value and function types whose type indices have been followed and
// whose resource types are identities, as they are known once a component is instantiated (CanonicalABI.md works on
// these). A *Type is immutable; two uses of one type definition share one pointer, so a pointer is the identity of a
// named type, and [Equal] is structural equality.
package ctypes

import "strings"

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
)

var kindNames = [...]string{"bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string",
	"error-context", "record", "variant", "list", "list", "tuple", "flags", "enum", "option", "result", "own", "borrow",
	"stream", "future", "map"}

// String gives the keyword of the text format.
func (k Kind) String() string { return kindNames[k] }

// Resource is a resource type's identity: one for each resource type definition of each component instance, and one for
// each resource type imported from the host. Its meaning (definer, destructor) is in the plan's graph.
type Resource struct {
	ID   int    // position in the plan's list of resources
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
// them; a definition that gives one a name is another pointer.
var Prims = func() (p [ErrorContext + 1]*Type) {
	for k := range p {
		p[k] = &Type{Kind: Kind(k)}
	}
	return
}()

// String gives the type in WIT's syntax, named types spelled out structurally.
func (t *Type) String() string {
	if t == nil {
		return "_"
	}
	list := func(ts []*Type) string {
		var s []string
		for _, t := range ts {
			s = append(s, t.String())
		}
		return strings.Join(s, ", ")
	}
	switch t.Kind {
	case Record, Variant:
		var s []string
		for _, f := range t.Fields {
			switch {
			case t.Kind == Record:
				s = append(s, f.Label+": "+f.Type.String())
			case f.Type == nil:
				s = append(s, f.Label)
			default:
				s = append(s, f.Label+"("+f.Type.String()+")")
			}
		}
		return t.Kind.String() + " { " + strings.Join(s, ", ") + " }"
	case Flags, Enum:
		return t.Kind.String() + " { " + strings.Join(t.Labels, ", ") + " }"
	case List, Option:
		return t.Kind.String() + "<" + t.Elem.String() + ">"
	case FixedList:
		return "list<" + t.Elem.String() + ", " + uitoa(t.Len) + ">"
	case Tuple:
		return "tuple<" + list(t.Types) + ">"
	case Result:
		switch {
		case t.Elem == nil && t.Err == nil:
			return "result"
		case t.Err == nil:
			return "result<" + t.Elem.String() + ">"
		}
		return "result<" + t.Elem.String() + ", " + t.Err.String() + ">"
	case Stream, Future:
		if t.Elem == nil {
			return t.Kind.String()
		}
		return t.Kind.String() + "<" + t.Elem.String() + ">"
	case Map:
		return "map<" + t.Key.String() + ", " + t.Elem.String() + ">"
	case Own:
		return t.Resource.Name
	case Borrow:
		return "borrow<" + t.Resource.Name + ">"
	}
	return t.Kind.String()
}

func uitoa(v uint32) string {
	var b [10]byte
	i := len(b)
	for {
		i--
		b[i] = byte('0' + v%10)
		if v /= 10; v == 0 {
			return string(b[i:])
		}
	}
}

// String gives the function type in WIT's syntax.
func (f *Func) String() string {
	var s []string
	for _, p := range f.Params {
		s = append(s, p.Label+": "+p.Type.String())
	}
	out := "func(" + strings.Join(s, ", ") + ")"
	if f.Async {
		out = "async " + out
	}
	if f.Result != nil {
		out += " -> " + f.Result.String()
	}
	return out
}

// Equal is structural equality; resource types are equal when they are the same identity.
func Equal(a, b *Type) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.Len != b.Len || a.Resource != b.Resource ||
		len(a.Fields) != len(b.Fields) || len(a.Labels) != len(b.Labels) || len(a.Types) != len(b.Types) {
		return false
	}
	for i := range a.Fields {
		if a.Fields[i].Label != b.Fields[i].Label || !Equal(a.Fields[i].Type, b.Fields[i].Type) {
			return false
		}
	}
	for i := range a.Labels {
		if a.Labels[i] != b.Labels[i] {
			return false
		}
	}
	for i := range a.Types {
		if !Equal(a.Types[i], b.Types[i]) {
			return false
		}
	}
	return Equal(a.Elem, b.Elem) && Equal(a.Err, b.Err) && Equal(a.Key, b.Key)
}

// EqualFunc is structural equality of function types.
func EqualFunc(a, b *Func) bool {
	if a.Async != b.Async || len(a.Params) != len(b.Params) || !Equal(a.Result, b.Result) {
		return false
	}
	for i := range a.Params {
		if a.Params[i].Label != b.Params[i].Label || !Equal(a.Params[i].Type, b.Params[i].Type) {
			return false
		}
	}
	return true
}

// Any says whether pred holds for t or any type inside it.
func (t *Type) Any(pred func(*Type) bool) bool {
	if t == nil {
		return false
	}
	if pred(t) || t.Elem.Any(pred) || t.Err.Any(pred) || t.Key.Any(pred) {
		return true
	}
	for _, f := range t.Fields {
		if f.Type.Any(pred) {
			return true
		}
	}
	for _, u := range t.Types {
		if u.Any(pred) {
			return true
		}
	}
	return false
}

// Any says whether pred holds for any type in the function's parameters or result.
func (f *Func) Any(pred func(*Type) bool) bool {
	for _, p := range f.Params {
		if p.Type.Any(pred) {
			return true
		}
	}
	return f.Result.Any(pred)
}
