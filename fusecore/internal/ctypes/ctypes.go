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

// Any says whether pred holds for t or any type inside it. Shared parts are looked at once.
func (t *Type) Any(pred func(*Type) bool) bool {
	v := visitor{pred: pred}
	return v.any(t)
}

// Any says whether pred holds for any type in the function's parameters or result.
func (f *Func) Any(pred func(*Type) bool) bool {
	v := visitor{pred: pred}
	for _, p := range f.Params {
		if v.any(p.Type) {
			return true
		}
	}
	return v.any(f.Result)
}

// visitor walks types; seen are compound types that it has been through, which repeat when types are shared.
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
