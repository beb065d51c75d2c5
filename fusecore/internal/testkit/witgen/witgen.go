// Package witgen generates random WIT packages for tests of linking: interfaces that use each other's types,
// dependencies that export them, and a root whose world exposes as many of their types as possible.
package witgen

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Package is a WIT package as text, with the worlds to build components for: Root imports from Deps.
type Package struct {
	Text string
	Root string
	Deps []string
	// Resources reports whether there are resource types, which not every world can expose.
	Resources bool
}

// typ is a type in scope: its name and properties.
type typ struct {
	name     string
	resource bool // itself
	handles  bool // values contain handles
}

// iface is an interface.
type iface struct {
	name  string
	types []typ // defined and used
	only  bool  // it only has types
	body  string
	uses  []*iface
	// last is the highest number of a dependency that exports it. An exporter of an interface imports those that it
	// uses, with their functions; only dependencies with these numbers or higher may, so that there is no cycle.
	last int
}

type generator struct {
	*rand.Rand
	resources bool
	ifaces    []*iface
	next      int
}

// Generate returns the package of a seed.
func Generate(seed uint64) *Package {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0x1d)), resources: seed%3 == 2}
	version := []string{"", "@1.0.0", "@0.2.1", "@2.3.4"}[g.IntN(4)]
	var b strings.Builder
	fmt.Fprintf(&b, "package t:g%s;\n", version)
	for range 2 + g.IntN(4) {
		i := g.iface()
		g.ifaces = append(g.ifaces, i)
		fmt.Fprintf(&b, "interface %s {\n%s}\n", i.name, i.body)
	}
	p := &Package{Root: "root", Resources: g.resources}
	deps := make([][]*iface, 1+g.IntN(4))
	for _, i := range g.ifaces {
		low := 0
		for _, u := range i.uses {
			low = max(low, u.last)
		}
		at := low + g.IntN(len(deps)-low)
		deps[at] = append(deps[at], i)
		if i.only && g.IntN(2) == 0 {
			if again := low + g.IntN(len(deps)-low); again != at {
				deps[again] = append(deps[again], i)
				at = max(at, again)
			}
		}
		i.last = at
	}
	supplied := map[*iface]bool{}
	for n, is := range deps {
		if len(is) == 0 || g.IntN(6) == 0 {
			continue
		}
		name := fmt.Sprintf("dep%d", n)
		fmt.Fprintf(&b, "world %s {\n", name)
		for _, i := range is {
			fmt.Fprintf(&b, "  export %s;\n", i.name)
			supplied[i] = true
		}
		b.WriteString("}\n")
		p.Deps = append(p.Deps, name)
	}
	b.WriteString(g.root(supplied))
	p.Text = b.String()
	return p
}

func (g *generator) name(prefix string) string {
	g.next++
	return fmt.Sprintf("%s%d", prefix, g.next)
}

func (g *generator) iface() *iface {
	i := &iface{name: g.name("i"), only: g.IntN(3) == 0}
	var b strings.Builder
	i.types, i.uses = g.uses(&b, "  ", !i.only)
	for range 1 + g.IntN(4) {
		t := g.define(&b, "  ", i.types, g.resources && !i.only)
		i.types = append(i.types, t)
	}
	if !i.only {
		g.funcs(&b, "  ", i.types)
	}
	i.body = b.String()
	return i
}

// uses brings types of existing interfaces into scope, resource types only where allowed, and returns them with their
// interfaces.
func (g *generator) uses(b *strings.Builder, indent string, resources bool) (out []typ, from []*iface) {
	for _, i := range g.ifaces {
		if g.IntN(2) == 0 {
			continue
		}
		var names []string
		for _, t := range i.types {
			if g.IntN(2) == 0 || (t.resource || t.handles) && !resources {
				continue
			}
			as := typ{g.name("u"), t.resource, t.handles}
			if g.IntN(3) == 0 && !slices.ContainsFunc(out, func(u typ) bool { return u.name == t.name }) {
				as.name = t.name
				names = append(names, t.name)
			} else {
				names = append(names, t.name+" as "+as.name)
			}
			out = append(out, as)
		}
		if len(names) > 0 {
			fmt.Fprintf(b, "%suse %s.{%s};\n", indent, i.name, strings.Join(names, ", "))
			from = append(from, i)
		}
	}
	return out, from
}

// define writes a type definition.
func (g *generator) define(b *strings.Builder, indent string, scope []typ, resources bool) typ {
	t := typ{name: g.name("t")}
	part := func() string {
		s, handles := g.value(scope, 2, true)
		t.handles = t.handles || handles
		return s
	}
	switch k := g.IntN(7); {
	case resources && k == 0:
		t.resource = true
		fmt.Fprintf(b, "%sresource %s {\n%s  constructor(x: u32);\n%s  get: func() -> u32;\n%s}\n", indent, t.name, indent, indent, indent)
	case k <= 2:
		fmt.Fprintf(b, "%srecord %s { a: %s, b: %s }\n", indent, t.name, part(), part())
	case k == 3:
		fmt.Fprintf(b, "%svariant %s { a(%s), b, c(%s) }\n", indent, t.name, part(), part())
	case k == 4:
		fmt.Fprintf(b, "%senum %s { a, b }\n", indent, t.name)
	case k == 5:
		fmt.Fprintf(b, "%sflags %s { a, b }\n", indent, t.name)
	default:
		fmt.Fprintf(b, "%stype %s = %s;\n", indent, t.name, part())
	}
	return t
}

// value writes a use of a type.
func (g *generator) value(scope []typ, depth int, handles bool) (s string, holds bool) {
	if len(scope) > 0 && g.IntN(3) > 0 {
		if t := scope[g.IntN(len(scope))]; handles || !t.resource && !t.handles {
			return t.name, t.resource || t.handles
		}
	}
	if depth > 0 && g.IntN(3) == 0 {
		a, x := g.value(scope, depth-1, handles)
		b, y := g.value(scope, depth-1, handles)
		switch g.IntN(4) {
		case 0:
			return "list<" + a + ">", x
		case 1:
			return "option<" + a + ">", x
		case 2:
			return "tuple<" + a + ", " + b + ">", x || y
		}
		return "result<" + a + ", " + b + ">", x || y
	}
	return []string{"u8", "s64", "f32", "string", "char", "bool"}[g.IntN(6)], false
}

func (g *generator) fn(scope []typ) string {
	var params []string
	for n := range g.IntN(3) {
		s, _ := g.value(scope, 2, true)
		if t := g.IntN(max(1, 2*len(scope))); t < len(scope) && scope[t].resource {
			s = "borrow<" + scope[t].name + ">"
		}
		params = append(params, fmt.Sprintf("p%d: %s", n, s))
	}
	out := "func(" + strings.Join(params, ", ") + ")"
	if g.IntN(3) > 0 {
		s, _ := g.value(scope, 2, true)
		out += " -> " + s
	}
	return out
}

func (g *generator) funcs(b *strings.Builder, indent string, scope []typ) {
	for range 1 + g.IntN(2) {
		fmt.Fprintf(b, "%s%s: %s;\n", indent, g.name("f"), g.fn(scope))
	}
}

// root writes the root's world: it imports interfaces, and exposes their types in every way that a world can.
func (g *generator) root(supplied map[*iface]bool) string {
	var b strings.Builder
	b.WriteString("world root {\n")
	for _, i := range g.ifaces {
		if supplied[i] || g.IntN(3) == 0 {
			fmt.Fprintf(&b, "  import %s;\n", i.name)
		}
	}
	var scope []typ
	if g.IntN(2) == 0 {
		scope, _ = g.uses(&b, "  ", g.IntN(2) == 0)
		if g.IntN(2) == 0 {
			scope = append(scope, g.define(&b, "  ", scope, false))
		}
		for range 1 + g.IntN(2) {
			fmt.Fprintf(&b, "  export %s: %s;\n", g.name("f"), g.fn(scope))
		}
		if g.IntN(4) == 0 {
			fmt.Fprintf(&b, "  import %s: %s;\n", g.name("f"), g.fn(scope))
		}
	}
	inline := func(verb string) {
		fmt.Fprintf(&b, "  %s %s: interface {\n", verb, g.name("x"))
		in, _ := g.uses(&b, "    ", true)
		if g.IntN(3) == 0 {
			in = append(in, g.define(&b, "    ", in, g.resources))
		}
		g.funcs(&b, "    ", in)
		b.WriteString("  }\n")
	}
	for range g.IntN(3) {
		inline("export")
	}
	if g.IntN(4) == 0 {
		inline("import")
	}
	for _, i := range g.ifaces {
		if !supplied[i] && g.IntN(2) == 0 || g.IntN(6) == 0 {
			fmt.Fprintf(&b, "  export %s;\n", i.name)
		}
	}
	b.WriteString("}\n")
	return b.String()
}
