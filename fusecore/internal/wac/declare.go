// This file implements the declarations of a document, which are in WIT, as types.

package wac

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/ctypes"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
	"github.com/wasmfuse/rules_wasm_fuse/internal/witsyntax"
)

// scope is the body of an interface or world, or the document itself, where names of types are declared.
type scope struct {
	d          *document
	names      map[string]*typ // nil for the document, whose names are its own
	deps, root []world.Item    // what the types use of other interfaces, and of the document
	order      []string
}

func (d *document) scope() *scope { return &scope{d: d, names: map[string]*typ{}} }

// declare adds a name.
func (s *scope) declare(pos witsyntax.Pos, name string, t *typ) error {
	if s.names[name] != nil {
		return s.d.errf(pos, "`%s` is already declared here", name).WithHint("choose another name")
	}
	s.names[name] = t
	s.order = append(s.order, name)
	return nil
}

// find returns the type with a name, here or in the document.
func (s *scope) find(pos witsyntax.Pos, name string) (*typ, error) {
	if t := s.names[name]; t != nil {
		return t, nil
	}
	b := s.d.root[name]
	if b == nil {
		return nil, s.d.errf(pos, "undefined type `%s`", name).
			WithHint("%s", nearest(name, append(s.order, s.d.order...), "declare it before its use"))
	}
	t := b.value.typ
	if t == nil {
		return nil, s.d.errf(pos, "`%s` is %s, not a type", name, &b.value)
	}
	for _, r := range t.root {
		addDep(&s.root, r)
	}
	return t, nil
}

// iface resolves the body of an interface.
func (d *document) iface(body *witsyntax.Interface, id string) (*iface, error) {
	s := d.scope()
	out := &iface{id: id}
	add := func(pos witsyntax.Pos, it world.Item) error {
		if clash(out.items, it.Name) != nil {
			return d.errf(pos, "the interface already has `%s`", clash(out.items, it.Name).Name).WithHint("choose another name")
		}
		out.items = append(out.items, it)
		return nil
	}
	for _, item := range body.Items {
		switch item := item.(type) {
		case *witsyntax.Use:
			if err := s.use(item, add); err != nil {
				return nil, err
			}
		case *witsyntax.TypeDef:
			if err := s.typeDef(item, add); err != nil {
				return nil, err
			}
		case *witsyntax.Func:
			f, err := s.fn(&item.Type, item.Pos)
			if err != nil {
				return nil, err
			}
			if err := add(item.Pos, world.Item{Name: item.Name, Sort: component.SortFunc, FuncType: f}); err != nil {
				return nil, err
			}
		}
	}
	out.deps, out.root = s.deps, s.root
	return out, nil
}

// use adds types of another interface.
func (s *scope) use(u *witsyntax.Use, add func(witsyntax.Pos, world.Item) error) error {
	t, err := s.d.path(&u.Path)
	if err != nil {
		return err
	}
	if t.iface == nil {
		return s.d.errf(u.Path.Pos, "`%s` is %s, not an interface", u.Path, t).WithHint("types are used from an interface")
	}
	if t.iface.id == "" {
		return s.d.errf(u.Path.Pos, "`%s` has no name outside: its types cannot be used", u.Path).WithHint("declare an interface")
	}
	for _, n := range u.Names {
		it := world.Find(t.iface.items, n.Name)
		switch {
		case it == nil:
			return s.d.errf(n.Pos, "interface `%s` has no type `%s`", u.Path, n.Name).WithHint("%s", nearest(n.Name, itemNames(typesOf(t.iface.items)), "it has the types "+world.Names(typesOf(t.iface.items))))
		case it.Sort != component.SortType || it.Def != nil:
			return s.d.errf(n.Pos, "`%s` of interface `%s` is not a value type or resource type", n.Name, u.Path)
		}
		name := n.As
		if name == "" {
			name = n.Name
		}
		out := renamed(it, name)
		if err := s.declare(n.Pos, name, &typ{item: &out}); err != nil {
			return err
		}
		if err := add(n.Pos, out); err != nil {
			return err
		}
	}
	s.uses(t.iface)
	return nil
}

// uses records an interface whose types are used.
func (s *scope) uses(i *iface) {
	for _, r := range i.root {
		addDep(&s.root, r)
	}
	for _, dep := range i.deps {
		addDep(&s.deps, dep)
	}
	addDep(&s.deps, world.Item{Name: i.id, Sort: component.SortInstance, Items: typesOf(i.items)})
}

// typeDef declares a type, and the functions of a resource.
func (s *scope) typeDef(def *witsyntax.TypeDef, add func(witsyntax.Pos, world.Item) error) error {
	t, err := s.defined(def)
	if err != nil {
		return err
	}
	if err := s.declare(def.Pos, def.Name, t); err != nil {
		return err
	}
	it := world.Item{Name: def.Name, Sort: component.SortType, Def: &world.Def{Func: t.fn}}
	if t.item != nil {
		it = *t.item
	}
	if err := add(def.Pos, it); err != nil {
		return err
	}
	for _, f := range def.Funcs {
		ft, err := s.fn(&f.Type, f.Pos)
		if err != nil {
			return err
		}
		out := world.Item{Sort: component.SortFunc, FuncType: ft}
		switch f.Kind {
		case witsyntax.Constructor:
			out.Name = "[constructor]" + def.Name
			if ft.Result == nil {
				ft.Result = t.use()
			}
		case witsyntax.Static:
			out.Name = "[static]" + def.Name + "." + f.Name
		default:
			out.Name = "[method]" + def.Name + "." + f.Name
			self := ctypes.Field{Label: "self", Type: &ctypes.Type{Kind: ctypes.Borrow, Resource: t.item.Resource, Ident: t.item.Ident}}
			ft.Params = append([]ctypes.Field{self}, ft.Params...)
		}
		if err := add(f.Pos, out); err != nil {
			return err
		}
	}
	return nil
}

// defined resolves a type definition, which gets a new identity.
func (s *scope) defined(def *witsyntax.TypeDef) (*typ, error) {
	it := &world.Item{Name: def.Name, Sort: component.SortType}
	switch def.Kind {
	case witsyntax.Resource:
		it.Resource = &ctypes.Resource{Name: def.Name}
		it.Ident = &ctypes.Type{Kind: ctypes.ResourceType, Resource: it.Resource}
		return &typ{item: it}, nil
	case witsyntax.Alias:
		return s.alias(def)
	}
	t := &ctypes.Type{Kind: map[witsyntax.TypeKind]ctypes.Kind{witsyntax.Record: ctypes.Record, witsyntax.Variant: ctypes.Variant,
		witsyntax.Enum: ctypes.Enum, witsyntax.Flags: ctypes.Flags}[def.Kind]}
	for i := range def.Fields {
		f := &def.Fields[i]
		for _, other := range def.Fields[:i] {
			if other.Name == f.Name {
				return nil, s.d.errf(f.Pos, "%s `%s` already has `%s`", def.Kind, def.Name, f.Name).WithHint("choose another name")
			}
		}
		if def.Kind == witsyntax.Enum || def.Kind == witsyntax.Flags {
			t.Labels = append(t.Labels, f.Name)
			continue
		}
		field := ctypes.Field{Label: f.Name}
		if f.Type != nil {
			var err error
			if field.Type, err = s.typ(f.Type); err != nil {
				return nil, err
			}
		}
		t.Fields = append(t.Fields, field)
	}
	it.Type = t
	return &typ{item: it}, nil
}

// alias resolves `type name = type`.
func (s *scope) alias(def *witsyntax.TypeDef) (*typ, error) {
	if def.Func != nil {
		f, err := s.fn(def.Func, def.Pos)
		return &typ{fn: f}, err
	}
	if !def.Type.Builtin {
		t, err := s.find(def.Type.Pos, def.Type.Name)
		switch {
		case err != nil:
			return nil, err
		case t.fn != nil:
			return &typ{fn: t.fn}, nil
		case t.item == nil:
			return nil, s.d.errf(def.Type.Pos, "`%s` is %s: only value types, resource types and function types can have another name", def.Type.Name, t)
		}
		it := renamed(t.item, def.Name)
		return &typ{item: &it}, nil
	}
	t, err := s.typ(def.Type)
	if err != nil {
		return nil, err
	}
	own := *t // a definition has its own identity
	return &typ{item: &world.Item{Name: def.Name, Sort: component.SortType, Type: &own}}, nil
}

// fn resolves a function type.
func (s *scope) fn(f *witsyntax.FuncType, pos witsyntax.Pos) (*ctypes.Func, error) {
	if f.Named != nil {
		t, err := s.find(f.Named.Pos, f.Named.Text)
		if err == nil && t.fn == nil {
			err = s.d.errf(f.Named.Pos, "`%s` is %s, not a function type", f.Named.Text, t)
		}
		if err != nil {
			return nil, err
		}
		return &ctypes.Func{Async: t.fn.Async, Params: t.fn.Params, Result: t.fn.Result}, nil
	}
	out := &ctypes.Func{Async: f.Async}
	for i := range f.Params {
		p := &f.Params[i]
		for _, other := range f.Params[:i] {
			if other.Name == p.Name {
				return nil, s.d.errf(p.Pos, "the function already has a parameter `%s`", p.Name).WithHint("choose another name")
			}
		}
		t, err := s.typ(p.Type)
		if err != nil {
			return nil, err
		}
		out.Params = append(out.Params, ctypes.Field{Label: p.Name, Type: t})
	}
	if f.Result == nil {
		return out, nil
	}
	t, err := s.typ(f.Result)
	if err != nil {
		return nil, err
	}
	if t.Any(func(t *ctypes.Type) bool { return t.Kind == ctypes.Borrow }) {
		return nil, s.d.errf(f.Result.Pos, "the result of a function cannot contain a borrowed handle").WithHint("return an own handle: the name of the resource type")
	}
	out.Result = t
	return out, nil
}

// prims are the names of primitive types.
var prims = func() map[string]*ctypes.Type {
	m := map[string]*ctypes.Type{}
	for _, t := range ctypes.Prims {
		m[t.Kind.String()] = t
	}
	return m
}()

// constructors are the names of types with arguments.
var constructors = map[string]ctypes.Kind{"list": ctypes.List, "option": ctypes.Option, "tuple": ctypes.Tuple, "result": ctypes.Result,
	"map": ctypes.Map, "future": ctypes.Future, "stream": ctypes.Stream, "own": ctypes.Own, "borrow": ctypes.Borrow}

// typ resolves a use of a type.
func (s *scope) typ(t *witsyntax.Type) (*ctypes.Type, error) {
	if !t.Builtin {
		found, err := s.find(t.Pos, t.Name)
		if err == nil && found.item == nil {
			err = s.d.errf(t.Pos, "`%s` is %s, not a value type", t.Name, found)
		}
		if err != nil {
			return nil, err
		}
		return found.use(), nil
	}
	if p := prims[t.Name]; p != nil {
		return p, nil
	}
	out := &ctypes.Type{Kind: constructors[t.Name], Len: t.Length}
	if out.Kind == ctypes.Own || out.Kind == ctypes.Borrow {
		found, err := s.find(t.Args[0].Pos, t.Args[0].Name)
		if err == nil && (found.item == nil || found.item.Resource == nil) {
			err = s.d.errf(t.Args[0].Pos, "`%s` is %s, not a resource type", t.Args[0].Name, found)
		}
		if err != nil {
			return nil, err
		}
		out.Resource, out.Ident = found.item.Resource, found.item.Ident
		return out, nil
	}
	if t.Length > 0 {
		out.Kind = ctypes.FixedList
	}
	args := make([]*ctypes.Type, len(t.Args))
	for i, a := range t.Args {
		if a == nil {
			continue
		}
		var err error
		if args[i], err = s.typ(a); err != nil {
			return nil, err
		}
	}
	switch out.Kind {
	case ctypes.Tuple:
		out.Types = args
	case ctypes.Map:
		out.Key, out.Elem = args[0], args[1]
	default:
		if len(args) > 0 {
			out.Elem = args[0]
		}
		if len(args) > 1 {
			out.Err = args[1]
		}
	}
	return out, nil
}

// clash returns the item that makes a name impossible for another, or nil (Explainer.md, "Name Uniqueness").
func clash(items []world.Item, name string) *world.Item {
	key := extname.Canonical(name)
	for i := range items {
		if extname.Canonical(items[i].Name) == key {
			return &items[i]
		}
	}
	return nil
}

func itemNames(items []world.Item) (names []string) {
	for i := range items {
		names = append(names, items[i].Name)
	}
	return names
}
