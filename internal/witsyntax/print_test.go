package witsyntax

import (
	"fmt"
	"strconv"
	"strings"
)

// printer writes a tree as WIT.
type printer struct {
	b      strings.Builder
	indent int
}

// print writes a file so that it parses to the same tree, except positions.
func print(f *File) string {
	var p printer
	if f.Package != nil {
		p.docs(f.Package.Docs)
		p.line("package %s;", packageName(f.Package.Name))
	}
	p.items(f.Items)
	return p.b.String()
}

func (p *printer) line(format string, args ...any) {
	p.b.WriteString(strings.Repeat("  ", p.indent))
	fmt.Fprintf(&p.b, format, args...)
	p.b.WriteByte('\n')
}

func (p *printer) block(head string, body func()) {
	p.line("%s {", head)
	p.indent++
	body()
	p.indent--
	p.line("}")
}

func (p *printer) docs(lines []string) {
	for _, l := range lines {
		p.line("%s", strings.TrimRight("/// "+l, " "))
	}
}

func (p *printer) attrs(a Attrs) {
	p.docs(a.Docs)
	for _, g := range a.Gates {
		switch g.Kind {
		case Unstable:
			p.line("@unstable(feature = %s)", id(g.Arg))
		default:
			p.line("@%s(version = %s)", g.Kind, g.Arg)
		}
	}
	if a.ExternalID != nil {
		p.line("@external-id(%s)", quote(*a.ExternalID))
	}
}

// quote writes a string literal of core WebAssembly's text format.
func quote(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, "\\u{%x}", r)
	}
	return `"` + b.String() + `"`
}

func id(s string) string {
	if keywords[s] {
		return "%" + s
	}
	return s
}

func ids(parts []string) []string {
	out := make([]string, len(parts))
	for i, s := range parts {
		out[i] = id(s)
	}
	return out
}

func packageName(n PackageName) string {
	s := strings.Join(ids(n.Namespaces), ":") + ":" + strings.Join(ids(n.Names), "/")
	if n.Version != "" {
		s += "@" + n.Version
	}
	return s
}

func path(u UsePath) string {
	if u.Package == nil {
		return id(u.Name)
	}
	n := *u.Package
	n.Names = append(n.Names[:len(n.Names):len(n.Names)], u.Name)
	return packageName(n)
}

func (p *printer) items(items []Item) {
	for _, it := range items {
		switch it := it.(type) {
		case *TopUse:
			as := ""
			if it.As != "" {
				as = " as " + id(it.As)
			}
			p.line("use %s%s;", path(it.Path), as)
		case *Interface:
			p.attrs(it.Attrs)
			p.block("interface "+id(it.Name), func() { p.interfaceItems(it) })
		case *World:
			p.attrs(it.Attrs)
			p.block("world "+id(it.Name), func() { p.worldItems(it) })
		case *NestedPackage:
			p.docs(it.Decl.Docs)
			p.block("package "+packageName(it.Decl.Name), func() { p.items(it.Items) })
		}
	}
}

func (p *printer) interfaceItems(i *Interface) {
	for _, it := range i.Items {
		switch it := it.(type) {
		case *Use:
			p.use(it)
		case *TypeDef:
			p.typeDef(it)
		case *Func:
			p.fn(it)
		}
	}
}

func (p *printer) worldItems(w *World) {
	for _, it := range w.Items {
		switch it := it.(type) {
		case *Use:
			p.use(it)
		case *TypeDef:
			p.typeDef(it)
		case *Include:
			p.attrs(it.Attrs)
			if it.With == nil {
				p.line("include %s;", path(it.Path))
			} else {
				p.line("include %s with { %s };", path(it.Path), renames(it.With))
			}
		case *Extern:
			p.attrs(it.Attrs)
			head := "import "
			if it.Export {
				head = "export "
			}
			if it.Name != "" {
				head += id(it.Name) + ": "
			}
			switch {
			case it.Interface != nil:
				p.block(head+"interface", func() { p.interfaceItems(it.Interface) })
			case it.Func != nil:
				p.line("%s%s;", head, funcType(*it.Func, true))
			default:
				p.line("%s%s;", head, path(*it.Path))
			}
		}
	}
}

func (p *printer) use(u *Use) {
	p.attrs(u.Attrs)
	p.line("use %s.{%s};", path(u.Path), renames(u.Names))
}

func renames(rs []Rename) string {
	var out []string
	for _, r := range rs {
		s := id(r.Name)
		if r.As != "" {
			s += " as " + id(r.As)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func (p *printer) fn(f *Func) {
	p.attrs(f.Attrs)
	switch f.Kind {
	case Constructor:
		p.line("constructor%s;", funcType(f.Type, false))
	case Static:
		p.line("%s: static %s;", id(f.Name), funcType(f.Type, true))
	default:
		p.line("%s: %s;", id(f.Name), funcType(f.Type, true))
	}
}

func funcType(t FuncType, keyword bool) string {
	var b strings.Builder
	if t.Async {
		b.WriteString("async ")
	}
	if keyword {
		b.WriteString("func")
	}
	b.WriteString("(")
	for i, f := range t.Params {
		if i > 0 {
			b.WriteString(",")
		}
		for _, d := range f.Docs {
			b.WriteString("\n/// " + d + "\n")
		}
		b.WriteString(id(f.Name) + ": " + typ(f.Type))
	}
	b.WriteString(")")
	if t.Result != nil {
		b.WriteString(" -> " + typ(t.Result))
	}
	return b.String()
}

func (p *printer) typeDef(d *TypeDef) {
	p.attrs(d.Attrs)
	head := d.Kind.String() + " " + id(d.Name)
	switch {
	case d.Kind == Alias:
		p.line("%s = %s;", head, typ(d.Type))
	case d.Opaque:
		p.line("%s;", head)
	default:
		p.block(head, func() {
			for _, f := range d.Funcs {
				p.fn(f)
			}
			for _, f := range d.Fields {
				p.docs(f.Docs)
				switch {
				case f.Type == nil:
					p.line("%s,", id(f.Name))
				case d.Kind == Variant:
					p.line("%s(%s),", id(f.Name), typ(f.Type))
				default:
					p.line("%s: %s,", id(f.Name), typ(f.Type))
				}
			}
		})
	}
}

func typ(t *Type) string {
	if t == nil {
		return "_"
	}
	if !t.Builtin {
		return id(t.Name)
	}
	var args []string
	for _, a := range t.Args {
		args = append(args, typ(a))
	}
	if t.Length > 0 {
		args = append(args, strconv.FormatUint(uint64(t.Length), 10))
	}
	if args == nil {
		return t.Name
	}
	return t.Name + "<" + strings.Join(args, ", ") + ">"
}
