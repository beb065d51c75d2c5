// This file implements types in WIT syntax.

package inspect

import (
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
)

// maxParts limits the parts of one type in a description.
const maxParts = 500

// typeWriter writes types in WIT syntax.
type typeWriter struct {
	ctypes.Writer
	with map[*typ]*typ // see instance
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
	w.typ(s.typeAt(v.Index))
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
	if !w.Part() {
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
		begin := map[component.ValKind]string{component.KindFlags: "flags { ", component.KindEnum: "enum { "}[d.Kind]
		w.List(begin, len(d.Labels), func(i int) { w.WriteString(d.Labels[i]) }, " }")
	case component.KindFixedList:
		w.WriteString("list<")
		w.use(s, d.Elem)
		w.WriteString(", " + strconv.FormatUint(uint64(d.Len), 10) + ">")
	case component.KindOwn:
		w.typ(s.typeAt(d.Resource))
	case component.KindBorrow:
		w.WriteString("borrow<")
		w.typ(s.typeAt(d.Resource))
		w.WriteByte('>')
	default:
		name, args := d.Generic()
		if args == nil {
			w.WriteString(name)
			return
		}
		w.List(name+"<", len(args), func(i int) { w.use(s, args[i]) }, ">")
	}
}

func (w *typeWriter) fields(s *scope, begin string, fs []component.Field, before, after, end string) {
	w.List(begin, len(fs), func(i int) {
		w.WriteString(fs[i].Label)
		if t := fs[i].Type; t != nil {
			w.WriteString(before)
			w.use(s, t)
			w.WriteString(after)
		}
	}, end)
}
