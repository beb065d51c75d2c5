package link

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// group is an import of the result: what imports of several inputs on one compatibility track need together.
type group struct {
	name    string // of the highest version
	version string
	node    *node
	members []member
	state   visitState
}

// member is an import of an input: a position in its World.Imports.
type member struct {
	in  *input
	pos int
}

// node is the union of the items that members have at one path.
type node struct {
	name string
	attr []component.Attribute
	sort component.Sort
	// in and item are where the node was first needed.
	in       *input
	item     *world.Item
	children []*node
}

func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// site is an import while it is checked, for messages.
type site struct {
	in   *input
	name string   // of the import
	path []string // inside
}

func (s site) down(name string) site {
	s.path = append(slices.Clone(s.path), name)
	return s
}

// where names the item: empty for the import itself.
func (s site) where(what string) string {
	if len(s.path) == 0 {
		return ""
	}
	return what + " " + strconv.Quote(strings.Join(s.path, "/")) + ": "
}

func (s site) err(format string, args ...any) *diag.Error {
	return (&diag.Error{File: s.in.label(), Item: "import " + strconv.Quote(s.name), Offset: diag.NoOffset, Msg: fmt.Sprintf(format, args...)}).
		WithHint("build the components against the same version of the interface")
}

// comparison is one item that two inputs must agree on.
type comparison struct {
	site   site
	it     *world.Item
	other  *input
	theirs *world.Item
	verb   string // what the other does: "exports" or "imports"
}

// unify joins the types that linked imports and exports share and checks that both sides agree. Resource types are
// joined first, everywhere, because whether other types are equal depends on them.
func (l *linker) unify() error {
	l.surface()
	var pairs []comparison
	origins := map[*ctypes.Resource]*origin{}
	for _, i := range l.order {
		in := l.in[i]
		for pos := range in.World.Imports {
			it := &in.World.Imports[pos]
			w := &in.wires[pos]
			s := site{in: in, name: it.Name}
			var err error
			switch {
			case w.provider >= 0:
				pairs, err = l.pair(pairs, comparison{s, it, l.in[w.provider], w.export, "exports"}, origins)
				if err == nil && len(in.needed[pos]) > 0 {
					w.group = l.group(in, pos)
					pairs, err = l.gather(pairs, s, w.group.node, in.kept(pos), origins)
				}
			case !l.outside(in, pos):
			default:
				w.group = l.group(in, pos)
				pairs, err = l.gather(pairs, s, w.group.node, it, origins)
			}
			if err != nil {
				return err
			}
		}
	}
	for i := range pairs {
		if err := l.agree(&pairs[i]); err != nil {
			return err
		}
	}
	return l.checkOutside(origins)
}

// firsts records which import of an input names a type first: that one defines it, later ones refer to it.
func (l *linker) firsts(in *input) {
	in.firstType, in.firstResource = map[*ctypes.Type]int{}, map[*ctypes.Resource]int{}
	var note func(pos int, items []world.Item)
	note = func(pos int, items []world.Item) {
		for i := range items {
			it := &items[i]
			if it.Sort == component.SortInstance {
				note(pos, it.Items)
			}
			for _, t := range []*ctypes.Type{it.Type, it.Ident} {
				if _, ok := in.firstType[t]; t != nil && !ok {
					in.firstType[t] = pos
				}
			}
			if _, ok := in.firstResource[it.Resource]; it.Resource != nil && !ok {
				in.firstResource[it.Resource] = pos
			}
		}
	}
	for pos := range in.World.Imports {
		note(pos, in.World.Imports[pos:pos+1])
	}
}

// group finds or makes the import of the result for an import.
func (l *linker) group(in *input, pos int) *group {
	it := &in.World.Imports[pos]
	key, version := it.Name, ""
	if n, err := extname.Parse(it.Name); err == nil && n.Kind == extname.Interface && n.Version != "" {
		key, version = n.ID()+"@"+extname.Track(n.Version), fullVersion(n, it)
	}
	g := l.byKey[key]
	if g == nil {
		g = &group{name: it.Name, version: version, node: &node{name: it.Name, attr: it.Attributes, sort: it.Sort, in: in, item: it}}
		l.byKey[key] = g
		l.groups = append(l.groups, g)
	} else if newer(version, g.version) {
		g.name, g.version, g.node.attr = it.Name, version, it.Attributes
	}
	g.members = append(g.members, member{in, pos})
	return g
}

// gather adds an import's items to a group, joining their types with those of other members.
func (l *linker) gather(pairs []comparison, s site, n *node, it *world.Item, origins map[*ctypes.Resource]*origin) ([]comparison, error) {
	if n.item != it {
		if it.Sort != n.sort {
			return pairs, s.err("%s%s imports %s, %s %s", s.where("item"), s.in.label(), aSort(it.Sort), n.in.label(), aSort(n.sort))
		}
		c := comparison{s, it, n.in, n.item, "imports"}
		if err := l.joinTypes(&c, origins); err != nil {
			return pairs, err
		}
		pairs = append(pairs, c)
	}
	for i := range it.Items {
		sub := &it.Items[i]
		c := n.child(sub.Name)
		if c == nil {
			c = &node{name: sub.Name, attr: sub.Attributes, sort: sub.Sort, in: s.in, item: sub}
			n.children = append(n.children, c)
		}
		var err error
		if pairs, err = l.gather(pairs, s.down(sub.Name), c, sub, origins); err != nil {
			return pairs, err
		}
	}
	return pairs, nil
}

// pair matches an import with the export that supplies it: the export must have every item that the import asks for.
func (l *linker) pair(pairs []comparison, c comparison, origins map[*ctypes.Resource]*origin) ([]comparison, error) {
	if c.it.Sort != c.theirs.Sort {
		return pairs, c.site.err("%s%s expects %s, %s exports %s as %q", c.site.where("item"), c.site.in.label(), aSort(c.it.Sort),
			c.other.label(), aSort(c.theirs.Sort), c.theirs.Name)
	}
	if err := l.joinTypes(&c, origins); err != nil {
		return pairs, err
	}
	pairs = append(pairs, c)
	if c.it.Sort != component.SortInstance {
		return pairs, nil
	}
	theirs := c.other.items(c.theirs)
	for i := range c.it.Items {
		sub := &c.it.Items[i]
		s := c.site.down(sub.Name)
		e := find(theirs, sub.Name)
		if e == nil {
			return pairs, s.err("%s%s expects it, but %s exports %q without it: it has %s", s.where(sortName(sub.Sort)), s.in.label(),
				c.other.label(), c.theirs.Name, names(theirs))
		}
		var err error
		if pairs, err = l.pair(pairs, comparison{s, sub, c.other, e, c.verb}, origins); err != nil {
			return pairs, err
		}
	}
	return pairs, nil
}

// origin is where a resource type comes from: an input that defines it, or the outside of the result.
type origin struct {
	in   *input
	def  *ctypes.Resource // nil for the outside
	name string
}

func (o *origin) String() string {
	if o.def != nil {
		return "defined by " + o.in.label()
	}
	return fmt.Sprintf("imported from outside by %s as %q", o.in.label(), o.name)
}

// originOf gives the origin of an input's resource type; nil for one that another input supplies.
func (l *linker) originOf(in *input, r *ctypes.Resource) *origin {
	path, outside := in.World.Outside[r]
	if !outside {
		return &origin{in: in, def: r}
	}
	if pos, ok := in.firstResource[r]; ok && in.wires[pos].provider >= 0 {
		return nil
	}
	return &origin{in: in, name: strings.Join(path, "/")}
}

// joinTypes joins the type or resource type of an item with the other side's.
func (l *linker) joinTypes(c *comparison, origins map[*ctypes.Resource]*origin) error {
	a, b := c.theirs, c.it
	switch {
	case a.Resource != nil && b.Resource != nil:
		known := func(in *input, r *ctypes.Resource) *origin {
			root := l.resources.find(r)
			if _, ok := origins[root]; !ok {
				origins[root] = l.originOf(in, r)
			}
			return origins[root]
		}
		oa, ob := known(c.other, a.Resource), known(c.site.in, b.Resource)
		if oa != nil && ob != nil && oa.def != ob.def {
			return c.site.err("%sthe resource type is %v for %s, but %v where %s %s it", c.site.where("type"), ob, c.site.in.label(), oa, c.other.label(), c.verb).
				WithHint("let both come from the same component")
		}
		if oa == nil {
			oa = ob
		}
		l.resources.join(a.Resource, b.Resource)
		if a.Ident != nil && b.Ident != nil {
			l.types.join(a.Ident, b.Ident)
		}
		origins[l.resources.find(a.Resource)] = oa
	case a.Type != nil && b.Type != nil:
		if !shared(a.Type) && !shared(b.Type) {
			l.types.join(a.Type, b.Type)
		}
	}
	return nil
}

// agree checks that the two sides of an item have equal types.
func (l *linker) agree(c *comparison) error {
	differ := func(what, ours, theirs, detail string) error {
		if detail != "" {
			detail = "; the difference: " + detail
		}
		return c.site.err("%s%s expects %s, %s %s %s%s", c.site.where(what), c.site.in.label(), ours, c.other.label(), c.verb, theirs, detail)
	}
	switch c.it.Sort {
	case component.SortFunc:
		a, b := c.it.FuncType, c.theirs.FuncType
		if !l.equalFuncs(a, b) {
			return differ("function", a.String(), b.String(), l.differ(a, b))
		}
	case component.SortType:
		switch a, b := c.it, c.theirs; {
		case (a.Resource != nil) != (b.Resource != nil):
			return differ("type", describe(a), describe(b), "")
		case a.Type != nil && !l.equalTypes(a.Type, b.Type):
			return differ("type", describe(a), describe(b), l.differTypes(a.Type, b.Type, 0))
		}
	}
	return nil
}

func describe(it *world.Item) string {
	if it.Resource != nil {
		return "a resource type"
	}
	return it.Type.String()
}

// shared says whether t stands for all direct uses of a primitive type, not for a definition.
func shared(t *ctypes.Type) bool { return t.Kind <= ctypes.ErrorContext && ctypes.Prims[t.Kind] == t }

// sortName and aSort are how messages call what an item is.
func sortName(s component.Sort) string {
	if s == component.SortFunc {
		return "function"
	}
	return s.String()
}

func aSort(s component.Sort) string {
	if s == component.SortInstance {
		return "an " + sortName(s)
	}
	return "a " + sortName(s)
}
