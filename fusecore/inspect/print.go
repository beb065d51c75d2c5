// This file implements the text form of descriptions.

package inspect

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const step = "  "

// Print writes a description as text for people. It only returns errors of the writer.
func (d *Description) Print(w io.Writer) error {
	p := &printer{Writer: bufio.NewWriter(w)}
	fmt.Fprintf(p, "%s, %d bytes\n", [...]string{"component", "WIT package", "core module"}[d.Format], d.Size)
	if d.Module != nil {
		p.line(step, d.Module.line())
	}
	if d.Module != nil && d.Component != nil {
		p.line(step, "with the world of a component, which `wasm-tools component new` makes of it:")
	}
	if d.Component != nil {
		p.component(d.Component, step)
	}
	if d.Fused != nil {
		p.fused(d.Fused)
	}
	if d.Truncated {
		p.line(step, "... and more: the component is too large to be described in full")
	}
	if i := d.Instances; i != nil {
		fmt.Fprintf(p, "instances: %d of components, %d of core modules; resource types: %d defined, %d imported\n",
			i.Components, i.Cores, i.Defined, i.Imported)
	}
	return p.Flush()
}

// fused writes what a file was fused of.
func (p *printer) fused(f *Fused) {
	p.line(step, "fused of")
	for _, part := range f.Parts {
		p.line(step+step, printable(part))
	}
	last := Link{}
	for _, l := range f.Links {
		if l.Caller != last.Caller || l.Callee != last.Callee {
			p.line(step, printable(l.Caller)+" calls "+printable(l.Callee))
		}
		p.line(step+step, printable(l.Func))
		last = l
	}
}

// printer keeps the first write error for Flush.
type printer struct{ *bufio.Writer }

func (p *printer) line(indent, line string) {
	p.WriteString(indent)
	p.WriteString(line)
	p.WriteByte('\n')
}

func (p *printer) component(c *Component, indent string) {
	p.items("import ", c.Imports, indent)
	p.items("export ", c.Exports, indent)
	if len(c.Async) > 0 {
		p.line(indent, c.asyncLine())
	}
	for i := range c.Parts {
		part := &c.Parts[i]
		p.line(indent, part.line())
		if part.Module != nil {
			p.line(indent+step, part.Module.line())
		} else {
			p.component(part.Component, indent+step)
		}
	}
}

func (p *printer) items(word string, items []Item, indent string) {
	for i := range items {
		it := &items[i]
		p.line(indent, it.line(word))
		p.items("", it.Items, indent+step)
		if it.Component != nil {
			p.component(it.Component, indent+step)
		}
		if it.Module != nil {
			p.line(indent+step, it.Module.line())
		}
		for i := range it.ModuleType {
			p.line(indent+step, it.ModuleType[i].line())
		}
	}
}

// line returns an item's first line after the word "import " or "export ".
func (it *Item) line(word string) string {
	name := printable(it.Name)
	switch it.Kind {
	case Func:
		return word + name + ": " + it.Type
	case Type:
		if it.Type == "" {
			return word + "type " + name
		}
		return word + "type " + name + " = " + it.Type
	case Use:
		return word + "use " + it.Type
	case Resource:
		return word + "resource " + name
	case Value:
		return word + name + ": value " + it.Type
	}
	return word + name + ": " + map[Kind]string{Instance: "instance", InstanceType: "instance type",
		ComponentItem: "component", ComponentType: "component type", ModuleItem: "core module"}[it.Kind]
}

func (c *Component) asyncLine() string { return "uses " + strings.Join(c.Async, ", ") }

func (p *Part) line() string {
	what, name := "component", ""
	if p.Module != nil {
		what = "core module"
	}
	if p.Name != "" {
		name = " " + strconv.Quote(p.Name)
	}
	return fmt.Sprintf("%s %d%s, %d bytes", what, p.Index, name, p.Size)
}

func (x *CoreItem) line() string {
	if x.Import {
		return fmt.Sprintf("import %s %s: %s", printable(x.Module), printable(x.Name), x.Type)
	}
	return fmt.Sprintf("export %s: %s", printable(x.Name), x.Type)
}

func (m *Module) line() string {
	return fmt.Sprintf("%s (%s of code), %s, %s, %s, %s of data, %s, %s",
		count(m.Funcs, "function"), count(m.CodeBytes, "byte"), count(m.Memories, "memory"), count(m.Tables, "table"),
		count(m.Globals, "global"), count(m.DataBytes, "byte"), count(m.Imports, "import"), count(m.Exports, "export"))
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
