package inspect

import (
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
)

// maxParts limits the parts of one type in a description.
const maxParts = 500

// typeWriter writes types in WIT syntax; left is the number of parts it may still write.
type typeWriter struct {
	strings.Builder
	left int
	with map[*typ]*typ // see instance
}

func (w *typeWriter) more(i int) bool {
	if i > 0 {
		w.WriteString(", ")
	}
	if w.left--; w.left < 0 {
		w.WriteString("...")
		return false
	}
	return true
}

// use writes a use of a value type, by name if it has one.
func (w *typeWriter) use(s *scope, v *component.ValType) {
	if v == nil {
		w.WriteByte('_')
		return
	}
	if v.Prim != 0 {
		w.WriteString(v.Prim.String())
		return
	}
	w.typ(pick(s.types, v.Index))
}

func (w *typeWriter) typ(t *typ) {
	if to := w.with[t]; to != nil {
		t = to
	}
	switch {
	case t == nil:
		w.WriteByte('?')
	case t.name != "":
		w.WriteString(t.name)
	default:
		w.def(t)
	}
}

// def writes the definition of a type.
func (w *typeWriter) def(t *typ) {
	if w.left--; w.left < 0 {
		w.WriteString("...")
		return
	}
	switch d := t.def.(type) {
	case *component.FuncDef:
		if d.Async {
			w.WriteString("async ")
		}
		w.WriteString("func")
		w.fields(t.scope, "(", d.Params, ": ", "", ")")
		if d.Result != nil {
			w.WriteString(" -> ")
			w.use(t.scope, d.Result)
		}
	case *component.ValDef:
		w.val(t.scope, d)
	case *component.ResourceDef:
		w.WriteString("resource")
	case *component.InstanceDef:
		w.WriteString("instance")
	case *component.ComponentDef:
		w.WriteString("component")
	}
}

func (w *typeWriter) val(s *scope, d *component.ValDef) {
	switch d.Kind {
	case component.KindPrim:
		w.WriteString(d.Prim.String())
	case component.KindRecord:
		w.fields(s, "record { ", d.Fields, ": ", "", " }")
	case component.KindVariant:
		w.fields(s, "variant { ", d.Fields, "(", ")", " }")
	case component.KindFlags, component.KindEnum:
		w.WriteString(map[component.ValKind]string{component.KindFlags: "flags { ", component.KindEnum: "enum { "}[d.Kind])
		for i, l := range d.Labels {
			if !w.more(i) {
				break
			}
			w.WriteString(l)
		}
		w.WriteString(" }")
	case component.KindList:
		w.generic(s, "list", d.Elem)
	case component.KindFixedList:
		w.WriteString("list<")
		w.use(s, d.Elem)
		w.WriteString(", " + strconv.FormatUint(uint64(d.Len), 10) + ">")
	case component.KindOption:
		w.generic(s, "option", d.Elem)
	case component.KindTuple:
		var args []*component.ValType
		for i := range d.Types {
			args = append(args, &d.Types[i])
		}
		w.generic(s, "tuple", args...)
	case component.KindResult:
		switch {
		case d.Elem == nil && d.Err == nil:
			w.WriteString("result")
		case d.Err == nil:
			w.generic(s, "result", d.Elem)
		default:
			w.generic(s, "result", d.Elem, d.Err)
		}
	case component.KindStream, component.KindFuture:
		name := map[component.ValKind]string{component.KindStream: "stream", component.KindFuture: "future"}[d.Kind]
		if d.Elem == nil {
			w.WriteString(name)
			return
		}
		w.generic(s, name, d.Elem)
	case component.KindMap:
		w.generic(s, "map", d.Key, d.Elem)
	case component.KindOwn:
		w.typ(pick(s.types, d.Resource))
	case component.KindBorrow:
		w.WriteString("borrow<")
		w.typ(pick(s.types, d.Resource))
		w.WriteByte('>')
	}
}

func (w *typeWriter) fields(s *scope, begin string, fs []component.Field, before, after, end string) {
	w.WriteString(begin)
	for i, f := range fs {
		if !w.more(i) {
			break
		}
		w.WriteString(f.Label)
		if f.Type != nil {
			w.WriteString(before)
			w.use(s, f.Type)
			w.WriteString(after)
		}
	}
	w.WriteString(end)
}

func (w *typeWriter) generic(s *scope, name string, args ...*component.ValType) {
	w.WriteString(name)
	w.WriteByte('<')
	for i, a := range args {
		if !w.more(i) {
			break
		}
		w.use(s, a)
	}
	w.WriteByte('>')
}
