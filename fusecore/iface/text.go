// This file implements the index spaces of types in a WIT package, and the text of its items.

package iface

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// witScope has the index spaces of a component or instance type.
type witScope struct {
	outer     *witScope
	types     []witType
	instances []string // full names
}

// witType is a type in scope: its definition and its name.
type witType struct {
	def      component.TypeDef // nil for a resource
	in       *witScope         // scope of the definition's indices
	name     string            // in the body that is being read
	from, as string            // the interface it belongs to, and its name there
}

func (s *witScope) typeAt(i uint32) (witType, error) {
	if int64(i) >= int64(len(s.types)) {
		return witType{}, diag.New("", "type index %d is out of range", i)
	}
	return s.types[i], nil
}

// alias brings a type of an instance, or of an enclosing scope, into scope.
func (s *witScope) alias(a *component.Alias) error {
	if a.Sort != component.SortType {
		return diag.New("", "WIT cannot express an alias of anything but a type")
	}
	if a.Target == component.AliasExport {
		if int64(a.Instance) >= int64(len(s.instances)) {
			return diag.New(a.Name, "instance index %d is out of range", a.Instance)
		}
		s.types = append(s.types, witType{from: s.instances[a.Instance], as: a.Name})
		return nil
	}
	from := s
	for range a.Outer {
		if from == nil {
			break
		}
		from = from.outer
	}
	if from == nil {
		return diag.New("", "an outer alias leaves %d scopes, but there are fewer", a.Outer)
	}
	t, err := from.typeAt(a.Index)
	if a.Outer > 0 {
		t.name = "" // belongs to another body
	}
	s.types = append(s.types, t)
	return err
}

// named reads a named type: a use, a definition or a resource.
func (s *witScope) named(b *witBody, name string, x component.ExternType) error {
	if x.SubResource {
		b.item("type " + name).resource = true
		s.types = append(s.types, witType{name: name})
		return nil
	}
	t, err := s.typeAt(x.Index)
	if err != nil {
		return err
	}
	key := "type " + name
	switch {
	case t.name != "":
		b.add(key, "type "+witID(name)+" = "+witID(t.name)+";")
	case t.from != "":
		use := witID(t.as)
		if t.as != name {
			use += " as " + witID(name)
		}
		b.add(key, "use "+b.path(t.from)+".{"+use+"};")
	default:
		text, err := t.definition(name)
		if err != nil {
			return diag.In(err, "", "", name)
		}
		b.add(key, text)
	}
	t.name = name
	s.types = append(s.types, t)
	return nil
}

// definition writes the definition of a named type.
func (t witType) definition(name string) (string, error) {
	d, ok := t.def.(*component.ValDef)
	if !ok {
		return "", diag.New(name, "expected a value type")
	}
	var kind string
	var fields []component.Field
	switch d.Kind {
	case component.KindRecord:
		kind, fields = "record", d.Fields
	case component.KindVariant:
		kind, fields = "variant", d.Fields
	case component.KindEnum, component.KindFlags:
		kind = "enum"
		if d.Kind == component.KindFlags {
			kind = "flags"
		}
		for _, l := range d.Labels {
			fields = append(fields, component.Field{Label: l})
		}
	default:
		text, err := t.in.value(d)
		return "type " + witID(name) + " = " + text + ";", err
	}
	var out []string
	for _, f := range fields {
		text := witID(f.Label)
		if f.Type != nil {
			of, err := t.in.use(f.Type)
			if err != nil {
				return "", err
			}
			if kind == "variant" {
				text += "(" + of + ")"
			} else {
				text += ": " + of
			}
		}
		out = append(out, text)
	}
	return kind + " " + witID(name) + " { " + strings.Join(out, ", ") + " }", nil
}

// use writes a use of a type, or "_" for nil.
func (s *witScope) use(v *component.ValType) (string, error) {
	switch {
	case v == nil:
		return "_", nil
	case v.Prim != 0:
		return v.Prim.String(), nil
	}
	t, err := s.typeAt(v.Index)
	if err != nil || t.name != "" {
		return witID(t.name), err
	}
	d, ok := t.def.(*component.ValDef)
	if !ok {
		return "", diag.New("", "type %d has no name here", v.Index)
	}
	return t.in.value(d)
}

// value writes a value type that needs no name.
func (s *witScope) value(d *component.ValDef) (string, error) {
	switch d.Kind {
	case component.KindPrim:
		return d.Prim.String(), nil
	case component.KindOwn, component.KindBorrow:
		t, err := s.typeAt(d.Resource)
		if err == nil && t.name == "" {
			err = diag.New("", "resource type %d has no name here", d.Resource)
		}
		if d.Kind == component.KindOwn {
			return witID(t.name), err
		}
		return "borrow<" + witID(t.name) + ">", err
	}
	name, args := d.Generic()
	switch {
	case name == "":
		return "", diag.New("", "WIT cannot express a record, variant, enum or flags type without a name")
	case args == nil:
		return name, nil
	}
	var out []string
	for _, a := range args {
		text, err := s.use(a)
		if err != nil {
			return "", err
		}
		out = append(out, text)
	}
	if d.Kind == component.KindFixedList {
		out = append(out, fmt.Sprint(d.Len))
	}
	return name + "<" + strings.Join(out, ", ") + ">", nil
}

// witBody is the content of an interface or world between its braces.
type witBody struct {
	pkg   string // package of its file
	whole bool   // it is known completely
	world bool
	order []string
	items map[string]*witItem
}

// witItem is one item. A resource has functions.
type witItem struct {
	text     string
	resource bool
	order    []string
	funcs    map[string]string
}

func (b *witBody) item(key string) *witItem {
	if b.items[key] == nil {
		b.items[key] = &witItem{funcs: map[string]string{}}
		b.order = append(b.order, key)
	}
	return b.items[key]
}

func (b *witBody) add(key, text string) { b.item(key).text = text }

// path returns the name of an interface as used within the package.
func (b *witBody) path(full string) string {
	id, version, versioned := strings.Cut(full, "@")
	i := strings.LastIndexByte(id, '/')
	if i < 0 {
		return witID(full)
	}
	pkg := id[:i]
	if versioned {
		pkg += "@" + version
	}
	if pkg == b.pkg {
		return witID(id[i+1:])
	}
	return full
}

// function reads a function, or a resource's function if its name says so (Explainer.md, "Import and Export
// Definitions").
func (b *witBody) function(s *witScope, name string, def *component.FuncDef, how string) error {
	kind, rest := "", name
	if strings.HasPrefix(name, "[") {
		kind, rest, _ = strings.Cut(name[1:], "]")
	}
	async := def.Async
	if kind == "async" || strings.HasPrefix(kind, "async ") { // names from before function types could be async
		kind, async = strings.TrimPrefix(strings.TrimPrefix(kind, "async"), " "), true
	}
	owner, method, _ := strings.Cut(rest, ".")
	params := def.Params
	if kind == "method" && len(params) > 0 {
		params = params[1:] // self
	}
	var fields []string
	for _, p := range params {
		of, err := s.use(p.Type)
		if err != nil {
			return diag.In(err, "", "", name)
		}
		fields = append(fields, witID(p.Label)+": "+of)
	}
	text := "func("
	if async {
		text = "async func("
	}
	if kind == "constructor" {
		text = "("
	}
	text += strings.Join(fields, ", ") + ")"
	if def.Result != nil {
		of, err := s.use(def.Result)
		if err != nil {
			return diag.In(err, "", "", name)
		}
		if kind != "constructor" || of != witID(owner) {
			text += " -> " + of
		}
	}
	if kind == "" {
		if !b.world {
			how = ""
		}
		b.add("func "+how+rest, how+witID(rest)+": "+text+";")
		return nil
	}
	it := b.items["type "+owner]
	if it == nil || !it.resource {
		return diag.New(name, "expected a resource %s before its functions", owner)
	}
	switch kind {
	case "constructor":
		text = "constructor" + text + ";"
	case "static":
		text = witID(method) + ": static " + text + ";"
	case "method":
		text = witID(method) + ": " + text + ";"
	default:
		return diag.New(name, "unknown kind of function: %s", kind)
	}
	if _, ok := it.funcs[name]; !ok {
		it.order = append(it.order, name)
	}
	it.funcs[name] = text
	return nil
}

// text writes the items, one a line.
func (b *witBody) text(indent string) string {
	var out strings.Builder
	for _, key := range b.order {
		it := b.items[key]
		if !it.resource {
			fmt.Fprintf(&out, "%s%s\n", indent, it.text)
			continue
		}
		fmt.Fprintf(&out, "%sresource %s {\n", indent, witID(strings.TrimPrefix(key, "type ")))
		for _, f := range it.order {
			fmt.Fprintf(&out, "%s  %s\n", indent, it.funcs[f])
		}
		fmt.Fprintf(&out, "%s}\n", indent)
	}
	return out.String()
}

// witKeywords are keywords, which must be escaped as names.
var witKeywords = strings.Fields(`as async bool borrow char constructor enum error-context export f32 f64 flags from func
	future import include interface list map option own package record resource result s16 s32 s64 s8 static stream string
	tuple type u16 u32 u64 u8 use variant with world`)

// witID writes a name in WIT.
func witID(name string) string {
	if slices.Contains(witKeywords, name) {
		return "%" + name
	}
	return name
}
