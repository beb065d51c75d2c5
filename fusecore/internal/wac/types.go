// This file implements types: those that a document declares, and the interfaces and worlds of packages.

package wac

import (
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// iface is an interface. Its items may use types of deps, imports that come before it, and of types that the document
// declares, which are in root, in order.
type iface struct {
	id         string // its full name, or empty for one that is written where it is used
	deps, root []world.Item
	items      []world.Item
}

// worldType is a world.
type worldType struct {
	id               string
	imports, exports []world.Item
}

// typ is a type. One of its fields is set.
type typ struct {
	item  *world.Item // a value type or resource type, as an item with its name
	root  []world.Item
	fn    *ctypes.Func
	iface *iface
	world *worldType
}

func (t *typ) String() string {
	switch {
	case t.fn != nil:
		return "a function type"
	case t.iface != nil:
		return "an interface"
	case t.world != nil:
		return "a world"
	case t.item.Resource != nil:
		return "a resource type"
	}
	return "a value type"
}

// use returns a value type as other types refer to it: a resource type is used by an own handle.
func (t *typ) use() *ctypes.Type {
	if t.item.Resource != nil {
		return &ctypes.Type{Kind: ctypes.Own, Resource: t.item.Resource, Ident: t.item.Ident}
	}
	return t.item.Type
}

// renamed returns an item that is another name of a type item.
func renamed(it *world.Item, name string) world.Item {
	out := world.Item{Name: name, Sort: component.SortType}
	switch {
	case it.Resource != nil:
		out.Resource = it.Resource
		out.Ident = &ctypes.Type{Kind: ctypes.ResourceType, Resource: it.Resource, Of: it.Ident}
		out.Of = it.Ident
	case it.Type != nil:
		t := *it.Type
		t.Of = it.Type
		out.Type, out.Of = &t, it.Type
	default:
		out.Def = it.Def
	}
	return out
}

// typesOf returns the types among items.
func typesOf(items []world.Item) (out []world.Item) {
	for i := range items {
		if it := &items[i]; it.Sort == component.SortType && it.Def == nil {
			out = append(out, *it)
		}
	}
	return out
}

// addDep adds an item to those that others use, unless it is there.
func addDep(deps *[]world.Item, it world.Item) {
	if !slices.ContainsFunc(*deps, func(d world.Item) bool {
		return d.Name == it.Name && d.Type == it.Type && (len(d.Items) == 0 || len(it.Items) > 0 && sameType(&d.Items[0], &it.Items[0]))
	}) {
		*deps = append(*deps, it)
	}
}

func sameType(a, b *world.Item) bool { return a.Type == b.Type && a.Resource == b.Resource }

// usedBy returns those of the earlier imports, with their types only, whose types an item uses.
func usedBy(it *world.Item, earlier []world.Item) (deps []world.Item) {
	types, resources := map[*ctypes.Type]bool{}, map[*ctypes.Resource]bool{}
	note := func(t *ctypes.Type) {
		for ; t != nil && !types[t]; t = t.Of {
			types[t] = true
			if t.Resource != nil {
				resources[t.Resource] = true
			}
			for of := t.Ident; of != nil; of = of.Of {
				types[of] = true
			}
		}
	}
	seen := ctypes.Seen{}
	var uses func(*world.Item)
	uses = func(it *world.Item) {
		if it.FuncType != nil {
			for t := range seen.WalkFunc(it.FuncType) {
				note(t)
			}
		}
		if it.Type != nil {
			for t := range seen.Walk(it.Type) {
				note(t)
			}
		}
		note(it.Of)
		note(it.Ident)
		if it.Resource != nil {
			resources[it.Resource] = true
		}
		for i := range it.Items {
			uses(&it.Items[i])
		}
	}
	uses(it)
	var names func([]world.Item) bool
	names = func(items []world.Item) bool {
		return slices.ContainsFunc(items, func(it world.Item) bool {
			return it.Type != nil && types[it.Type] || it.Resource != nil && resources[it.Resource] || names(it.Items)
		})
	}
	for i := len(earlier) - 1; i >= 0; i-- {
		if e := earlier[i : i+1]; names(e) {
			dep := e[0]
			dep.Items = typesOf(dep.Items)
			deps = append(deps, dep)
			uses(&dep)
		}
	}
	slices.Reverse(deps)
	return deps
}

// item returns the interface as an import or export with a name.
func (i *iface) item(name string) world.Item {
	return world.Item{Name: name, Sort: component.SortInstance, Items: i.items}
}

// def returns the type that a document's declaration of an interface exports (WIT.md, "Package Format"). Types of the
// document that it uses are its own: it imports them.
func (i *iface) def() *world.Def {
	w := (&world.World{Imports: slices.Concat(i.root, i.deps), Exports: []world.Item{i.item(i.id)}}).Clone()
	return &world.Def{Imports: w.Imports, Exports: w.Exports}
}

// def is like that of an interface.
func (w *worldType) def() *world.Def {
	own := (&world.World{Imports: w.imports, Exports: w.exports}).Clone()
	return &world.Def{Exports: []world.Item{{Name: w.id, Sort: component.SortComponent, Def: &world.Def{Imports: own.Imports, Exports: own.Exports}}}}
}

// path finds what a path names: something that the document declares, or an interface or world of a package, or inside of
// one.
func (d *document) path(p *witsyntax.UsePath) (*typ, error) {
	if p.Package == nil {
		v, err := d.lookup(witsyntax.Name{Pos: p.Pos, Text: p.Name})
		if err != nil {
			return nil, err
		}
		if v.typ == nil {
			return nil, d.errf(p.Pos, "`%s` is %s, not a type", p.Name, v)
		}
		return v.typ, nil
	}
	segments := append(slices.Clone(p.Package.Names[1:]), p.Name)
	if p.Package.String() == d.Package.Name.String() || p.Package.Version == "" && p.Package.ID() == d.Package.Name.ID() {
		t, err := d.path(&witsyntax.UsePath{Pos: p.Pos, Name: segments[0]})
		if err != nil {
			return nil, err
		}
		return d.inside(p, t, segments[1:])
	}
	id := strings.Join(p.Package.Namespaces, ":") + ":" + p.Package.Names[0] + "/" + segments[0]
	full := id
	if p.Package.Version != "" {
		full += "@" + p.Package.Version
	}
	switch found := d.types.find(full); {
	case len(found) == 1:
		found[0].from.used = true
		return d.inside(p, &typ{iface: found[0].iface, world: found[0].world}, segments[1:])
	case len(found) > 1:
		var names []string
		for _, e := range found {
			names = append(names, e.name)
		}
		return nil, d.errf(p.Pos, "`%s` has several versions: %s", full, strings.Join(names, ", ")).WithHint("name one of them")
	}
	hint := "add a WIT package in binary form that has it"
	for _, e := range d.types.entries {
		if other, version, ok := strings.Cut(e.name, "@"); ok && other == id && p.Package.Version != "" {
			return nil, d.errf(p.Pos, "no input has version %s of `%s`", p.Package.Version, id).WithHint("%s has version %s", e.from.Label, version)
		}
	}
	return nil, d.errf(p.Pos, "no input has an interface or world `%s`", full).WithHint("%s", nearest(full, d.types.names(), hint))
}

// inside follows the rest of a path.
func (d *document) inside(p *witsyntax.UsePath, t *typ, segments []string) (*typ, error) {
	for _, s := range segments {
		var items []world.Item
		switch {
		case t.iface != nil:
			items = t.iface.items
		case t.world != nil:
			items = t.world.exports
		}
		it := world.Find(items, s)
		if it == nil {
			return nil, d.errf(p.Pos, "%s has no `%s`", t, s).WithHint("it has %s", world.Names(items))
		}
		switch {
		case it.Sort == component.SortInstance:
			t = &typ{iface: &iface{id: it.Name, items: it.Items}}
		case it.FuncType != nil:
			t = &typ{fn: it.FuncType}
		default:
			t = &typ{item: it}
		}
	}
	return t, nil
}

// target returns the world that a path names.
func (d *document) target(p *witsyntax.UsePath) (*world.World, error) {
	t, err := d.path(p)
	if err != nil {
		return nil, err
	}
	if t.world == nil {
		return nil, d.errf(p.Pos, "`%s` is %s, not a world", p, t).WithHint("a composition targets a world")
	}
	return declared(t.world.imports, t.world.exports), nil
}

// declared returns a world of its own with some imports and exports: its types are no other's.
func declared(imports, exports []world.Item) *world.World {
	w := &world.World{Imports: imports, Exports: exports, Outside: map[*ctypes.Resource][]string{}}
	var outside func([]world.Item, []string)
	outside = func(items []world.Item, path []string) {
		for i := range items {
			it := &items[i]
			at := append(slices.Clone(path), it.Name)
			if r := it.Resource; r != nil && w.Outside[r] == nil {
				w.Outside[r] = at
			}
			outside(it.Items, at)
		}
	}
	outside(imports, nil)
	return w.Clone()
}
