// This file implements the worlds that a document declares, and its type statements.

package wac

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/compose"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// worldScope is the body of a world.
type worldScope struct {
	*scope
	out *worldType
	// implied are the interfaces that are imported because of their types only.
	implied map[string]bool
}

// world resolves the body of a world.
func (d *document) world(body *witsyntax.World, id string) (*worldType, error) {
	w := &worldScope{d.scope(), &worldType{id: id}, map[string]bool{}}
	for _, item := range body.Items {
		var err error
		switch item := item.(type) {
		case *witsyntax.Use:
			err = w.typed(func(add func(witsyntax.Pos, world.Item) error) error { return w.use(item, add) })
		case *witsyntax.TypeDef:
			err = w.typed(func(add func(witsyntax.Pos, world.Item) error) error { return w.typeDef(item, add) })
		case *witsyntax.Extern:
			err = w.extern(item)
		case *witsyntax.Include:
			err = w.include(item)
		}
		if err != nil {
			return nil, err
		}
	}
	return w.out, nil
}

// typed imports the types that declare adds, after the interfaces that they come from.
func (w *worldScope) typed(declare func(add func(witsyntax.Pos, world.Item) error) error) error {
	type at struct {
		pos witsyntax.Pos
		it  world.Item
	}
	var types []at
	if err := declare(func(pos witsyntax.Pos, it world.Item) error {
		types = append(types, at{pos, it})
		return nil
	}); err != nil {
		return err
	}
	w.flush()
	for _, t := range types {
		if err := w.add(t.pos, false, t.it); err != nil {
			return err
		}
	}
	return nil
}

// flush imports the types of the document and the interfaces whose types have been used.
func (w *worldScope) flush() {
	for _, r := range w.root {
		if was := world.Find(w.out.imports, r.Name); was == nil {
			w.out.imports = append(w.out.imports, r)
		}
	}
	w.root = nil
	for _, dep := range w.deps {
		if world.Find(w.out.imports, dep.Name) == nil {
			w.out.imports = append(w.out.imports, dep)
			w.implied[dep.Name] = true
		}
	}
	w.deps = nil
}

// add adds an import or export. A whole interface takes the place of its types.
func (w *worldScope) add(pos witsyntax.Pos, export bool, it world.Item) error {
	list, what := &w.out.imports, "imports"
	if export {
		list, what = &w.out.exports, "exports"
	}
	if was := clash(*list, it.Name); was != nil {
		if !export && w.implied[it.Name] {
			*was = it
			delete(w.implied, it.Name)
			return nil
		}
		return w.d.errf(pos, "the world already %s `%s`", what, was.Name).WithHint("remove one of the two, or choose another name")
	}
	*list = append(*list, it)
	return nil
}

func (w *worldScope) extern(x *witsyntax.Extern) error {
	it := world.Item{Name: x.Name, Sort: component.SortFunc}
	var in *iface
	switch {
	case x.Func != nil:
		f, err := w.fn(x.Func, x.Pos)
		if err != nil {
			return err
		}
		it.FuncType = f
	case x.Interface != nil:
		i, err := w.d.iface(x.Interface, "")
		if err != nil {
			return err
		}
		in = i
	default:
		t, err := w.externPath(x.Path)
		if err != nil {
			return err
		}
		switch {
		case t.iface != nil:
			in = t.iface
		case t.fn != nil && x.Name != "":
			it.FuncType = t.fn
			for _, r := range t.root {
				addDep(&w.root, r)
			}
		default:
			return w.d.errf(x.Path.Pos, "`%s` is %s: a world imports and exports interfaces and functions", x.Path, t)
		}
	}
	if in != nil {
		if it = in.item(x.Name); x.Name == "" {
			it.Name = in.id
		}
		for _, r := range in.root {
			addDep(&w.root, r)
		}
		for _, dep := range in.deps {
			if !x.Export || world.Find(w.out.exports, dep.Name) == nil {
				addDep(&w.deps, dep)
			}
		}
	}
	w.flush()
	return w.add(x.Pos, x.Export, it)
}

// externPath finds what a path in a world names, which may be a type of the world itself.
func (w *worldScope) externPath(p *witsyntax.UsePath) (*typ, error) {
	if t := w.names[p.Name]; p.Package == nil && t != nil {
		return t, nil
	}
	return w.d.path(p)
}

// include adds the imports and exports of another world.
func (w *worldScope) include(inc *witsyntax.Include) error {
	t, err := w.d.path(&inc.Path)
	if err != nil {
		return err
	}
	if t.world == nil {
		return w.d.errf(inc.Path.Pos, "`%s` is %s, not a world", inc.Path, t).WithHint("only worlds can be included")
	}
	as := map[string]string{}
	for _, r := range inc.With {
		if as[r.Name] != "" {
			return w.d.errf(r.Pos, "`%s` is already renamed", r.Name)
		}
		if world.Find(t.world.imports, r.Name) == nil && world.Find(t.world.exports, r.Name) == nil {
			return w.d.errf(r.Pos, "world `%s` neither imports nor exports `%s`", inc.Path, r.Name).
				WithHint("%s", nearest(r.Name, append(itemNames(t.world.imports), itemNames(t.world.exports)...), "interfaces keep their names"))
		}
		as[r.Name] = r.As
	}
	for _, list := range []struct {
		export bool
		items  []world.Item
	}{{false, t.world.imports}, {true, t.world.exports}} {
		for _, it := range list.items {
			if n := as[it.Name]; n != "" {
				it.Name = n
			}
			mine := w.out.imports
			if list.export {
				mine = w.out.exports
			}
			if was := world.Find(mine, it.Name); was != nil && sameItem(was, &it) && (list.export || !w.implied[it.Name]) {
				continue // both have it
			}
			if err := w.add(inc.Pos, list.export, it); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameItem reports whether two imports or exports with one name are the same interface or type.
func sameItem(a, b *world.Item) bool {
	return a.Sort == b.Sort && (a.Sort == component.SortInstance || a.Sort == component.SortType && sameType(a, b))
}

// typeStatement declares a type of the document, which the result exports.
func (d *document) typeStatement(s witsyntax.Statement) error {
	var pos witsyntax.Pos
	var name string
	t := &typ{}
	it := world.Item{Sort: component.SortType}
	var err error
	switch s := s.(type) {
	case *witsyntax.Interface:
		pos, name = s.Pos, s.Name
		if t.iface, err = d.iface(s, d.id(s.Name)); err == nil {
			it.Def = t.iface.def()
		}
	case *witsyntax.World:
		pos, name = s.Pos, s.Name
		if t.world, err = d.world(s, d.id(s.Name)); err == nil {
			it.Def = t.world.def()
		}
	case *witsyntax.TypeDef:
		pos, name = s.Pos, s.Name
		sc := d.scope()
		if t, err = sc.defined(s); err != nil {
			return err
		}
		t.root = sc.root
		if it.Def = (&world.Def{Func: t.fn}); t.item != nil {
			it = *t.item
			t.root = append(t.root, it)
		}
	}
	if err != nil {
		return err
	}
	if was, ok := d.exports[extname.Canonical(name)]; ok {
		return d.errf(pos, "type `%s` would be exported, but line %d exports something else as `%s`", name, was.Line, name).WithHint("choose another name")
	}
	it.Name = name
	in := d.graph.Declare("type "+name, &world.World{Exports: []world.Item{it}})
	ref := compose.Alias(in, name)
	if err := d.bind(pos, name, value{item: ref, sort: component.SortType, typ: t}); err != nil {
		return err
	}
	d.exports[extname.Canonical(name)] = pos
	d.graph.Export(name, ref)
	return nil
}

// id returns the full name of something that the document declares.
func (d *document) id(name string) string {
	id := d.Package.Name.ID() + "/" + name
	if v := d.Package.Name.Version; v != "" {
		id += "@" + v
	}
	return id
}
