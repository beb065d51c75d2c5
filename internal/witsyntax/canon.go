// This file implements the canonical text of a package.

package witsyntax

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Canonical returns the meaning of the files of one package. Two packages have the same canonical text if they differ
// only in comments, white space, documentation, order of definitions and division into files. Names of interfaces
// include their packages. The gates @since and @deprecated count as documentation.
func Canonical(main PackageName, files []*File) string {
	var lines []string
	for _, f := range files {
		c := canon{pkg: main, local: locals(f.Items)}
		lines = append(lines, c.items(f.Items)...)
		for _, it := range f.Items {
			if n, ok := it.(*NestedPackage); ok {
				in := canon{pkg: n.Decl.Name, local: locals(n.Items)}
				for _, line := range in.items(n.Items) {
					lines = append(lines, "package "+n.Decl.Name.String()+" "+line)
				}
			}
		}
	}
	return "package " + main.String() + "\n" + block(lines)
}

// canon writes the items of one file, or of one nested package.
type canon struct {
	pkg   PackageName
	local map[string]UsePath
}

func locals(items []Item) map[string]UsePath {
	out := map[string]UsePath{}
	for _, it := range items {
		if u, ok := it.(*TopUse); ok {
			out[u.Local()] = u.Path
		}
	}
	return out
}

// block sorts lines and joins them. Duplicates stay.
func block(lines []string) string {
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (c *canon) items(items []Item) (out []string) {
	for _, it := range items {
		switch it := it.(type) {
		case *Interface:
			out = append(out, c.attrs(it.Attrs)+"interface "+it.Name+c.iface(it))
		case *World:
			out = append(out, c.attrs(it.Attrs)+"world "+it.Name+c.world(it))
		}
	}
	return out
}

func (c *canon) attrs(a Attrs) string {
	s := ""
	for _, g := range a.Gates {
		if g.Kind == Unstable {
			s += "@unstable(" + g.Arg + ") "
		}
	}
	if a.ExternalID != nil {
		s += fmt.Sprintf("@external-id(%q) ", *a.ExternalID)
	}
	return s
}

func (c *canon) path(p UsePath) string {
	if p.Package == nil {
		if to, ok := c.local[p.Name]; ok {
			p = to
		}
	}
	if p.Package == nil {
		p.Package = &c.pkg
	}
	return p.String()
}

func braces(lines []string) string { return " {\n" + block(lines) + "\n}" }

func (c *canon) iface(i *Interface) string {
	var lines []string
	for _, it := range i.Items {
		switch it := it.(type) {
		case *Use:
			lines = append(lines, c.use(it)...)
		case *TypeDef:
			lines = append(lines, c.typeDef(it))
		case *Func:
			lines = append(lines, c.fn(it))
		}
	}
	return braces(lines)
}

func (c *canon) world(w *World) string {
	var lines []string
	for _, it := range w.Items {
		switch it := it.(type) {
		case *Use:
			lines = append(lines, c.use(it)...)
		case *TypeDef:
			lines = append(lines, c.typeDef(it))
		case *Extern:
			lines = append(lines, c.extern(it))
		case *Include:
			with := slices.Clone(it.With)
			slices.SortFunc(with, func(a, b Rename) int { return cmp.Compare(a.Name, b.Name) })
			s := c.attrs(it.Attrs) + "include " + c.path(it.Path)
			for _, r := range with {
				s += " " + r.Name + "=" + r.As
			}
			lines = append(lines, s)
		}
	}
	return braces(lines)
}

func (c *canon) use(u *Use) (out []string) {
	for _, n := range u.Names {
		out = append(out, c.attrs(u.Attrs)+"use "+c.path(u.Path)+" "+n.Name+" as "+cmp.Or(n.As, n.Name))
	}
	return out
}

func (c *canon) extern(x *Extern) string {
	s := c.attrs(x.Attrs) + "import "
	if x.Export {
		s = c.attrs(x.Attrs) + "export "
	}
	switch {
	case x.Path != nil && x.Name == "":
		return s + c.path(*x.Path)
	case x.Path != nil:
		return s + x.Name + ": " + c.path(*x.Path)
	case x.Interface != nil:
		return s + x.Name + ": interface" + c.iface(x.Interface)
	}
	return s + x.Name + ": " + funcText(*x.Func)
}

func (c *canon) fn(f *Func) string {
	return c.attrs(f.Attrs) + fmt.Sprintf("func(%d) %s", f.Kind, f.Name) + ": " + funcText(f.Type)
}

func funcText(t FuncType) string {
	s := "func("
	if t.Async {
		s = "async func("
	}
	s += fieldsText(t.Params) + ")"
	if t.Result != nil {
		s += " -> " + typeText(t.Result)
	}
	return s
}

func fieldsText(fields []Field) string {
	var out []string
	for _, f := range fields {
		s := f.Name
		if f.Type != nil {
			s += ": " + typeText(f.Type)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func (c *canon) typeDef(d *TypeDef) string {
	s := c.attrs(d.Attrs) + d.Kind.String() + " " + d.Name
	switch d.Kind {
	case Alias:
		return s + " = " + typeText(d.Type)
	case Resource:
		var lines []string
		for _, f := range d.Funcs {
			lines = append(lines, c.fn(f))
		}
		return s + braces(lines)
	}
	return s + " { " + fieldsText(d.Fields) + " }"
}

func typeText(t *Type) string {
	if t == nil {
		return "_"
	}
	// A name that is escaped in the source may be a keyword.
	s := t.Name
	if !t.Builtin {
		s = "%" + s
	}
	var args []string
	for _, a := range t.Args {
		args = append(args, typeText(a))
	}
	if t.Length != 0 {
		args = append(args, fmt.Sprint(t.Length))
	}
	if args != nil {
		s += "<" + strings.Join(args, ", ") + ">"
	}
	return s
}
