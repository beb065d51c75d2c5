// This file implements types as text.

package ctypes

import (
	"strconv"
	"strings"
)

// maxNodes limits the parts of a type in a description. Because parts are shared, a type can be far larger written out
// than in memory.
const maxNodes = 50

// String returns the type in WIT syntax, with named types spelled out structurally, shortened if it is large.
func (t *Type) String() string {
	w := writer{Writer{Left: maxNodes}, resourceName}
	w.typ(t)
	return w.String()
}

// resourceName returns the name of a resource type in messages.
func resourceName(r *Resource) string { return r.Name }

// String returns the function type in WIT syntax, shortened if it is large.
func (f *Func) String() string { return f.Text(resourceName) }

// Text is like String, with other names of resource types.
func (f *Func) Text(name func(*Resource) string) string {
	w := writer{Writer{Left: maxNodes}, name}
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

// Writer writes text with a limited number of parts, after which it writes an ellipsis.
type Writer struct {
	strings.Builder
	Left int // parts that may still be written
}

// Part reports whether another part may be written.
func (w *Writer) Part() bool {
	if w.Left--; w.Left < 0 {
		w.WriteString("...")
		return false
	}
	return true
}

// List writes n parts with commas between them.
func (w *Writer) List(begin string, n int, part func(i int), end string) {
	w.WriteString(begin)
	for i := range n {
		if i > 0 {
			w.WriteString(", ")
		}
		if !w.Part() {
			break
		}
		part(i)
	}
	w.WriteString(end)
}

// writer writes types.
type writer struct {
	Writer
	resource func(*Resource) string // the name of a resource type
}

func (w *writer) typ(t *Type) {
	if !w.Part() {
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
		w.List(t.Kind.String()+" { ", len(t.Labels), func(i int) { w.WriteString(t.Labels[i]) }, " }")
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
		w.WriteString(w.resource(t.Resource))
	case Borrow:
		w.WriteString("borrow<" + w.resource(t.Resource) + ">")
	default:
		w.WriteString(t.Kind.String())
	}
}

func (w *writer) fields(begin string, fs []Field, before, after, end string) {
	w.List(begin, len(fs), func(i int) {
		w.WriteString(fs[i].Label)
		if t := fs[i].Type; t != nil {
			w.WriteString(before)
			w.typ(t)
			w.WriteString(after)
		}
	}, end)
}

func (w *writer) generic(name string, args ...*Type) {
	w.List(name+"<", len(args), func(i int) { w.typ(args[i]) }, ">")
}
