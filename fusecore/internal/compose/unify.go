// This file implements the unification of types: types with the same name on both sides of an argument, or in all
// arguments that share an import, become one type, on which both sides must agree.

package compose

import (
	"fmt"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// unifier collects the comparisons to make, and the origins of resource types, by representative.
type unifier struct {
	*composer
	pairs   []comparison
	origins map[*ctypes.Resource]*origin
}

// comparison is one item that two instances must agree on.
type comparison struct {
	site   site
	item   *world.Item
	other  *instance
	theirs *world.Item
	verb   string // what the other side does: "exports" or "imports"
}

// unify creates the imports of the result, joins types and checks that both sides agree. It joins all resource types
// first, because the equality of other types depends on them.
func (c *composer) unify() error {
	u := &unifier{composer: c, origins: map[*ctypes.Resource]*origin{}}
	for _, in := range c.instances {
		for pos := range in.args {
			if err := u.argument(in, pos); err != nil {
				return err
			}
		}
	}
	for i := range u.pairs {
		if err := u.agree(&u.pairs[i]); err != nil {
			return err
		}
	}
	return u.checkOutside()
}

// argument joins the types of one argument with those of its supplier.
func (u *unifier) argument(in *instance, pos int) error {
	a, it := &in.args[pos], &in.world.Imports[pos]
	s := site{in: in, name: it.Name}
	switch {
	case a.from != nil:
		if err := u.supply(comparison{s, it, a.from, a.item, "exports"}); err != nil || len(in.needed[pos]) == 0 {
			return err
		}
		it = in.kept(pos)
	case !in.outside(pos):
		return nil
	}
	a.merged = u.merged(in, pos)
	return u.contribute(s, a.merged.node, it)
}

// contribute adds an import's items to an import of the result, joining their types with those of other contributors.
func (u *unifier) contribute(s site, n *node, it *world.Item) error {
	if n.item != it {
		if it.Sort != n.sort {
			return s.differ(aSort(it.Sort), aSort(n.sort), "%s%s imports %s, %s %s", s.where("item"), s.in.label(), aSort(it.Sort), n.in.label(), aSort(n.sort))
		}
		p := comparison{s, it, n.in, n.item, "imports"}
		if err := u.join(&p); err != nil {
			return err
		}
		u.pairs = append(u.pairs, p)
	}
	for i := range it.Items {
		sub := &it.Items[i]
		c := n.child(sub.Name)
		if c == nil {
			c = &node{name: sub.Name, attr: sub.Attributes, sort: sub.Sort, in: s.in, item: sub}
			n.children = append(n.children, c)
		}
		if err := u.contribute(s.down(sub.Name), c, sub); err != nil {
			return err
		}
	}
	return nil
}

// supply matches an import with the item that supplies it, which must have every item that the import requires.
func (u *unifier) supply(p comparison) error {
	if p.item.Sort != p.theirs.Sort {
		ours, theirs := aSort(p.item.Sort), aSort(p.theirs.Sort)
		return p.site.differ(ours, theirs, "%s%s expects %s, %s exports %s as %q", p.site.where("item"), p.site.in.label(), ours,
			p.other.label(), theirs, p.theirs.Name)
	}
	if err := u.join(&p); err != nil {
		return err
	}
	u.pairs = append(u.pairs, p)
	if p.item.Sort != component.SortInstance {
		return nil
	}
	theirs := p.other.world.ItemsOf(p.theirs)
	for i := range p.item.Items {
		sub := &p.item.Items[i]
		s := p.site.down(sub.Name)
		e := world.Find(theirs, sub.Name)
		if e == nil {
			it, has := s.where(sortName(sub.Sort)), world.Names(theirs)
			return s.differ(strings.TrimSuffix(it, ": "), has, "%s%s expects it, but %s exports %q without it: it has %s", it, s.in.label(),
				p.other.label(), p.theirs.Name, has)
		}
		if err := u.supply(comparison{s, sub, p.other, e, p.verb}); err != nil {
			return err
		}
	}
	return nil
}

// origin is where a resource type comes from: an instance that defines it, or outside.
type origin struct {
	in   *instance
	def  *ctypes.Resource // nil if it is from outside
	name string
}

func (o *origin) String() string {
	if o.def != nil {
		return "defined by " + o.in.label()
	}
	return fmt.Sprintf("imported from outside by %s as %q", o.in.label(), o.name)
}

// originOf returns the origin of the set of an instance's resource type, or nil if another instance supplies it.
func (u *unifier) originOf(in *instance, r *ctypes.Resource) *origin {
	root := u.resources.find(r)
	o, known := u.origins[root]
	if known {
		return o
	}
	if path, outside := in.world.Outside[r]; !outside {
		o = &origin{in: in, def: r}
	} else if pos, ok := in.firstResource[r]; !ok || in.args[pos].from == nil {
		o = &origin{in: in, name: strings.Join(path, "/")}
	}
	u.origins[root] = o
	return o
}

// join joins the type or resource type of an item with the other side's.
func (u *unifier) join(p *comparison) error {
	a, b := p.theirs, p.item
	switch {
	case a.Resource != nil && b.Resource != nil:
		oa, ob := u.originOf(p.other, a.Resource), u.originOf(p.site.in, b.Resource)
		if oa != nil && ob != nil && oa.def != ob.def {
			return p.site.differ(ob.String(), oa.String(), "%sthe resource type is %v for %s, but %v where %s %s it", p.site.where("type"), ob, p.site.in.label(), oa, p.other.label(), p.verb).
				WithHint("let both come from the same component")
		}
		if oa == nil {
			oa = ob
		}
		u.resources.join(a.Resource, b.Resource)
		if a.Ident != nil && b.Ident != nil {
			u.types.join(a.Ident, b.Ident)
		}
		u.origins[u.resources.find(a.Resource)] = oa
	case a.Type != nil && b.Type != nil:
		if !a.Type.Shared() && !b.Type.Shared() {
			u.types.join(a.Type, b.Type)
		}
	}
	return nil
}

// agree checks that the two sides of an item have equal types.
func (u *unifier) agree(p *comparison) error {
	differ := func(what, ours, theirs, detail string) error {
		if detail != "" {
			detail = "; the difference: " + detail
		}
		return p.site.differ(ours, theirs, "%s%s expects %s, %s %s %s%s", p.site.where(what), p.site.in.label(), ours, p.other.label(), p.verb, theirs, detail)
	}
	a, b := p.item, p.theirs
	switch {
	case a.Sort == component.SortFunc:
		if !u.equal.Funcs(a.FuncType, b.FuncType) {
			return differ("function", a.FuncType.String(), b.FuncType.String(), u.differ(a.FuncType, b.FuncType))
		}
	case a.Sort != component.SortType:
	case (a.Resource != nil) != (b.Resource != nil) || (a.Def != nil) != (b.Def != nil):
		return differ("type", describe(a), describe(b), "")
	case a.Type != nil && !u.equal.Types(a.Type, b.Type):
		return differ("type", describe(a), describe(b), u.differTypes(a.Type, b.Type, 0))
	}
	return nil
}

func describe(it *world.Item) string {
	switch {
	case it.Resource != nil:
		return "a resource type"
	case it.Def != nil:
		return "a type of functions, instances or components"
	}
	return it.Type.String()
}

// sortName and aSort return the words of messages for an item's sort.
func sortName(s component.Sort) string {
	switch s {
	case component.SortFunc:
		return "function"
	case component.SortCore:
		return "core module"
	}
	return s.String()
}

func aSort(s component.Sort) string {
	if s == component.SortInstance {
		return "an " + sortName(s)
	}
	return "a " + sortName(s)
}
