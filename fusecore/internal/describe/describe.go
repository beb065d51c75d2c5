// Package describe writes descriptions of components for people: their imports and exports, with types in WIT syntax,
// and the core modules and components they contain. It works on definitions, so it can also describe components that
// cannot be fused. It expects a valid component; the description of an invalid one is unspecified.
package describe

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

// maxBytes limits the size of a description.
const maxBytes = 32 << 20

// printer writes lines; left is the number of bytes it may still write.
type printer struct {
	w    io.Writer
	left *int
	err  error
}

func newPrinter(w io.Writer) *printer {
	left := maxBytes
	return &printer{w: w, left: &left}
}

// full reports whether the limit is reached.
func (p *printer) full() bool { return *p.left < 0 || p.err != nil }

func (p *printer) line(indent, format string, args ...any) {
	if p.full() {
		return
	}
	n, err := fmt.Fprintf(p.w, indent+format+"\n", args...)
	*p.left -= n
	p.err = err
}

const step = "  "

// Component describes a component, with each line indented by indent.
func Component(w io.Writer, c *component.Component, indent string) error {
	p := newPrinter(w)
	s := newScope(nil)
	p.component(s, c, indent)
	if s.budget.items < 0 || *p.left < 0 {
		*p.left = maxBytes
		p.line(indent, "... and more: the component is too large to be described in full")
	}
	return p.err
}

// component evaluates c in scope s, and describes it.
func (p *printer) component(s *scope, c *component.Component, indent string) {
	var body bytes.Buffer
	inner := &printer{w: &body, left: p.left}
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *component.CoreModule:
			inner.line(indent, "core module %d%s, %d bytes", len(s.modules), quoted(d.Module.Name), len(d.Bytes))
			inner.module(d.Module, indent+step)
		case *component.NestedComponent:
			inner.line(indent, "component %d%s, %d bytes", len(s.comps), quoted(d.Component.Name), len(d.Component.Bytes))
			in := newScope(s)
			inner.component(in, d.Component, indent+step)
			s.comps = append(s.comps, &in.closed)
			continue
		}
		s.define(d)
	}
	p.entries("import ", s.imports, nil, indent)
	p.entries("export ", s.exports, nil, indent)
	if p.err == nil {
		_, p.err = p.w.Write(body.Bytes())
	}
}

func quoted(name string) string {
	if name == "" {
		return ""
	}
	return " " + strconv.Quote(name)
}

func (p *printer) entries(word string, entries []entry, with map[*typ]*typ, indent string) {
	for i := 0; i < len(entries) && !p.full(); i++ {
		p.entry(word, &entries[i], with, indent)
	}
}

func (p *printer) entry(word string, e *entry, with map[*typ]*typ, indent string) {
	it := &e.item
	w := typeWriter{left: maxParts, with: with}
	name := printable(e.name)
	switch it.kind {
	case component.ExternFunc:
		w.typ(it.typ)
		p.line(indent, "%s%s: %s", word, name, w.String())
	case component.ExternTypeBound:
		p.typ(word, name, it.typ, with, indent)
	case component.ExternInstance:
		p.line(indent, "%s%s: instance", word, name)
		if it.inst != nil {
			p.entries("", it.inst.exports, it.inst.with, indent+step)
		}
	case component.ExternComponent:
		p.line(indent, "%s%s: component", word, name)
		if it.comp != nil {
			p.closed(it.comp, indent+step)
		}
	case component.ExternModule:
		p.line(indent, "%s%s: core module", word, name)
		if it.mod != nil {
			p.moduleType(it.mod, indent+step)
		}
	case component.ExternValue:
		if it.val != nil {
			w.use(it.at, it.val)
		} else {
			w.WriteString("?")
		}
		p.line(indent, "%s%s: value %s", word, name, w.String())
	}
}

func (p *printer) closed(c *closed, indent string) {
	p.entries("import ", c.imports, nil, indent)
	p.entries("export ", c.exports, nil, indent)
}

// typ describes an imported or exported type.
func (p *printer) typ(word, name string, t *typ, with map[*typ]*typ, indent string) {
	if t == nil {
		p.line(indent, "%stype %s", word, name)
		return
	}
	if t.used != "" {
		p.line(indent, "%suse %s", word, t.used)
		return
	}
	switch t.def.(type) {
	case *component.ResourceDef:
		p.line(indent, "%sresource %s", word, name)
	case *component.InstanceDef:
		p.line(indent, "%s%s: instance type", word, name)
		if !p.full() {
			p.entries("", t.instance(name).exports, nil, indent+step)
		}
	case *component.ComponentDef:
		p.line(indent, "%s%s: component type", word, name)
		if !p.full() {
			p.closed(t.component(), indent+step)
		}
	default:
		w := typeWriter{left: maxParts, with: with}
		w.def(t)
		p.line(indent, "%stype %s = %s", word, name, w.String())
	}
}

func (p *printer) moduleType(m *module, indent string) {
	if m.def != nil {
		p.module(m.def.Module, indent)
		return
	}
	for _, d := range m.typ.Decls {
		switch {
		case d.Import != nil:
			p.line(indent, "import %s %s: %s", printable(d.Import.Module), printable(d.Import.Name), d.Import.Kind)
		case d.Export != nil:
			p.line(indent, "export %s: %s", printable(d.Export.Name), d.Export.Kind)
		}
	}
}

// Module describes a core module, with each line indented by indent.
func Module(w io.Writer, m *corewasm.Module, indent string) error {
	p := newPrinter(w)
	p.module(m, indent)
	return p.err
}

func (p *printer) module(m *corewasm.Module, indent string) {
	code, data := 0, 0
	for i := range m.Code {
		code += len(m.Code[i].Code)
	}
	for i := range m.Data {
		data += len(m.Data[i].Bytes)
	}
	p.line(indent, "%s (%s of code), %s, %s, %s, %s of data, %s, %s",
		count(len(m.Funcs), "function"), count(code, "byte"), count(len(m.Mems), "memory"), count(len(m.Tables), "table"), count(m.NumGlobals(), "global"),
		count(data, "byte"), count(len(m.Imports), "import"), count(len(m.Exports), "export"))
}

func count(n int, what string) string {
	switch {
	case n == 1:
	case what == "memory":
		what = "memories"
	default:
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// printable returns a name, quoted unless it is plain.
func printable(name string) string {
	for i := 0; i < len(name); i++ {
		if name[i] <= ' ' || name[i] > '~' {
			return strconv.Quote(name)
		}
	}
	if name == "" {
		return `""`
	}
	return name
}
